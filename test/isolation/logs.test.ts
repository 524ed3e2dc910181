/**
 * Hazard: a token, another tenant's literal or a key that stands where an administrator, a log shipper or an
 * error report reads it. The server here logs everything that it can be told to log.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import pg from 'pg';
import Cursor from 'pg-cursor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  generateContextKey,
  type Isolation,
  type IsolationOptions,
  keyPads,
  parseContextKey,
  publishContextKey,
} from '../../packages/bulkhead/src/isolation/index.ts';
import { A, outcomeOf } from '../support/arena.ts';
import { OwnServer } from '../support/own-server.ts';

const TOKEN = /v1\.[0-9a-f]{8}\.[0-9a-f]{8}-/;
const SCHEMA = `
  create extension pg_stat_statements;
  create table item (
    tenant_id uuid not null default bulkhead.tenant_id(), name text not null, primary key (tenant_id, name));
  select bulkhead.protect_table('item');
  grant select, insert on item to test_app`;

let server: OwnServer;
let log: string[] = [];

beforeAll(async () => {
  server = await OwnServer.start(SCHEMA, {
    durable: false,
    onLog: (line) => log.push(line),
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      'pg_stat_statements.track': 'all',
      'pg_stat_statements.track_utility': 'on',
      track_activity_query_size: '16384',
      log_statement: 'all',
      log_min_duration_statement: '0',
      log_min_error_statement: 'debug5',
      log_error_verbosity: 'verbose',
    },
  });
}, 60_000);

afterAll(() => server?.remove());

/** What is logged from now on, until the server has written all of it. */
async function logOf(work: () => Promise<unknown>): Promise<string[]> {
  log = [];
  await work();
  const marker = `the end ${Math.random()}`;
  await server.admin((client) => client.query(`select '${marker}'`));
  while (!log.some((line) => line.includes(marker))) await sleep(10);
  return log;
}

/** Every kind of statement, right and wrong, by a pool as configured; says what the app got to see. */
async function everyKindOfWork(options: Partial<IsolationOptions>): Promise<string> {
  const isolation: Isolation = server.isolation(options);
  const pool = isolation.protect(new pg.Pool({ connectionString: server.appUrl, max: 1 }));
  const seen: unknown[] = [];
  await isolation.enterTenant({ id: A }, async () => {
    const see = async (text: string, values: unknown[] = []) =>
      seen.push(await outcomeOf(() => pool.query(text, values)));
    for (let round = 0; round < 2; round += 1) {
      await see('select name from item where name = $1', ['looked for']);
      await see('insert into item (name) values ($1)', ['caller’s own value']);
      await see('select 1/0');
      await see('select $1::text::integer', ['no number']);
      await see(`select current_setting('bulkhead.context')::integer`);
      await see(`insert into item (tenant_id, name) values (gen_random_uuid(), 'x')`);
    }
    const client = await pool.connect();
    await client.query('begin');
    seen.push(await outcomeOf(() => client.query('select name from item')));
    const cursor = new Cursor('select name from item');
    seen.push(await read(client.query(cursor)));
    seen.push(await outcomeOf(() => client.query('select no_such_column')));
    await client.query('rollback');
    client.release();
    const sleeping = see('select pg_sleep(0.2)');
    await sleep(100);
    const activity = await server.admin((admin) =>
      admin.query(`select query from pg_stat_activity where usename = 'test_app'`),
    );
    seen.push(activity.rows);
    await sleeping;
  });
  await isolation.close();
  return inspect(seen, { depth: 8, showHidden: true });
}

async function read(cursor: Cursor): Promise<unknown> {
  try {
    const rows = await cursor.read(1);
    await cursor.close();
    return rows;
  } catch (error) {
    return error;
  }
}

it('a statement leaves no warning of ours in the log, whatever the version of the server', async () => {
  const isolation = server.isolation({ pooler: 'none' });
  const pool = isolation.protect(new pg.Pool({ connectionString: server.appUrl, max: 1 }));
  const lines = await logOf(() =>
    isolation.enterTenant({ id: A }, async () => {
      for (let round = 0; round < 3; round += 1) await pool.query('select name from item');
      await pool.query("insert into item (name) values ('quietly ' || gen_random_uuid())");
    }),
  );
  await isolation.close();
  expect(lines.join('\n')).toContain('quietly');
  expect(lines.filter((line) => /\b(WARNING|NOTICE|ERROR):/.test(line))).toEqual([]);
});

