/** Signing in over HTTP: a session in a cookie that no script reads, and changes that only our own pages can send. */

import { expect, it } from 'vitest';
import { ACME, createControlGround, OPERATORS, PUBLIC_URL } from '#test/control-plane';
import { generateCredentialKey } from '../identity/index.ts';

const ORIGIN = new URL(PUBLIC_URL).origin;
const HERE = { origin: ORIGIN, 'sec-fetch-site': 'same-origin' };
const PASSWORD = 'correct horse battery staple';

it('signs in by password, and takes changes with the cookie from our own pages alone', async () => {
  const ground = await createControlGround({
    identity: { sessions: {}, credentialKeys: [generateCredentialKey()] },
  });
  const { ask, admin, bulkhead } = ground;
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

  const body = { email: 'ada@acme.example', password: PASSWORD };
  const abroad = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  const signIn = (headers: Record<string, string>, given: unknown = body) =>
    ask('/sign-in/password', { method: 'POST', body: given, headers });
  expect((await signIn(abroad)).status).toBe(403);
  expect((await signIn(HERE, { ...body, password: 'wrong' })).status).toBe(401);
  const done = await signIn(HERE);
  const text = await done.text();
  expect([done.status, JSON.parse(text)]).toMatchObject([200, { status: 'done', mfa: false }]);
  const cookies = done.headers.getSetCookie();
  // The session's and the device's: behind a proxy that ends TLS too.
  expect(cookies.filter((line) => /^__Host-.*HttpOnly; SameSite=Lax; Secure/.test(line))).toEqual(
    cookies,
  );
  const set = cookies.find((line) => line.startsWith('__Host-bulkhead_session'));
  let cookie = set?.split(';', 1)[0] ?? '';
  expect(text).not.toContain(cookie.split('=')[1]);

  const me = await (await ask('/me', { headers: { cookie } })).json();
  expect(me).toMatchObject({ plane: 'tenant', tenant: { id: ACME } });
  expect((await ask('/me/tenants', { headers: { cookie } })).status).toBe(200);
  expect((await ask('/me/factors', { headers: { cookie } })).status).toBe(200);
  const invite = (headers: Record<string, string>) =>
    ask('/tenants/acme/groups', {
      method: 'POST',
      body: { name: `g${Math.random()}` },
      headers: { cookie, ...headers },
    });
  const token = { 'x-csrf-token': String(me.csrfToken) };
  expect((await (await invite(token)).json()).code).toBe('http.cross_site');
  expect((await (await invite({ ...abroad, ...token })).json()).code).toBe('http.cross_site');
  expect((await (await invite(HERE)).json()).code).toBe('http.csrf_token_invalid');
  // What a browser keeps for a proxy in front and attaches by itself makes no request a program's.
  for (const authorization of ['Basic c3RhZ2luZzpwdw==', 'Negotiate YII', 'Test nobody']) {
    const forged = await invite({ ...abroad, authorization });
    expect((await forged.json()).code).toBe('http.cross_site');
  }
  expect((await invite({ ...HERE, ...token })).status).toBe(201);

  // Of who has a second factor, a stolen cookie does nothing dangerous: neither here nor by inviting itself.
  await admin.query(
    "insert into bulkhead.totp (user_id, sealed, confirmed_at) values ($1, decode(repeat('00', 40), 'hex'), now())",
    [user.id],
  );
  const dangerous = async (path: string, given: unknown) => {
    const headers = { cookie, ...HERE, ...token };
    const answer = await ask(path, { method: 'POST', body: given, headers });
    return answer.status === 201 ? 'done' : (await answer.json()).code;
  };
  const asked: [string, () => unknown][] = [
    ['/tenants/acme/groups', () => ({ name: `g${Math.random()}` })],
    ['/tenants/acme/api-keys', () => ({ name: 'mine' })],
    ['/tenants/acme/invitations', () => ({ email: 'eve@evil.example', role: 'admin' })],
  ];
  for (const [path, given] of asked) {
    await expect
      .poll(() => dangerous(path, given()), { timeout: 10_000 })
      .toBe('policies.step_up_required');
  }
  await admin.query('update bulkhead.session set mfa_at = now() where user_id = $1', [user.id]);
  for (const [path, given] of asked) {
    await expect.poll(() => dangerous(path, given()), { timeout: 10_000 }).toBe('done');
  }
  await admin.query('delete from bulkhead.totp where user_id = $1', [user.id]);

  const stepUp = await ask('/me/step-up', {
    method: 'POST',
    body: {},
    headers: { cookie, ...HERE, ...token },
  });
  const { challenge, methods } = await stepUp.json();
  expect(methods).toEqual(['password']);
  const again = (password: string) => signIn({ cookie, ...HERE }, { challenge, password });
  expect((await again('wrong')).status).toBe(401);
  const shown = await again(PASSWORD);
  expect([shown.status, await shown.clone().json()]).toMatchObject([200, { status: 'done' }]);
  const renewed = shown.headers
    .getSetCookie()
    .find((line) => line.startsWith('__Host-bulkhead_session'));
  cookie = renewed?.split(';', 1)[0] ?? '';
  expect((await ask('/me', { headers: { cookie } })).status).toBe(200);

  const out = await ask('/sign-out', { method: 'POST', headers: { cookie, ...HERE } });
  expect([out.status, out.headers.get('set-cookie')]).toEqual([
    204,
    expect.stringContaining('Max-Age=0'),
  ]);
  await expect
    .poll(async () => (await ask('/me', { headers: { cookie } })).status, { timeout: 5_000 })
    .toBe(401);
});

