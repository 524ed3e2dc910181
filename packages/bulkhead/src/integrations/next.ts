/**
 * Wraps a route handler of Next's App Router (`export const GET = bulkhead.next(handler)`), on the
 * Node.js runtime. The Pages router's API routes are not route handlers and aren't covered.
 *
 * Promises: what `fetchHandler` does. What Next throws for `redirect()` and `notFound()` passes through.
 */
import type { RequestGate } from '../identity/index.ts';
import { fetchHandler } from './fetch.ts';

/**
 * A route handler: the request, perhaps Next's own subclass of it, and `{ params }`. Both are generic
 * because Next checks each route's exact types at build time.
 */
export type NextRouteHandler<R extends Request, C> = (
  request: R,
  context: C,
) => Response | Promise<Response>;

/** The route handler behind the gate. */
export function nextHandler<R extends Request, C>(
  gate: RequestGate,
  handler: NextRouteHandler<R, C>,
): (request: R, context: C) => Promise<Response> {
  // The wrapped handler gets the very object that came in, so the subclass is kept.
  return fetchHandler(gate, (request: Request, context: C) => handler(request as R, context));
}
