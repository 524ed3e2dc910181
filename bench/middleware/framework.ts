/** The frameworks, by name; each app once with the middleware and once without. */
import type { Bulkhead } from '#bulkhead';
import type { Answer, RunningApp } from './apps/answer.ts';
import { startExpress } from './apps/express.ts';
import { startFastify } from './apps/fastify.ts';
import { startFetch, startHono } from './apps/hono.ts';

export const frameworks: Record<
  string,
  (bulkhead: Bulkhead | undefined, answer: Answer) => Promise<RunningApp>
> = {
  Express: startExpress,
  Fastify: startFastify,
  Hono: startHono,
  fetch: startFetch,
};
