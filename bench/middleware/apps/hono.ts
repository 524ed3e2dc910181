import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Bulkhead } from '#bulkhead';
import { ANSWER, HOST, type RunningApp } from './answer.ts';

export async function startHono(bulkhead: Bulkhead | undefined): Promise<RunningApp> {
  const app = new Hono();
  if (bulkhead !== undefined) app.use(bulkhead.hono());
  app.get('/notes', (c) => c.json(ANSWER));
  return listen(app.fetch);
}

/** A plain `fetch` handler behind the same server. */
export async function startFetch(bulkhead: Bulkhead | undefined): Promise<RunningApp> {
  const handler = (_request: Request): Response => Response.json(ANSWER);
  return listen(bulkhead === undefined ? handler : bulkhead.fetch(handler));
}

async function listen(
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<RunningApp> {
  const server = serve({ fetch, port: 0, hostname: HOST });
  if (!server.listening) await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
}