it('takes second factors away for an operator who has shown their own anew, and for nobody else', async () => {
  const { ask, admin, bulkhead } = await createControlGround({
    identity: { sessions: {}, credentialKeys: [generateCredentialKey()] },
  });
  const { users, sessions } = bulkhead.identity;
  const [staff, ada] = [
    await users.create({ email: 'staff@bulkhead.example' }),
    await users.create({ email: 'ada@acme.example' }),
  ];
  const lock =
    "insert into bulkhead.totp (user_id, sealed, confirmed_at) values ($1, decode(repeat('00', 40), 'hex'), now())";
  for (const { id } of [staff, ada]) await admin.query(lock, [id]);
  await admin.query('set role bulkhead');
  for (const call of [
    "access_member_join($1, 'system:test', 'user', $2, 'Staff', null)",
    "access_give($1, 'system:test', 'user', $2, 'admin', null, 'direct', null)",
  ]) {
    await admin.query(`select bulkhead.${call}`, [OPERATORS, staff.id]);
  }
  await admin.query('reset role');
  const yesterday = new Date(Date.now() - 86_400_000);
  const mine = await sessions.start(staff.id, { methods: ['password', 'totp'], mfaAt: yesterday });
  await sessions.start(ada.id, { methods: ['password'] });
  const reset = async () => {
    const answer = await ask(`/users/${ada.id}/factors/reset`, {
      method: 'POST',
      body: { reason: 'lost her phone, seen on video' },
      headers: {
        ...HERE,
        cookie: sessions.cookie.set(mine.token, new URL(PUBLIC_URL).host).split(';', 1)[0] ?? '',
        'x-csrf-token': sessions.csrf.tokenFor(`session ${mine.id}`),
      },
    });
    const body = await answer.json();
    return answer.status === 200 ? body : body.code;
  };
  expect(await reset()).toBe('policies.step_up_required');
  await admin.query('delete from bulkhead.totp where user_id = $1', [staff.id]);
  await expect.poll(reset, { timeout: 10_000 }).toBe('identity.step_up_required');
  expect(await sessions.list(ada.id)).toHaveLength(1);
  await admin.query(lock, [staff.id]);
  await admin.query('update bulkhead.session set mfa_at = now() where id = $1', [mine.id]);
  await expect
    .poll(reset, { timeout: 10_000 })
    .toEqual({ totp: true, passkeys: 0, recoveryCodes: 0 });
  expect(await sessions.list(ada.id)).toEqual([]);

  // What keeps an owner's account an admin of the operators does not take, of whatever tenant they are an owner.
  const make = (tenant: string, id: string) =>
    admin.query(
      `set role bulkhead;
       select bulkhead.access_member_join('${tenant}', 'system:test', 'user', '${id}', 'Somebody', null)
        where not exists (select from bulkhead.membership where tenant_id = '${tenant}' and id = '${id}');
       select bulkhead.access_give('${tenant}', 'system:test', 'user', '${id}', 'owner', null, 'direct', null);
       reset role`,
    );
  for (const tenant of [ACME, OPERATORS]) {
    await admin.query(lock, [ada.id]);
    await make(tenant, ada.id);
    expect(await reset()).toBe('access.owner_protected');
    await make(tenant, staff.id);
    await expect.poll(reset, { timeout: 10_000 }).toMatchObject({ totp: true });
  }
  // Like every denial it is on record.
  const onRecord = "select from bulkhead.audit_pending where event like '%access.owner_protected%'";
  await expect
    .poll(async () => (await admin.query(onRecord)).rows.length, { timeout: 10_000 })
    .toBeGreaterThan(0);
});

it.each([
  ['identity.public_url_missing', '/sign-in/passkey/options', {}],
  // The link leads to the console, whose address is known.
  ['identity.mail_unconfigured', '/password-resets', { email: 'ada@acme.example' }],
])('says what is not configured, %s, and does not fail of it', async (code, path, body) => {
  const { ask } = await createControlGround({ identity: { sessions: {} } });
  const answer = await ask(path, { method: 'POST', body, headers: HERE });
  expect([answer.status, await answer.json()]).toMatchObject([
    501,
    { code, next: expect.stringMatching(/^Set identity\./) },
  ]);
});
