/** What docs/guides/client.md shows, run against a control plane behind a real server. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Client, createClient, isApiError } from 'bulkhead/client';
import { expect, onTestFinished, test } from 'vitest';
import { ACME, type ControlGround, createControlGround } from '#test/control-plane';
import { generateCredentialKey } from '../../packages/bulkhead/src/index.ts';

const PASSWORD = 'correct horse battery staple';

interface Served extends ControlGround {
  readonly url: string;
  /** A client of somebody; each with the wires that the test lays. */
  as(person: string, fetch?: typeof globalThis.fetch): Client;
}

async function serve(): Promise<Served> {
  const server = createServer((request, response) =>
    ground.bulkhead.controlPlane().node(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bulkhead`;
  const ground = await createControlGround({
    http: { publicUrl: url },
    identity: { sessions: {}, apiKeys: {}, credentialKeys: [generateCredentialKey()] },
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    ...ground,
    url,
    as: (person, fetch) =>
      createClient({
        url,
        // Anything but a bearer's token, so that the session's way is not taken.
        token: 'unused',
        headers: { authorization: `Test ${person}` },
        ...(fetch !== undefined && { fetch }),
      }),
  };
}

test('one asks, pages through lists, changes what one has read, and hears of refusals by code', async () => {
  const { url, bulkhead: app } = await serve();
  const { token: apiKey } = await app.asTenant(
    ACME,
    async () => {
      const robot = await app.identity.serviceAccounts.create({ name: 'robot' });
      await app.access.grants.create({
        holder: { type: 'service_account', id: robot.id },
        role: 'admin',
      });
      return app.identity.apiKeys.create({
        name: 'robot',
        holder: { type: 'service_account', id: robot.id },
      });
    },
    { actor: { type: 'system', id: 'test' } },
  );
  // #region ask
  const bulkhead = createClient({ url, token: apiKey });
  const { data: acme } = await bulkhead.get('/tenants/{tenant}', { path: { tenant: 'acme' } });
  // #endregion
  expect(acme).toMatchObject({ id: ACME, name: 'Acme' });

  const names: string[] = [];
  // #region pages
  const asked = { path: { tenant: 'acme' }, query: { limit: 3 } };
  for await (const member of bulkhead.pages('/tenants/{tenant}/members', asked)) {
    names.push(member.name);
  }
  // #endregion
  expect(names).toContain('acme-owner');
  expect(new Set(names).size).toBe(8);

  // #region change
  const path = { tenant: 'acme', type: 'user' as const, id: 'acme-viewer' };
  const { etag } = await bulkhead.get('/tenants/{tenant}/members/{type}/{id}', { path });
  const rename = { path, body: { name: 'Vera' }, ...(etag !== undefined && { ifMatch: etag }) };
  await bulkhead.patch('/tenants/{tenant}/members/{type}/{id}', rename);
  // #endregion

  let heard = '';
  // #region refused
  try {
    await bulkhead.patch('/tenants/{tenant}/members/{type}/{id}', rename);
  } catch (error) {
    if (!isApiError(error, 'http.precondition_failed')) throw error;
    heard = error.problem.next;
  }
  // #endregion
  expect(heard).toMatch(/Read it again/);

  // #region file
  const csv = { path: { tenant: 'acme' }, query: { format: 'csv' as const } };
  const file = await bulkhead.file('/tenants/{tenant}/events/export', csv);
  // file.body is a ReadableStream.
  // #endregion
  expect(file.headers.get('content-type')).toMatch(/^text\/csv/);
  expect(await file.text()).toMatch(/^"id","time"/);

  const foreign = bulkhead.get('/tenants/{tenant}', { path: { tenant: 'bora' } });
  await expect(foreign).rejects.toMatchObject({ status: 404, code: 'http.absent' });
});

test('a change whose answer is lost is made once, and what passes is waited for', async () => {
  const { as, admin } = await serve();
  let lost = 0;
  let busy = 0;
  const flaky: typeof fetch = async (input, init) => {
    if (busy < 2) {
      busy += 1;
      return Response.json(
        { code: 'http.database_busy' },
        { status: 503, headers: { 'retry-after': '0' } },
      );
    }
    const response = await fetch(input, init);
    if (lost === 0) {
      lost += 1;
      throw new TypeError('fetch failed');
    }
    return response;
  };
  const { data, headers } = await as('operators-admin', flaky).post('/tenants', {
    body: { slug: 'newco' },
  });
  expect([data.slug, headers.get('idempotency-replayed'), lost, busy]).toEqual([
    'newco',
    'true',
    1,
    2,
  ]);
  const { rows } = await admin.query(
    `select count(*)::int as made from bulkhead.tenant where slug = 'newco'`,
  );
  expect(rows).toEqual([{ made: 1 }]);

  let asked = 0;
  const closed: typeof fetch = async () => {
    asked += 1;
    return Response.json(
      { code: 'identity.throttled' },
      { status: 429, headers: { 'retry-after': '3600' } },
    );
  };
  await expect(as('acme-owner', closed).get('/me')).rejects.toMatchObject({
    retryAfterSeconds: 3600,
  });
  // Where no key holds two attempts together, there is one.
  const broken: typeof fetch = async () => {
    asked += 1;
    throw new TypeError('fetch failed');
  };
  const signIn = as('acme-owner', broken).post('/sign-in/password', {
    body: { email: 'a@b.example', password: 'x' },
  });
  await expect(signIn).rejects.toThrow(TypeError);
  expect(asked).toBe(2);
});

test('a page with a session’s cookie changes things, with the anti-forgery token brought along', async () => {
  const { url, bulkhead, admin } = await serve();
  const user = await bulkhead.identity.users.create({ email: 'ada@acme.example', name: 'Ada' });
  await bulkhead.identity.passwords.establish({ userId: user.id, password: PASSWORD });
  await admin.query('set role bulkhead');
  await admin.query(
    `select bulkhead.access_member_join($1, 'system:test', 'user', $2, 'Ada', null)`,
    [ACME, user.id],
  );
  await admin.query(
    `select bulkhead.access_give($1, 'system:test', 'user', $2, 'admin', null, 'direct', null)`,
    [ACME, user.id],
  );
  await admin.query('reset role');
  // What a browser does by itself.
  let cookie = '';
  const browser: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('origin', new URL(url).origin);
    headers.set('sec-fetch-site', 'same-origin');
    if (cookie !== '') headers.set('cookie', cookie);
    const response = await fetch(input, { ...init, headers });
    const set = response.headers.getSetCookie().map((line) => line.split(';', 1)[0]);
    if (set.length > 0) cookie = set.join('; ');
    return response;
  };
  const page = createClient({ url, fetch: browser });
  const body = { email: 'ada@acme.example', password: PASSWORD };
  const { data } = await page.post('/sign-in/password', { body });
  expect(data).toMatchObject({ status: 'done' });
  const group = await page.post('/tenants/{tenant}/groups', {
    path: { tenant: 'acme' },
    body: { name: 'Board' },
  });
  expect(group).toMatchObject({ status: 201, data: { name: 'Board' } });
  const out = await page.post('/sign-out');
  expect([out.status, out.data]).toEqual([204, undefined]);
});

test('the live stream goes on where it was cut', async () => {
  const { as, admin } = await serve();
  const announce = (action: string) =>
    admin.query(
      `select bulkhead.live_announce(array[$1::uuid], array['change'], array[jsonb_build_object('action', $2::text)])`,
      [ACME, action],
    );
  await announce('first');
  const resumed: (string | null)[] = [];
  const cut: typeof fetch = async (input, init) => {
    resumed.push(new Headers(init?.headers).get('last-event-id'));
    const response = await fetch(input, init);
    if (resumed.length > 1 || response.body === null) return response;
    const reader = response.body.getReader();
    let seen = '';
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value } = await reader.read();
        seen += new TextDecoder().decode(value);
        controller.enqueue(value ?? new Uint8Array());
        if (!seen.includes('event: change')) return;
        await announce('second');
        await reader.cancel();
        controller.close();
      },
    });
    return new Response(body, response);
  };
  const bulkhead = as('acme-owner', cut);
  const lastEventId = '0';
  const told: unknown[] = [];
  // #region stream
  for await (const { event, data } of bulkhead.stream({ lastEventId })) {
    if (event === 'change') told.push(data);
    if (told.length === 2) break;
  }
  // #endregion
  expect(told).toMatchObject([{ action: 'first' }, { action: 'second' }]);
  expect(resumed).toEqual(['0', '1']);
});
