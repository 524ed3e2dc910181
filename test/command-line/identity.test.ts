/** `bulkhead user`, `service-account`, `api-key`, `session`, `tenant suspend|restore|close` and `doctor`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { runCommand, runProcess } from '#test/run-command';
import { type Bulkhead, createBulkhead } from '../../packages/bulkhead/src/create-bulkhead.ts';
import type { RequestLike } from '../../packages/bulkhead/src/identity/index.ts';

let database: TestDatabase;
let admin: pg.Pool;
let bulkhead: Bulkhead;
let cwd: string;
const identity = () => ({
  tenantFrom: [{ from: 'header' as const, name: 'x-tenant' }],
  accountsUrl: database.identityUrl,
  publicUrl: 'https://app.example',
  sessions: {},
  apiKeys: { prefix: 'acme_key' },
});
const roles = { appRole: 'test_app', operatorRole: 'test_operator', identityRole: 'test_identity' };

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Pool({ connectionString: database.superuserUrl, max: 2 });
  await admin.query(`insert into bulkhead.tenant (slug, name) values ('acme', 'Acme')`);
  const isolation = { contextKeys: [database.contextKey] as [string] };
  bulkhead = createBulkhead({ database: roles, isolation, identity: identity() });
  bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 2 }));
  cwd = await mkdtemp(join(tmpdir(), 'bulkhead-identity-'));
  await writeFile(
    join(cwd, 'bulkhead.config.json'),
    JSON.stringify({ database: roles, isolation, identity: identity() }),
  );
});
afterAll(async () => {
  await bulkhead.close();
  await admin.end();
  await database.drop();
  await rm(cwd, { recursive: true, force: true });
});

const at = () => ({
  cwd,
  env: {
    DATABASE_URL: database.appUrl,
    BULKHEAD_ADMIN_URL: database.superuserUrl,
    NO_COLOR: '1',
  },
});
const run = (...words: string[]) => runCommand(words, at());
const json = async (...words: string[]) => {
  const { code, stdout, stderr } = await run(...words, '--json');
  const document: Record<string, unknown> = JSON.parse(stdout);
  return { ...document, exit: code, stderr } as Record<string, unknown>;
};
const admit = async (headers: Record<string, string>) => {
  const request: RequestLike = {
    method: 'GET',
    host: 'app.example',
    path: '/',
    header: (name) => ({ 'x-tenant': 'acme', ...headers })[name],
    raw: {},
  };
  return bulkhead.gate.admit(request);
};
const told = async () => {
  const { rows } = await admin.query<{ action: string; actor: string; reason: string | null }>(
    `select event::jsonb ->> 'action' as action, event::jsonb ->> 'reason' as reason, actor
       from bulkhead.audit_pending where source = 'operator' order by seq`,
  );
  return rows;
};

test('a user is made, shown, disabled, enabled and freed of lost factors, and the log says by whom', async () => {
  const made = await json('user', 'create', 'Ada@Acme.example', '--name', 'Ada', '--verified');
  expect(made).toMatchObject({ exit: 0, email: 'ada@acme.example', status: 'active' });
  const id = String(made.id);
  expect(await json('user', 'create', 'ada@acme.example')).toMatchObject({
    exit: 1,
    code: 'identity.email_taken',
  });
  await bulkhead.identity.sessions.start(id, { methods: ['password'] });
  await admin.query(
    `insert into bulkhead.totp (user_id, sealed, confirmed_at) values ($1, decode(repeat('00', 40), 'hex'), now())`,
    [id],
  );
  const show = ['user', 'show', 'ada@acme.example'];
  const shown = await run(...show);
  expect(shown.code).toBe(0);
  expect(await runProcess(show, at())).toEqual(shown);
  expect(shown.stdout).toMatch(/ada@acme\.example.*Ada/s);

  const reset = ['user', 'reset-factors', 'ada@acme.example'];
  expect((await run(...reset)).code).toBe(64);
  expect(await json(...reset, '--reason', 'lost phone')).toMatchObject({
    exit: 0,
    removed: { totp: true, passkeys: 0, recoveryCodes: 0 },
  });
  expect(await bulkhead.identity.sessions.list(id)).toEqual([]);
  expect(await json('user', 'disable', id, '--reason', 'left')).toMatchObject({
    exit: 0,
    status: 'disabled',
  });
  expect(await json('user', 'enable', id)).toMatchObject({ exit: 0, status: 'active' });
  const events = await told();
  expect(events).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        action: 'user.created',
        actor: expect.stringMatching(/^operator:cli:/),
      }),
      expect.objectContaining({ action: 'mfa.reset', reason: 'lost phone' }),
      expect.objectContaining({ action: 'user.disabled', reason: 'left' }),
      expect.objectContaining({ action: 'user.enabled' }),
    ]),
  );
});

test('a key’s token is shown once, works, is rotated with an overlap and withdrawn', async () => {
  const account = await json('service-account', 'create', 'acme', 'CI');
  expect(account).toMatchObject({ exit: 0, name: 'CI', status: 'active' });
  const made = await json(
    ...['api-key', 'create', 'acme', 'nightly', '--service-account', String(account.id)],
    ...['--permission', 'member:read', '--expires-days', '90'],
  );
  expect(made).toMatchObject({ exit: 0, permissions: ['member:read'], nodes: null });
  const token = String(made.token);
  expect(token).toMatch(/^acme_key_/);
  expect(await admit({ 'x-api-key': token })).toMatchObject({ actor: { type: 'api_key' } });

  const listed = await run('api-key', 'list', 'acme');
  expect(listed.stdout).toMatch(/nightly.*CI.*member:read/s);
  expect(listed.stdout).not.toContain(token);
  const rotated = await run('api-key', 'rotate', 'acme', String(made.id), '--overlap-hours', '1');
  const [next = ''] = rotated.stdout.match(/acme_key_\w{40,}/) ?? [];
  expect(next).not.toBe(token);
  for (const good of [token, next]) {
    expect(await admit({ 'x-api-key': good })).toMatchObject({ actor: { id: made.id } });
  }
  expect((await run('api-key', 'revoke', 'acme', String(made.id))).code).toBe(0);
  expect((await run('api-key', 'list', 'nobody')).code).toBe(64);
});

test('a tenant’s sessions are listed and shut out', async () => {
  const user = await bulkhead.identity.users.create({ email: 'bo@acme.example', name: 'Bo' });
  const { rows } = await admin.query<{ id: string }>(
    `select id from bulkhead.tenant where slug = 'acme'`,
  );
  await admin.query(
    `select bulkhead.access_member_join($1, 'system:test', 'user', $2, 'Bo', 'bo@acme.example')`,
    [rows[0]?.id, user.id],
  );
  const start = () => bulkhead.identity.sessions.start(user.id, { methods: ['password'] });
  const [one, two] = [await start(), await start()];
  const enter = (token: string) => admit({ cookie: `__Host-bulkhead_session=${token}` });
  await enter(one.token);
  await enter(two.token);
  const listed = await run('session', 'list', 'acme');
  expect(listed.stdout).toContain(one.id);
  expect(await json('session', 'revoke', 'acme', one.id)).toMatchObject({ exit: 0, ended: 1 });
  expect(await json('session', 'revoke', 'acme', one.id)).toMatchObject({ exit: 1, ended: 0 });
  expect(await json('session', 'revoke', 'acme', '--user', user.id)).toMatchObject({ ended: 1 });
  expect(await json('session', 'list', 'acme')).toMatchObject({ items: [] });
});

test('doctor knows what accounts stand on, and says which key of theirs is missing', async () => {
  const findings = async () => {
    const report = (await json('doctor')) as { findings?: { check: string; status: string }[] };
    return Object.fromEntries((report.findings ?? []).map(({ check, status }) => [check, status]));
  };
  await admin.query('delete from bulkhead.totp');
  expect(await findings()).toMatchObject({
    'accounts role test_identity': 'ok',
    'credential keys': 'warning',
    'session cookie': 'ok',
  });
  const { id } = await bulkhead.identity.users.create({ email: 'cy@acme.example' });
  await admin.query(
    `insert into bulkhead.totp (user_id, sealed) values ($1, decode(repeat('00', 40), 'hex'))`,
    [id],
  );
  expect(await findings()).toMatchObject({ 'credential keys': 'fault' });
});

test('a tenant is suspended and restored with a reason, and closed for good by its name said twice', async () => {
  await json('tenant', 'create', 'globex');
  expect(await json('tenant', 'suspend', 'globex', '--reason', 'unpaid')).toMatchObject({
    exit: 0,
    status: 'suspended',
  });
  expect(await json('tenant', 'restore', 'globex', '--reason', 'paid')).toMatchObject({
    status: 'active',
  });
  const close = ['tenant', 'close', 'globex', '--reason', 'over'];
  expect((await run(...close, '--confirm', 'acme')).code).toBe(64);
  expect(await json(...close, '--confirm', 'globex')).toMatchObject({ status: 'closed' });
});
