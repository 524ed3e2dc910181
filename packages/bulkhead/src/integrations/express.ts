/**
 * Express's middleware.
 *
 * Promises: everything after it runs in the request's context, also behind parsers that lose Node's
 * async context while they read the body.
 */
import type { RequestGate } from '../identity/index.ts';
import { runInContext, type TenantContext } from '../isolation/tenant-context.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import { type NodeMessage, NodeRequest } from './node-request.ts';
import { problemOf } from './problem.ts';

/** What is used of Express's request. */
export interface ExpressRequest extends NodeMessage {
  readonly originalUrl: string;
  emit(event: string | symbol, ...values: unknown[]): boolean;
}

/** What is used of Express's response. */
export interface ExpressResponse {
  readonly headersSent: boolean;
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
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
    const enter = (context: TenantContext | null): void => {
      if (context === null) {
        next();
        return;
      }
      carryThroughBody(request, context);
      runInContext(context, next);
    };
    const refuse = (error: unknown): void => answer(error, response, next);
    let admitted: ReturnType<RequestGate['admit']>;
    try {
      // Not `request.url`: Express cuts the mount path off that one.
      admitted = gate.admit(new NodeRequest(request, request.originalUrl, request));
    } catch (error) {
      refuse(error);
      return;
    }
    if (admitted instanceof Promise) admitted.then(enter, refuse);
    else enter(admitted);
  };
}

/** `app.use(expressErrors())`, after the routes: answers for errors of Bulkhead's and passes all others on. */
export function expressErrors(): ExpressErrorMiddleware {
  // Express tells error middleware by its four parameters.
  return (error, _request, response, next) => answer(error, response, next);
}

/**
 * The body's events come from the socket, outside any context: a parser that goes on from there (multer,
 * busboy, one's own `req.on('end')`) would run its handler without one.
 */
function carryThroughBody(request: ExpressRequest, context: TenantContext): void {
  const { headers } = request;
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
  const emit = request.emit;
  request.emit = (...event) => runInContext(context, () => emit.apply(request, event));
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
