/**
 * Wraps any `(Request, …) => Response` handler.
 *
 * Promises: the handler and what it awaits run in the request's context, or it does not run.
 * Does not promise the context to code that a response's stream runs after the handler has returned.
 */
import type { RequestGate } from '../identity/index.ts';
import type { TenantContext } from '../isolation/index.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import { FetchRequest } from './fetch-request.ts';
import { enter } from './own-events.ts';
import { problemResponse } from './problem.ts';

/** A handler over the web's own types; what follows the request is the framework's. */
export type FetchHandler<Rest extends unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * The handler behind the gate. Errors of Bulkhead's, from the gate or the handler, become problem
 * details; others pass.
 */
export function fetchHandler<Rest extends unknown[]>(
  gate: RequestGate,
  handler: FetchHandler<Rest>,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const refuse = (error: unknown): Response => {
    if (isBulkheadError(error)) return problemResponse(error);
    throw error;
  };
  const refused = async (error: unknown): Promise<Response> => refuse(error);
  // No async function on the usual way: each promise less is a microsecond or two less of every request.
  const handle = (
    context: TenantContext | null,
    request: Request,
    rest: Rest,
  ): Promise<Response> => {
    try {
      const response = enter(context, () => handler(request, ...rest));
      return Promise.resolve(response).catch(refuse);
    } catch (error) {
      return refused(error);
    }
  };
  const watched = async (
    context: TenantContext | null,
    asked: FetchRequest,
    request: Request,
    rest: Rest,
  ): Promise<Response> => {
    try {
      const response = await handle(context, request, rest);
      gate.answered?.(asked, context, response.status);
      return response;
    } catch (error) {
      // What the framework answers for it, nobody here knows; that it failed, we do.
      gate.answered?.(asked, context, 500);
      throw error;
    }
  };
  return (request, ...rest) => {
    const asked = new FetchRequest(request);
    const handled = (context: TenantContext | null): Promise<Response> =>
      gate.answered === undefined || gate.awaitsAnswer?.(asked) === false
        ? handle(context, request, rest)
        : watched(context, asked, request, rest);
    const goOn = (context: TenantContext | null): Promise<Response> => {
      const response = handled(context);
      // What the gate adds it has added by now; nearly always that is nothing.
      return asked.adds ? response.then((made) => asked.answer(made)) : response;
    };
    let admitted: ReturnType<RequestGate['admit']>;
    try {
      admitted = gate.admit(asked);
    } catch (error) {
      return refused(error);
    }
    // Known at once, as nearly always, it costs no turn of the event loop.
    if (!(admitted instanceof Promise)) return goOn(admitted);
    return admitted.then(goOn, (error: unknown) => asked.answer(refuse(error)));
  };
}
