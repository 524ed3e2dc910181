/** The thin skins over the gate, one a framework. None imports its framework. */
export {
  type ExpressErrorMiddleware,
  type ExpressMiddleware,
  expressErrors,
  expressMiddleware,
} from './express.ts';
export { type FastifyPlugin, fastifyPlugin } from './fastify.ts';
export { type FetchHandler, fetchHandler } from './fetch.ts';
export { type HonoMiddleware, honoErrors, honoMiddleware } from './hono.ts';
export { type NextRouteHandler, nextHandler } from './next.ts';
export { type Problem, problemOf, problemResponse } from './problem.ts';
