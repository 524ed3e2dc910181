/**
 * One suite that every framework passes: real servers, real HTTP, real tokens.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestGate } from '../../packages/bulkhead/src/identity/index.ts';
import {
  expressErrors,
  expressMiddleware,
  fastifyPlugin,
  fetchHandler,
  honoMiddleware,
  nextHandler,
} from '../../packages/bulkhead/src/integrations/index.ts';
import { isolationError } from '../../packages/bulkhead/src/isolation/errors.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { ask, hasContext, seenSlug, startGate, TENANTS } from './tenants.ts';

interface Running {
  readonly port: number;
  close(): Promise<unknown>;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const boom = () => {
  throw isolationError('isolation.context_missing', { detail: 'a secret of the log' });
};

async function listen(server: Server): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: portOf(server), close: () => new Promise((done) => server.close(done)) };
}

async function startExpress(gate: RequestGate): Promise<Running> {
  const app = express();
  app.use('/mounted', expressMiddleware(gate), async (_request, response) => {
    response.send(await seenSlug());
  });
  app.use(expressMiddleware(gate));
  // Reads the body by its events, as parsers do that know nothing of async contexts.
  app.post('/raw', (request, response) => {
    request.resume();
    request.on('end', () => seenSlug().then((slug) => response.send(slug)));
  });
  app.use(express.json());
  app.get('/slug', async (_request, response) => {
    response.send(await seenSlug());
  });
  app.post('/echo', async (request, response) => {
    response.json({ slug: await seenSlug(), got: request.body });
  });
  app.get('/health', (_request, response) => {
    response.send(String(hasContext()));
  });
  app.get('/boom', boom);
  app.get('/other', () => {
    throw new Error('private');
  });
  app.use(expressErrors());
  app.use(((_error, _request, response, _next) => {
    response.status(500).send('other');
  }) as express.ErrorRequestHandler);
  return listen(createServer(app));
}

async function startFastify(gate: RequestGate): Promise<Running> {
  const app = fastify();
  app.setErrorHandler((_error, _request, reply) => reply.code(500).send('other'));
  await app.register(fastifyPlugin(gate));
  app.get('/slug', () => seenSlug());
  app.post('/echo', async (request) => ({ slug: await seenSlug(), got: request.body }));
  app.get('/health', async () => String(hasContext()));
  app.get('/boom', boom);
  app.get('/other', () => {
    throw new Error('private');
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: portOf(app.server), close: () => app.close() };
}

async function startHono(gate: RequestGate): Promise<Running> {
  const app = new Hono();
  app.onError((_error, c) => c.text('other', 500));
  app.use(honoMiddleware(gate));
  app.get('/slug', async (c) => c.text(await seenSlug()));
  app.post('/echo', async (c) => c.json({ got: await c.req.json(), slug: await seenSlug() }));
  app.get('/health', (c) => c.text(String(hasContext())));
  app.get('/boom', boom);
  app.get('/other', () => {
    throw new Error('private');
  });
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({ port, close: () => new Promise((done) => server.close(done)) }),
    );
  });
}

/** Next's route handlers and plain fetch handlers: a `Request` in, a `Response` out. */
function startFetch(wrap: 'fetch' | 'next') {
  return (gate: RequestGate): Promise<Running> => {
    const route = async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (pathname === '/health') return new Response(String(hasContext()));
      if (pathname === '/boom') return boom();
      if (pathname === '/other') throw new Error('private');
      if (request.method === 'POST') {
        return Response.json({ got: await request.json(), slug: await seenSlug() });
      }
      return new Response(await seenSlug());
    };
    const guarded = wrap === 'fetch' ? fetchHandler(gate, route) : nextHandler(gate, route);
    const handle = async (request: Request) => {
      try {
        return await guarded(request, { params: Promise.resolve({}) });
      } catch {
        return new Response('other', { status: 500 });
      }
    };
    return new Promise((resolve) => {
      const server = serve({ fetch: handle, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve({ port, close: () => new Promise((done) => server.close(done)) }),
      );
    });
  };
}

