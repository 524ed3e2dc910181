/**
 * Express's middleware.
 *
 * Promises: everything after it runs in the request's context, also behind parsers that lose Node's
 * async context while they read the body, and so do listeners of the request and of the response. A session's
 * next cookie goes out with whatever answers.
 */
import type { RequestGate } from '../identity/index.ts';
import type { TenantContext } from '../isolation/index.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import type { NodeResponse } from './node-answer.ts';
import { type NodeMessage, NodeRequest } from './node-request.ts';
import { type Emitter, enter, keepEvents } from './own-events.ts';
import { problemOf } from './problem.ts';

/** What is used of Express's request. */
export interface ExpressRequest extends NodeMessage, Emitter {
  readonly originalUrl: string;
}

/** What is used of Express's response. */
export interface ExpressResponse extends Emitter, NodeResponse {
  statusCode: number;
  end(body: string): unknown;
  once(event: 'close', listener: () => void): unknown;
}

export type ExpressNext = (error?: unknown) => void;
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ExpressResponse,
  next: ExpressNext,
) => void;
export type ExpressErrorMiddleware = (
  error: unknown,
  request: ExpressRequest,
  response: ExpressResponse,
  next: ExpressNext,
) => void;

/** `app.use(expressMiddleware(gate))`, before the routes it guards; body parsers may come before or after. */
export function expressMiddleware(gate: RequestGate): ExpressMiddleware {
  return (request, response, next) => {
    // Not `request.url`: Express cuts the mount path off that one.
    const asked = new NodeRequest(request, response, request.originalUrl, request);
    const goOn = (context: TenantContext | null, fn: () => void = next): void => {
      keepEvents(request, context);
      keepEvents(response, context);
      enter(context, fn);
    };
    const goOnWatched = (context: TenantContext | null): void => {
      if (gate.answered !== undefined && context !== null && gate.awaitsAnswer?.(asked) !== false) {
        response.once('close', () => gate.answered?.(asked, context, response.statusCode));
      }
      goOn(context);
    };
    const refuse = (error: unknown): void => goOn(null, () => answer(error, response, next));
    let admitted: ReturnType<RequestGate['admit']>;
    try {
      admitted = gate.admit(asked);
    } catch (error) {
      refuse(error);
      return;
    }
    if (admitted instanceof Promise) admitted.then(goOnWatched, refuse);
    else goOnWatched(admitted);
  };
}

/** `app.use(expressErrors())`, after the routes: answers for errors of Bulkhead's and passes all others on. */
export function expressErrors(): ExpressErrorMiddleware {
  // Express tells error middleware by its four parameters.
  return (error, _request, response, next) => answer(error, response, next);
}

function answer(error: unknown, response: ExpressResponse, next: ExpressNext): void {
  if (!isBulkheadError(error) || response.headersSent) {
    next(error);
    return;
  }
  const { status, headers, body } = problemOf(error);
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(body);
}
