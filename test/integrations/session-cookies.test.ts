/**
 * A session's next token through every framework: real servers, real HTTP, a real database.
 */
import { createServer, type Server } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bulkhead, createBulkhead } from '../../packages/bulkhead/src/create-bulkhead.ts';
import { hashSessionToken } from '../../packages/bulkhead/src/identity/sessions/session-token.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Answer, ask as askPlainly } from './tenants.ts';

interface Running {
  readonly port: number;
  close(): Promise<unknown>;
}

const HOST = 'acme.app.example';
const NAME = '__Host-bulkhead_session';
const portOf = (server: Pick<Server, 'address'>) => (server.address() as AddressInfo).port;

async function listen(server: Server): Promise<Running> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: portOf(server), close: () => new Promise((done) => server.close(done)) };
}

/** What an app does with cookies and caches of its own, as each framework has it. */
async function startExpress({ express: guard }: Bulkhead): Promise<Running> {
  const app = express();
  // Somebody's streaming begins before anybody is asked who it is for.
  app.use('/early', (_request, response, next) => {
    response.flushHeaders();
    next();
  });
  app.use(guard());
  app.get('/early', (_request, response) => void response.end('early'));
  app.get('/page', (_request, response) => void response.cookie('theme', 'dark').send('page'));
  app.get('/replaced', (_request, response) => {
    response.setHeader('Set-Cookie', 'a=1');
    response.writeHead(200, { 'Set-Cookie': ['b=2', 'c=3'], 'x-own': 'yes' });
    response.end('page');
  });
  app.get('/listed', (_request, response) => {
    response.writeHead(200, 'Fine', ['set-cookie', 'b=2', 'Set-Cookie', 'c=3']);
    response.end('page');
  });
  app.get('/signed-in', (_request, response) => {
    response.append('set-cookie', `${NAME}=own; Path=/`).send('page');
  });
  app.get('/shared', (_request, response) => {
    response.set('cache-control', 'public, max-age=60').send('page');
  });
  app.get('/moved', (_request, response) => response.redirect(303, '/page'));
  app.get('/broken', () => {
    throw new Error('private');
  });
  app.use(((_error, _request, response, _next) => {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.status(500).send('other');
  }) as express.ErrorRequestHandler);
  return listen(createServer(app));
}

async function startFastify({ fastify: guard }: Bulkhead): Promise<Running> {
  const app = fastify();
  await app.register(guard());
  app.get('/page', (_request, reply) => reply.header('set-cookie', 'theme=dark').send('page'));
  app.get('/signed-in', (_request, reply) =>
    reply.header('set-cookie', `${NAME}=own; Path=/`).send('page'),
  );
  app.get('/shared', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=60').send('page'),
  );
  app.get('/moved', (_request, reply) => reply.redirect('/page', 303));
  app.get('/broken', () => {
    throw new Error('private');
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: portOf(app.server), close: () => app.close() };
}

const serving = (fetch: (request: Request) => Response | Promise<Response>): Promise<Running> =>
  new Promise((resolve) => {
    const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({ port, close: () => new Promise((done) => server.close(done)) }),
    );
  });

function startHono({ hono: guard }: Bulkhead): Promise<Running> {
  const app = new Hono();
  app.onError((_error, c) => c.text('other', 500));
  app.use(guard());
  app.get('/page', (c) => c.text('page', 200, { 'set-cookie': 'theme=dark' }));
  app.get('/signed-in', (c) => c.text('page', 200, { 'set-cookie': `${NAME}=own; Path=/` }));
  app.get('/shared', (c) => c.text('page', 200, { 'cache-control': 'public, max-age=60' }));
  app.get('/moved', () => Response.redirect('https://acme.app.example/page', 303));
  app.get('/broken', () => {
    throw new Error('private');
  });
  return serving((request) => app.fetch(request));
}

