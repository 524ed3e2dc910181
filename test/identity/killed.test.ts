/** A process that is killed (SIGKILL) at each step of signing in and of handing out a session's next token. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { type Bulkhead, createBulkhead } from '../../packages/bulkhead/src/create-bulkhead.ts';
import { generateCredentialKey } from '../../packages/bulkhead/src/identity/index.ts';
import { hashSessionToken } from '../../packages/bulkhead/src/identity/sessions/session-token.ts';

const VICTIM = join(import.meta.dirname, 'testdata/victim.mjs');
const password = 'correct horse battery';
const email = 'ada@acme.example';
const sender = { ip: '192.0.2.1', userAgent: 'a browser' };
vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
let admin: pg.Pool;
let ada: string;
const credentialKey = generateCredentialKey();
const made: Bulkhead[] = [];

/** Another process of the app, which knows nothing of the one that was killed. */
function survivor(): Bulkhead {
  const bulkhead = createBulkhead({
    database: { appRole: 'test_app', identityRole: 'test_identity' },
    isolation: { contextKeys: [database.contextKey] },
    identity: {
      tenantFrom: [{ from: 'header', name: 'x-tenant' }],
      accountsUrl: database.identityUrl,
      sessions: {},
      publicUrl: 'https://app.example',
      credentialKeys: [credentialKey],
    },
  });
  bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 2 }));
  made.push(bulkhead);
  return bulkhead;
}

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Pool({ connectionString: database.superuserUrl, max: 4 });
  const { rows } = await admin.query<{ id: string }>(
    `insert into bulkhead.tenant (slug, name) values ('acme', 'Acme') returning id`,
  );
  const { identity } = survivor();
  ada = (await identity.users.create({ email, name: 'Ada', emailVerified: true })).id;
  await identity.passwords.establish({ userId: ada, password });
  await admin.query(
    `select bulkhead.access_member_join($1, 'system:test', 'user', $2, 'Ada', $3)`,
    [rows[0]?.id, ada, email],
  );
});
afterAll(async () => {
  await Promise.all(made.map((one) => one.close()));
  await admin.end();
  await database.drop();
});

function start(what: 'sign-in' | 'request', more: object = {}) {
  const { appUrl, identityUrl, contextKey } = database;
  const given = { what, database: { appUrl, identityUrl }, contextKey, credentialKey, ...more };
  const child = spawn(process.execPath, [VICTIM, JSON.stringify(given)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  return { child, next };
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  expect((await closed)[1]).toBe('SIGKILL');
}

/** Kills the process while a statement of its waits for this table; then lets the statement go on. */
async function killWaiting(table: string, child: () => { child: ChildProcess }): Promise<void> {
  const holder = await admin.connect();
  await holder.query(`begin; lock table bulkhead.${table} in exclusive mode`);
  const victim = child();
  for (;;) {
    const { rowCount } = await admin.query(
      `select from pg_locks where not granted and relation = 'bulkhead.${table}'::regclass
          and database = (select oid from pg_database where datname = current_database())`,
    );
    if (rowCount !== 0) break;
    await sleep(20);
  }
  await kill(victim.child);
  await holder.query('commit');
  holder.release();
  // What had been sent goes on by itself, to its end.
  for (;;) {
    const { rowCount } = await admin.query(
      `select from pg_stat_activity where datname = current_database() and state = 'active'
          and usename in ('test_app', 'test_identity')`,
    );
    if (rowCount === 0) return;
    await sleep(20);
  }
}

const tokens = async (): Promise<number> =>
  (await admin.query('select from bulkhead.session_token')).rowCount ?? 0;

async function oldSession(): Promise<string> {
  await admin.query('delete from bulkhead.session');
  const { token } = await survivor().identity.sessions.start(ada, { methods: ['password'] });
  await admin.query(
    `update bulkhead.session_token set created_at = now() - interval '1 hour',
            first_used_at = now() - interval '1 hour' where hash = $1`,
    [hashSessionToken(token)],
  );
  return token;
}

async function enter(token: string): Promise<string | undefined> {
  const cookies: string[] = [];
  const headers: Record<string, string> = {
    cookie: `__Host-bulkhead_session=${token}`,
    'x-tenant': 'acme',
  };
  const context = await survivor().gate.admit({
    method: 'GET',
    host: 'app.example',
    path: '/',
    header: (name) => headers[name],
    addResponseHeader: (_name, value) => void cookies.push(value),
    raw: {},
  });
  expect(context).toMatchObject({ actor: { id: ada } });
  return cookies[0]?.match(/=([\w-]{43});/)?.[1];
}

/** The browser comes back with the token it has, is given another in time, and that one works. */
async function expectWhole(token: string): Promise<void> {
  await enter(token);
  await admin.query(
    `update bulkhead.session_token set created_at = created_at - interval '1 hour',
            first_used_at = first_used_at - interval '1 hour'`,
  );
  const fresh = await enter(token);
  expect(fresh).toBeDefined();
  await enter(fresh ?? '');
}

test('killed while it looks a session up, nothing has happened', async () => {
  const token = await oldSession();
  await killWaiting('session', () => start('request', { token }));
  await expectWhole(token);
});

test('killed while it hands out the next token, the one in the browser still works', async () => {
  const token = await oldSession();
  await killWaiting('session_token', () => start('request', { token }));
  await expectWhole(token);
});

test('killed after the next token was made and before anybody was told, likewise', async () => {
  const token = await oldSession();
  const victim = start('request', { token });
  expect(await victim.next()).toBe('admitted 1');
  expect(await tokens()).toBe(2);
  await kill(victim.child);
  await expectWhole(token);
});

test('killed while a session is opened, its user signs in again, and sees and ends the lost one', async () => {
  await admin.query('delete from bulkhead.session');
  let flow: Promise<string> | undefined;
  await killWaiting('session', () => {
    const victim = start('sign-in', { email, password });
    flow = victim.next();
    return victim;
  });
  const { signIn, sessions } = survivor().identity;
  // The password was right and the session is there: the flow it came of is spent.
  await expect(
    signIn.password({ flow: String(await flow), password }, sender),
  ).rejects.toMatchObject({
    code: 'identity.flow_invalid',
  });
  const again = await signIn.start({ email }, sender);
  const step = await signIn.password({ flow: again.flow, password }, sender);
  if (!step.done) throw new Error('a password is all there is');
  await enter(step.sessionToken);
  expect(await sessions.list(ada)).toHaveLength(2);
  expect(await sessions.revokeAll(ada, { except: step.sessionId })).toBe(1);
});

test('killed before its answer, a sign-in has left a session whose token nobody has', async () => {
  await admin.query('delete from bulkhead.session');
  const victim = start('sign-in', { email, password });
  await victim.next();
  expect(await victim.next()).toBe('signed in');
  await kill(victim.child);
  expect(await survivor().identity.sessions.list(ada)).toHaveLength(1);
});
