import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Bulkhead } from '#bulkhead';
import { type Answer, HOST, type RunningApp } from './answer.ts';

export async function startHono(
  bulkhead: Bulkhead | undefined,
  answer: Answer,
): Promise<RunningApp> {
  const app = new Hono();
  if (bulkhead !== undefined) app.use(bulkhead.hono());
  app.get('/notes', async (c) => c.json(await answer()));
  return listen(app.fetch);
}

/** A plain `fetch` handler behind the same server. */
export async function startFetch(
  bulkhead: Bulkhead | undefined,
  answer: Answer,
): Promise<RunningApp> {
  const handler = async (_request: Request): Promise<Response> => Response.json(await answer());
  return listen(bulkhead === undefined ? handler : bulkhead.fetch(handler));
}

async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<RunningApp> {
  const server = serve({ fetch, port: 0, hostname: HOST });
  if (!server.listening) await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
}