function route(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === '/moved') return Response.redirect('https://acme.app.example/page', 303);
  if (pathname === '/broken') return new Response('other', { status: 500 });
  return new Response('page', {
    headers: {
      ...(pathname === '/page' && { 'set-cookie': 'theme=dark' }),
      ...(pathname === '/signed-in' && { 'set-cookie': `${NAME}=own; Path=/` }),
      ...(pathname === '/shared' && { 'cache-control': 'public, max-age=60' }),
    },
  });
}

const startFetch = (bulkhead: Bulkhead): Promise<Running> => serving(bulkhead.fetch(route));
const startNext = (bulkhead: Bulkhead): Promise<Running> => {
  const guarded = bulkhead.next((request: Request, _context: object) => route(request));
  return serving((request) => guarded(request, { params: Promise.resolve({}) }));
};

let database: TestDatabase;
let admin: pg.Pool;
let acme: string;
let ada: string;
/** Two processes over one database. */
let processes: readonly [Bulkhead, Bulkhead];
beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Pool({ connectionString: database.superuserUrl, max: 2 });
  // An idle connection of it may still be closing when the database is dropped.
  admin.on('error', () => undefined);
  const start = () => {
    const bulkhead = createBulkhead({
      database: { appRole: 'test_app', identityRole: 'test_identity' },
      isolation: { contextKeys: [database.contextKey] },
      identity: {
        tenantFrom: [{ from: 'subdomain', of: 'app.example' }],
        accountsUrl: database.identityUrl,
        sessions: {},
      },
    });
    bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 2 }));
    return bulkhead;
  };
  processes = [start(), start()];
  ada = (await processes[0].identity.users.create({ email: 'ada@acme.example', name: 'Ada' })).id;
  const { rows } = await admin.query<{ id: string }>(
    `insert into bulkhead.tenant (slug, name) values ('acme', 'Acme'), ('globex', 'Globex') returning id`,
  );
  acme = rows[0]?.id ?? '';
  await admin.query(
    `select bulkhead.access_member_join($1, 'system:test', 'user', $2, 'Ada', 'ada@acme.example')`,
    [acme, ada],
  );
});
afterAll(async () => {
  await Promise.all(processes.map((one) => one.close()));
  await admin.end();
  await database.drop();
});

/** A session whose token is old enough to be replaced. */
async function oldSession(): Promise<string> {
  const { token } = await processes[0].identity.sessions.start(ada, { methods: ['password'] });
  await admin.query(
    `update bulkhead.session_token set created_at = now() - interval '1 hour',
            first_used_at = now() - interval '1 hour' where hash = $1`,
    [hashSessionToken(token)],
  );
  return token;
}
const ask = (server: Running, path: string, token: string, host = HOST): Promise<Answer> =>
  askPlainly(server.port, host, { path, cookie: `${NAME}=${token}` });
const cookies = ({ headers }: Answer): string[] => [headers['set-cookie'] ?? []].flat();
const next = (answer: Answer): string | undefined =>
  cookies(answer)
    .map((line) => line.match(/^__Host-bulkhead_session=([\w-]{43}); Path=\/; HttpOnly/)?.[1])
    .find((token) => token !== undefined);

