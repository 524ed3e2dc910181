import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Bulkhead } from '#bulkhead';
import { type Answer, HOST, type RunningApp } from './answer.ts';

export async function startExpress(
  bulkhead: Bulkhead | undefined,
  answer: Answer,
): Promise<RunningApp> {
  const app = express();
  if (bulkhead !== undefined) app.use(bulkhead.express());
  app.get('/notes', async (_request, response) => {
    response.json(await answer());
  });
  const server = app.listen(0, HOST);
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
}
