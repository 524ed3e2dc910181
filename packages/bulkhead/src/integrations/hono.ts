/**
 * Hono's middleware.
 *
 * Promises: what comes after it runs in the request's context. Errors of Bulkhead's thrown further down
 * become problem details, whatever `app.onError` says of them.
 */
import type { RequestGate } from '../identity/index.ts';
import type { TenantContext } from '../isolation/index.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import { FetchRequest } from './fetch-request.ts';
import { enter } from './own-events.ts';
import { problemResponse } from './problem.ts';

/** What is used of Hono's context. */
export interface HonoContext {
  readonly req: { readonly raw: Request };
  res: Response;
  readonly error: Error | undefined;
}

export type HonoMiddleware = (
  context: HonoContext,
  next: () => Promise<void>,
) => Promise<Response | undefined>;

/** `app.use(honoMiddleware(gate))` */
export function honoMiddleware(gate: RequestGate): HonoMiddleware {
  return async (c, next) => {
    const asked = new FetchRequest(c.req.raw, c);
    let context: TenantContext | null = null;
    try {
      const admitted = gate.admit(asked);
      context = admitted instanceof Promise ? await admitted : admitted;
      await enter(context, next);
    } catch (error) {
      if (isBulkheadError(error)) return asked.answer(problemResponse(error));
      throw error;
    }
    // Hono has caught what a handler threw, and has answered for it with a bare 500.
    if (isBulkheadError(c.error)) {
      // Cleared first, because Hono copies the headers of the answer that it replaces.
      c.res = undefined as unknown as Response;
      c.res = problemResponse(c.error);
    }
    if (asked.adds) {
      const made = asked.answer(c.res);
      if (made !== c.res) {
        c.res = undefined as unknown as Response;
        c.res = made;
      }
    }
    gate.answered?.(asked, context, c.res.status);
    return undefined;
  };
}

/**
 * For `app.onError`: the same answers for routes that are not behind the middleware.
 *
 * @param otherwise answers for all other errors; without it they are thrown on
 */
export function honoErrors<C>(
  otherwise?: (error: Error, context: C) => Response | Promise<Response>,
): (error: Error, context: C) => Response | Promise<Response> {
  return (error, context) => {
    if (isBulkheadError(error)) return problemResponse(error);
    if (otherwise === undefined) throw error;
    return otherwise(error, context);
  };
}