describe.each([
  ['express', startExpress],
  ['fastify', startFastify],
  ['hono', startHono],
  ['fetch', startFetch],
  ['next', startNext],
])('%s', (name, start) => {
  let server: Running;
  let elsewhere: Running;
  beforeAll(async () => {
    server = await start(processes[0]);
    elsewhere = await start(processes[1]);
  });
  afterAll(() => Promise.all([server.close(), elsewhere.close()]));

  it('brings the browser its next token beside the app’s own cookies, and lets nobody cache it', async () => {
    const token = await oldSession();
    const answer = await ask(server, '/page', token);
    expect(answer).toMatchObject({ status: 200, body: 'page' });
    expect(answer.headers['cache-control']).toBe('private');
    expect(cookies(answer)).toHaveLength(2);
    expect(cookies(answer)[0]).toMatch(/^theme=dark/);
    const fresh = next(answer);
    expect(fresh).not.toBe(token);
    const again = await ask(server, '/page', fresh ?? '');
    expect(again.status).toBe(200);
    expect(next(again)).toBeUndefined();
  });

  it('ends a session whose old token comes back after its next one was used', async () => {
    const token = await oldSession();
    const fresh = next(await ask(server, '/page', token)) ?? '';
    await ask(server, '/page', fresh);
    await admin.query(
      `update bulkhead.session_token set replaced_at = replaced_at - interval '1 minute' where hash = $1`,
      [hashSessionToken(token)],
    );
    const thief = await ask(elsewhere, '/page', token);
    expect(thief.status).toBe(401);
    expect(JSON.parse(thief.body)).toMatchObject({ code: 'identity.session_invalid' });
    expect((await ask(elsewhere, '/page', fresh)).status).toBe(401);
    const { rows } = await admin.query(
      `select from bulkhead.audit_pending where tenant_id = $1 and event::jsonb ->> 'action' = 'session.theft_suspected'`,
      [acme],
    );
    expect(rows.length).toBeGreaterThan(0);
  });

  it('hands out one next token to twenty requests at once', async () => {
    const token = await oldSession();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask(n % 2 === 0 ? server : elsewhere, '/page', token)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(answers.filter((answer) => next(answer) !== undefined)).toHaveLength(1);
  });

  it('leaves the word to an app that sets the session’s cookie itself', async () => {
    const answer = await ask(server, '/signed-in', await oldSession());
    expect(cookies(answer)).toEqual([`${NAME}=own; Path=/`]);
  });

  it('puts no token into an answer that others may be given, and loses no session by that', async () => {
    const token = await oldSession();
    expect(cookies(await ask(server, '/shared', token))).toEqual([]);
    expect((await ask(elsewhere, '/page', token)).status).toBe(200);
  });

  it.each([
    ['a redirect', '/moved', 303, HOST],
    ['an error of the app’s', '/broken', 500, HOST],
    ['a refusal', '/page', 403, 'globex.app.example'],
  ])('brings it with %s too', async (_case, path, status, host) => {
    const answer = await ask(server, path, await oldSession(), host);
    expect(answer.status).toBe(status);
    expect(next(answer)).toBeDefined();
  });

  it.runIf(name === 'express')('keeps what writeHead is given, in all its forms', async () => {
    const replaced = await ask(server, '/replaced', await oldSession());
    expect(cookies(replaced).slice(0, 2)).toEqual(['b=2', 'c=3']);
    expect(replaced.headers['x-own']).toBe('yes');
    expect(next(replaced)).toBeDefined();
    const listed = await ask(server, '/listed', await oldSession());
    expect(cookies(listed).slice(0, 2)).toEqual(['b=2', 'c=3']);
    expect(next(listed)).toBeDefined();
  });

  it.runIf(name === 'express')('loses nothing where the head of the answer is gone', async () => {
    const token = await oldSession();
    const early = await ask(server, '/early', token);
    expect(early).toMatchObject({ status: 200, body: 'early' });
    expect(cookies(early)).toEqual([]);
    expect((await ask(elsewhere, '/page', token)).status).toBe(200);
  });
});

describe('HTTP/2', () => {
  it('brings the browser its next token', async () => {
    const app = fastify({ http2: true });
    await app.register(processes[0].fastify());
    app.get('/page', async () => 'page');
    await app.listen({ port: 0, host: '127.0.0.1' });
    const session = connect(`http://127.0.0.1:${portOf(app.server)}`);
    const stream = session.request({
      ':path': '/page',
      ':authority': HOST,
      cookie: `${NAME}=${await oldSession()}`,
    });
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      stream.on('response', resolve).on('error', reject);
    });
    stream.resume();
    expect(headers[':status']).toBe(200);
    expect(headers['set-cookie']).toEqual([expect.stringMatching(/^__Host-bulkhead_session=/)]);
    session.destroy();
    await app.close();
  });
});