it.each([
  ['on a backend of its own', { pooler: 'none' }],
  ['behind a pooler', { pooler: 'transaction' }],
  ['with a key that the database does not know', { contextKeys: [generateContextKey()] }],
] as const)(
  '%s: no statement text in log, activity, statistics or error holds a token',
  async (_name, options) => {
    await server.admin((client) => client.query('alter system set log_parameter_max_length = 0'));
    await server.admin((client) =>
      client.query('select pg_reload_conf(), pg_stat_statements_reset()'),
    );
    let seen = '';
    const lines = await logOf(async () => {
      seen = await everyKindOfWork(options);
    });
    expect(lines.join('\n')).toContain('bulkhead.context');
    expect(lines.filter((line) => TOKEN.test(line))).toEqual([]);
    expect(seen).toContain('pg_sleep');
    expect(seen).not.toMatch(TOKEN);
    const { rows } = await server.admin((client) =>
      client.query('select query from pg_stat_statements'),
    );
    expect(rows.length).toBeGreaterThan(8);
    expect(inspect(rows, { maxArrayLength: null })).not.toMatch(TOKEN);
  },
);

it('a server that was told to log parameters logs the token as one, in its DETAIL lines alone', async () => {
  await server.admin((client) => client.query('alter system reset log_parameter_max_length'));
  await server.admin((client) =>
    client.query('alter system set log_parameter_max_length_on_error = -1'),
  );
  await server.admin((client) => client.query('select pg_reload_conf()'));
  let seen = '';
  const lines = await logOf(async () => {
    seen = await everyKindOfWork({ pooler: 'none' });
  });
  const holding = lines.filter((line) => TOKEN.test(line));
  expect(holding.length).toBeGreaterThan(0);
  expect(holding.filter((line) => !/DETAIL: {2}.*arameters: \$1 = 'v1\./.test(line))).toEqual([]);
  // Parameters of a failed statement are the caller's; the error that the app sees has none at all.
  expect(seen).not.toContain('with parameters');
  expect(seen).not.toMatch(TOKEN);
});

/** The pads and the key as a log might spell them: hex, base64, or the bytes themselves. */
function spellingsOf(key: string): string[] {
  const { ipad, opad } = keyPads(parseContextKey(key));
  return [ipad, opad].flatMap((pad) =>
    (['hex', 'base64', 'latin1'] as const).map((spelling) => pad.toString(spelling).slice(0, 16)),
  );
}

it('a published key is in no log, whoever publishes it, even where parameters are logged', async () => {
  await server.admin((client) =>
    client.query('create role publisher; grant bulkhead to publisher'),
  );
  const keys = { admin: generateContextKey(), publisher: generateContextKey() };
  const lines = await logOf(async () => {
    await server.admin((client) => publishContextKey(client, keys.admin));
    // No superuser, as on a managed service: it may not say what is logged.
    await server.admin(async (publisher) => {
      await publisher.query('set session authorization publisher');
      await expect(publisher.query('set log_parameter_max_length = 0')).rejects.toThrow(
        'permission denied',
      );
      await publishContextKey(publisher, keys.publisher);
      await publishContextKey(publisher, keys.publisher);
    });
  });
  const text = lines.join('\n');
  expect(text).toContain('copy bulkhead.context_key');
  const { rows } = await server.admin((client) =>
    client.query('select kid from bulkhead.context_key'),
  );
  const { rows: statements } = await server.admin((client) =>
    client.query('select query from pg_stat_statements'),
  );
  for (const key of Object.values(keys)) {
    expect(rows).toContainEqual({ kid: parseContextKey(key).kid });
    for (const spelling of spellingsOf(key)) {
      expect(text).not.toContain(spelling);
      expect(inspect(statements, { maxArrayLength: null })).not.toContain(spelling);
    }
  }
});

it('a key published twice at once is there once, and a transaction under way survives it', async () => {
  const key = generateContextKey();
  await server.admin(async (first) => {
    await first.query('begin');
    await publishContextKey(first, key);
    const second = server.admin(async (client) => {
      await client.query('begin');
      const before = await client.query('select 1 as one');
      await publishContextKey(client, key);
      await client.query('commit');
      return before.rows;
    });
    await sleep(200);
    await first.query('commit');
    expect(await second).toEqual([{ one: 1 }]);
  });
  const { rows } = await server.admin((client) =>
    client.query('select revoked_at from bulkhead.context_key where kid = $1', [
      parseContextKey(key).kid,
    ]),
  );
  expect(rows).toEqual([{ revoked_at: null }]);
});
