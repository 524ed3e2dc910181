import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import type { Bulkhead } from '#bulkhead';
import { type Answer, HOST, type RunningApp } from './answer.ts';

export async function startFastify(
  bulkhead: Bulkhead | undefined,
  answer: Answer,
): Promise<RunningApp> {
  const app = fastify();
  if (bulkhead !== undefined) await app.register(bulkhead.fastify());
  app.get('/notes', async () => answer());
  await app.listen({ port: 0, host: HOST });
  return { port: (app.server.address() as AddressInfo).port };
}
