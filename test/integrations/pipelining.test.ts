/**
 * Hazard: requests of several tenants on one connection. Behind a gateway that pipelines, Node ends a
 * response from within the one before it, and emits its events there.
 */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import {
  expressErrors,
  expressMiddleware,
  fastifyPlugin,
} from '../../packages/bulkhead/src/integrations/index.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { hasContext, slugHere, startGate } from './tenants.ts';

let issuer: Issuer;
beforeAll(async () => {
  issuer = await startIssuer();
});
afterAll(() => issuer.close());

const here = () => (hasContext() ? slugHere() : 'none');

/** What each request's listeners saw, by the request's id. */
type Seen = Record<string, Set<string>>;

function note(seen: Seen, id: string): void {
  seen[id] ??= new Set();
  seen[id].add(here());
}

const asked = [
  { id: 'slow', path: '/slow', slug: 't1' },
  { id: 'next', path: '/fast', slug: 't2' },
  { id: 'public', path: '/health', slug: 't2' },
  { id: 'refused', path: '/fast', slug: undefined },
  { id: 'body', path: '/fast', slug: 't3', body: '{"a":1}' },
  { id: 'last', path: '/fast', slug: 't4' },
];
const own = { slow: 't1', next: 't2', public: 'none', refused: 'none', body: 't3', last: 't4' };

async function pipeline(port: number): Promise<void> {
  const texts = await Promise.all(
    asked.map(async ({ id, path, slug, body }) => {
      const token = slug && (await issuer.token({ tenant: slug }));
      return [
        `${body === undefined ? 'GET' : 'POST'} ${path}?${id} HTTP/1.1`,
        `Host: ${slug ?? 't1'}.app.example`,
        ...(token ? [`Authorization: Bearer ${token}`] : []),
        ...(body ? ['Content-Type: application/json', `Content-Length: ${body.length}`] : []),
        '',
        body ?? '',
      ].join('\r\n');
    }),
  );
  const socket = connect(port, '127.0.0.1');
  let answers = '';
  socket.on('data', (chunk) => {
    answers += chunk;
  });
  socket.write(texts.join(''));
  for (let turn = 0; turn < 100; turn += 1) {
    await sleep(20);
    if (answers.split('HTTP/1.1 ').length > asked.length) break;
  }
  await sleep(50);
  socket.destroy();
}

const idOf = (url: string | undefined) => (url ?? '').split('?')[1] ?? '';
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const asSeen = (seen: Seen) =>
  Object.fromEntries(Object.entries(seen).map(([id, contexts]) => [id, [...contexts].join()]));

it('Express: listeners of a pipelined request and response run in its own context', async () => {
  const seen: Seen = {};
  const app = express();
  app.use((request, response, next) => {
    const id = idOf(request.originalUrl);
    for (const event of ['finish', 'close']) response.on(event, () => note(seen, id));
    request.on('close', () => note(seen, id));
    next();
  });
  app.use(expressMiddleware(startGate(issuer)), express.json());
  app.use(async (request, response) => {
    note(seen, idOf(request.originalUrl));
    if (request.path === '/slow') await sleep(100);
    response.send('ok');
  });
  app.use(expressErrors());
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  await pipeline(portOf(server));
  expect(asSeen(seen)).toEqual(own);
});

it('Fastify: onResponse hooks and listeners of a pipelined request run in its own context', async () => {
  const seen: Seen = {};
  const app = fastify();
  await app.register(fastifyPlugin(startGate(issuer)));
  app.addHook('onResponse', async (request) => note(seen, idOf(request.url)));
  app.all('/*', async (request, reply) => {
    note(seen, idOf(request.url));
    reply.raw.on('finish', () => note(seen, idOf(request.url)));
    request.raw.on('close', () => note(seen, idOf(request.url)));
    if (request.url.startsWith('/slow')) await sleep(100);
    return 'ok';
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => app.close());
  await pipeline(portOf(app.server));
  expect(asSeen(seen)).toEqual(own);
});
