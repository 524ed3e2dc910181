/** What docs/guides/frameworks.md shows, run. */
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { BulkheadConfig } from 'bulkhead';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import type pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { twoTenants } from '../query-layers/two-tenants.ts';

const sessions = new Map([['ada', { id: 'u1', organizations: ['acme'] }]]);
const userOfSession = async (cookie: string | undefined) =>
  sessions.get(cookie?.replace('session=', '') ?? '');

// #region identity
const identity: BulkheadConfig['identity'] = {
  tenantFrom: [
    { from: 'subdomain', of: 'notes.example' },
    { from: 'path', prefix: '/t/' },
  ],
  publicPaths: ['/', '/health', '/assets/*'],
  authenticate: async (request) => {
    const user = await userOfSession(request.header('cookie'));
    if (user === undefined) return null;
    return { actor: { type: 'user', id: user.id }, tenants: user.organizations };
  },
};
// #endregion

const titles = async (pool: pg.Pool) =>
  (await pool.query('select title from note order by title')).rows;
const FIRST_AND_SECOND = [{ title: 'first' }, { title: 'second' }];
const ada = { headers: { cookie: 'session=ada' } };

async function expectGuarded(origin: string): Promise<void> {
  const own = await fetch(`${origin}/t/acme/notes`, ada);
  expect(await own.json()).toEqual(FIRST_AND_SECOND);
  expect((await fetch(`${origin}/t/globex/notes`, ada)).status).toBe(403);
  expect((await fetch(`${origin}/t/acme/notes`)).status).toBe(401);
}

test('Express', async () => {
  const { bulkhead, pool } = await twoTenants({ identity });
  const app = express();
  // #region express
  app.use(bulkhead.express());
  app.get('/t/:tenant/notes', async (_request, response) => {
    response.json(await titles(pool));
  });
  app.use(bulkhead.expressErrors());
  // #endregion
  const server = app.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  await expectGuarded(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

test('Fastify', async () => {
  const { bulkhead, pool } = await twoTenants({ identity });
  const app = fastify();
  onTestFinished(() => app.close());
  // #region fastify
  await app.register(bulkhead.fastify());
  app.get('/t/:tenant/notes', () => titles(pool));
  // #endregion
  await expectGuarded(await app.listen({ port: 0, host: '127.0.0.1' }));
});

test('Hono', async () => {
  const { bulkhead, pool } = await twoTenants({ identity });
  const app = new Hono();
  // #region hono
  app.use(bulkhead.hono());
  app.get('/t/:tenant/notes', async (context) => context.json(await titles(pool)));
  app.onError(bulkhead.honoErrors());
  // #endregion
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  await expectGuarded(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

test('Next’s route handlers', async () => {
  const { bulkhead, pool } = await twoTenants({ identity });
  // #region next
  // app/t/[tenant]/notes/route.ts
  const GET = bulkhead.next(async () => Response.json(await titles(pool)));
  // #endregion
  const request = new Request('https://notes.example/t/acme/notes', ada);
  expect(await (await GET(request, {})).json()).toEqual(FIRST_AND_SECOND);
  const foreign = new Request('https://notes.example/t/globex/notes', ada);
  expect((await GET(foreign, {})).status).toBe(403);
});

test('plain fetch', async () => {
  const { bulkhead, pool } = await twoTenants({ identity });
  // #region fetch
  const handler = bulkhead.fetch(async () => Response.json(await titles(pool)));
  // #endregion
  const request = new Request('https://acme.notes.example/notes', ada);
  expect(await (await handler(request)).json()).toEqual(FIRST_AND_SECOND);
});