let issuer: Issuer;
let tokens: string[];
beforeAll(async () => {
  issuer = await startIssuer();
  tokens = await Promise.all(
    Array.from({ length: TENANTS }, (_, n) => issuer.token({ sub: `u${n}`, tenant: `t${n}` })),
  );
});
afterAll(() => issuer.close());

describe.each([
  ['express', startExpress],
  ['fastify', startFastify],
  ['hono', startHono],
  ['fetch', startFetch('fetch')],
  ['next', startFetch('next')],
])('%s', (name, start) => {
  let server: Running;
  beforeAll(async () => {
    server = await start(startGate(issuer));
  });
  afterAll(() => server.close());

  it('runs the handler in its own tenant’s context: 1,000 interleaved requests of 20 tenants', async () => {
    const wrong: string[] = [];
    let sent = 0;
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        while (sent < 1_000) {
          const n = sent++ % TENANTS;
          const { body } = await ask(server.port, `t${n}.app.example`, { token: tokens[n] });
          if (body !== `t${n}`) wrong.push(`${n}: ${body}`);
        }
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps the context while a JSON body is read', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        ask(server.port, `t${i % TENANTS}.app.example`, {
          path: '/echo',
          token: tokens[i % TENANTS],
          json: { i, text: 'x'.repeat(2_000) },
        }),
      ),
    );
    for (const [i, { body }] of answers.entries()) {
      expect(JSON.parse(body)).toMatchObject({ slug: `t${i % TENANTS}`, got: { i } });
    }
  });

  it('answers a refusal with problem details and a challenge', async () => {
    const stranger = await ask(server.port, 't1.app.example');
    expect(stranger).toMatchObject({
      status: 401,
      headers: {
        'content-type': 'application/problem+json; charset=utf-8',
        'www-authenticate': 'Bearer',
        'cache-control': 'no-store',
      },
    });
    expect(JSON.parse(stranger.body)).toMatchObject({
      code: 'identity.credentials_missing',
      status: 401,
    });
    const forged = await ask(server.port, 't1.app.example', { token: 'a.b.c' });
    expect(forged.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    const crossing = await ask(server.port, 't1.app.example', { token: tokens[0] });
    expect(crossing.status).toBe(403);
    const absent = await ask(server.port, 'nobody.app.example', { token: tokens[0] });
    expect(absent.body).toBe(crossing.body);
  });

  it('turns Bulkhead’s errors of a handler into problem details, without stack or detail', async () => {
    const { status, body } = await ask(server.port, 't1.app.example', {
      path: '/boom',
      token: tokens[1],
    });
    expect(status).toBe(500);
    expect(Object.keys(JSON.parse(body)).sort()).toEqual([
      'code',
      'next',
      'status',
      'title',
      'type',
    ]);
    expect(body).toContain('isolation.context_missing');
    expect(body).not.toContain('secret');
  });

  it('leaves other errors to the app', async () => {
    const answer = await ask(server.port, 't1.app.example', { path: '/other', token: tokens[1] });
    expect(answer).toMatchObject({ status: 500, body: 'other' });
  });

  it('runs a public path without any context', async () => {
    const answer = await ask(server.port, 'anything', { path: '/health' });
    expect(answer).toMatchObject({ status: 200, body: 'false' });
    const signedIn = await ask(server.port, 't1.app.example', {
      path: '/health',
      token: tokens[1],
    });
    expect(signedIn.body).toBe('false');
  });

  it.runIf(name === 'express')(
    'keeps the context behind raw body events and below a mount path',
    async () => {
      const raw = await ask(server.port, 't3.app.example', {
        path: '/raw',
        token: tokens[3],
        json: { a: 1 },
      });
      expect(raw.body).toBe('t3');
      const mounted = await ask(server.port, 't4.app.example', {
        path: '/mounted/health',
        token: tokens[4],
      });
      expect(mounted.body).toBe('t4');
      // `/mounted/health` is `/health` below the mount path, and must not become public by that.
      expect((await ask(server.port, 't4.app.example', { path: '/mounted/health' })).status).toBe(
        401,
      );
    },
  );
});
