import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ACME, type AuditApp, createAuditApp } from '#test/audit-app';
import { type ActionDefinitions, defineActions } from '../catalogue/define-actions.ts';
import { OPERATORS_LOG } from '../event.ts';

const actions = defineActions({ 'note.created': { description: 'A note was written.' } });

const identity = {
  tenantFrom: [{ from: 'header' as const, name: 'x-tenant' }],
  authenticate: (request: { header(name: string): string | undefined }) => {
    const user = request.header('x-user');
    return user === undefined
      ? null
      : { actor: { type: 'user' as const, id: user, name: 'Alice A.' }, tenants: [ACME] };
  },
};

async function createServed(audit: Record<string, unknown> = {}) {
  const app = await createAuditApp(actions, { identity, audit: audit as never });
  return { ...app, settle: () => settle(app) };
}

/** Until nothing is queued any more. */
async function settle<A extends ActionDefinitions>(app: AuditApp<A>): Promise<void> {
  for (let n = 0; n < 200 && (n < 3 || app.bulkhead.audit.waiting > 0); n += 1) await sleep(10);
}

const ask = (method: string, headers: Record<string, string> = {}, path = '/notes?token=geheim') =>
  new Request(`https://app.example${path}`, {
    method,
    headers: { 'x-user': 'alice', 'x-tenant': 'acme', 'user-agent': 'Browser/7', ...headers },
  });

test('an answered request that may have changed something is recorded, without its query', async () => {
  const app = await createServed();
  const handler = app.bulkhead.fetch(async (request) => {
    await app.bulkhead.audit.record({ action: 'note.created' }, app.pool);
    return new Response('', { status: request.method === 'DELETE' ? 404 : 201 });
  });
  await handler(ask('POST', { 'x-request-id': 'req-1' }));
  await handler(ask('DELETE'));
  await handler(ask('GET'));
  await app.settle();
  const events = (await app.events()).filter(({ action }) => action === 'request.completed');
  expect(events).toMatchObject([
    {
      actor: { type: 'user', id: 'alice', name: 'Alice A.' },
      outcome: 'success',
      requestId: 'req-1',
      userAgent: 'Browser/7',
      metadata: { method: 'POST', path: '/notes', status: 201, durationMs: expect.any(Number) },
    },
    { outcome: 'failure', metadata: { method: 'DELETE', status: 404 } },
  ]);
  const leaves = await app.leaves();
  expect(leaves.map(({ bytes }) => bytes.toString()).join()).not.toMatch(/geheim|Browser|alice/);
  // What the handler recorded knows the request that it was recorded in.
  const [created] = (await app.events()).filter(({ action }) => action === 'note.created');
  expect(created).toMatchObject({ requestId: 'req-1', userAgent: 'Browser/7' });
});

test('over a socket the address is recorded; behind a trusted proxy, the one it appended', async () => {
  for (const trustProxy of [false, true]) {
    const app = await createAuditApp(actions, { identity: { ...identity, trustProxy } });
    const middleware = app.bulkhead.express();
    const listener: RequestListener = (request, response) => {
      Object.assign(request, { originalUrl: request.url });
      middleware(request as never, response as never, () => response.end('done'));
    };
    const server = createServer(listener).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/x`, {
      method: 'PUT',
      headers: { 'x-user': 'alice', 'x-tenant': 'acme', 'x-forwarded-for': '6.6.6.6, 203.0.113.5' },
    });
    expect(await response.text()).toBe('done');
    await settle(app);
    expect(await app.events()).toMatchObject([
      { action: 'request.completed', ip: trustProxy ? '203.0.113.5' : '127.0.0.1' },
    ]);
  }
});

test("a refused request is in the operators' log, a flood of them once with its number", async () => {
  const app = await createServed();
  const handler = app.bulkhead.fetch(async () => new Response('never'));
  for (let n = 0; n < 50; n += 1) {
    expect((await handler(ask('GET', { 'x-tenant': 'bora' }))).status).toBe(403);
  }
  // Nobody knocked: no credentials at all.
  expect((await handler(new Request('https://app.example/'))).status).toBe(401);
  await app.settle();
  expect(await app.events(OPERATORS_LOG)).toMatchObject([
    {
      action: 'request.denied',
      outcome: 'denied',
      metadata: { code: 'identity.tenant_not_allowed', method: 'GET', status: 403 },
    },
  ]);
  await app.bulkhead.close();
  expect((await app.events(OPERATORS_LOG)).map(({ metadata }) => metadata?.count)).toEqual([
    undefined,
    49,
  ]);
});

test('whom a policy of their tenant refuses is in the log of that tenant, by name', async () => {
  const app = await createAuditApp(actions, ({ database }) => ({
    identity: { ...identity, sessions: {}, accountsUrl: database.identityUrl },
  }));
  await app.admin.query(
    `insert into bulkhead.tenant_policy (tenant_id, kind, version, body, set_by)
     values ($1, 'session', 1, '{"ipAllowlist": ["192.0.2.0/24"]}', 'system:test')`,
    [ACME],
  );
  const handler = app.bulkhead.fetch(async () => new Response(''));
  const { status } = await handler(ask('GET'));
  expect(status).toBe(403);
  await settle(app);
  expect(await app.events()).toMatchObject([
    {
      action: 'request.denied',
      outcome: 'denied',
      actor: { type: 'user', id: 'alice', name: 'Alice A.' },
      metadata: { code: 'policies.address_not_allowed', status: 403 },
    },
  ]);
  expect(await app.events(OPERATORS_LOG)).toEqual([]);
});

test('a statement that the guard refuses is in the log of the tenant in whose name it was sent', async () => {
  const app = await createServed();
  await app.asAcme(async () => {
    for (let n = 0; n < 3; n += 1) {
      await expect(app.pool.query(`select set_config('role', 'x', false)`)).rejects.toMatchObject({
        code: 'isolation.statement_refused',
      });
    }
  });
  await app.bulkhead.close();
  expect(await app.events()).toMatchObject([
    {
      action: 'statement.denied',
      outcome: 'denied',
      actor: { type: 'user', id: 'alice' },
      metadata: { code: 'isolation.statement_refused' },
    },
    { metadata: { count: 2 } },
  ]);
});

test('while events cannot be taken, a request that would be recorded is turned away before the app sees it', async () => {
  const app = await createServed({ queueMax: 1 });
  let seen = 0;
  const handler = app.bulkhead.fetch(async () => {
    seen += 1;
    return new Response('');
  });
  await app.asAcme(async () => {
    const queued = app.bulkhead.audit.enqueue({ action: 'note.created' });
    const refused = await handler(ask('POST'));
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'audit.queue_full' });
    expect((await handler(ask('GET'))).status).toBe(200);
    await expect(app.bulkhead.audit.enqueue({ action: 'note.created' })).rejects.toMatchObject({
      code: 'audit.queue_full',
    });
    await queued;
  });
  expect(seen).toBe(1);
});

test('hostile headers make no event that cannot be read', async () => {
  const app = await createServed();
  const handler = app.bulkhead.fetch(async () => new Response(''));
  await handler(ask('POST', { 'user-agent': '\u00ff'.repeat(9_000) }, `/${'x'.repeat(5_000)}`));
  await app.settle();
  expect(await app.events()).toMatchObject([
    { action: 'request.completed', userAgent: expect.stringMatching(/^\u00ff{512}$/) },
  ]);
});
