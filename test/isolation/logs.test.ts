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
    expect(rows.length).toBeGreaterThan(10);
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

it('a published key is in no log, even where parameters are logged', async () => {
  const key = generateContextKey();
  const lines = await logOf(() => server.admin((client) => publishContextKey(client, key)));
  const { ipad, opad } = keyPads(parseContextKey(key));
  expect(lines.join('\n')).toContain('context_key');
  for (const pad of [ipad, opad]) {
    expect(lines.join('\n')).not.toContain(pad.toString('hex').slice(0, 32));
  }
  const shown = await server.admin(async (client) => {
    await publishContextKey(client, generateContextKey());
    return client.query('show log_parameter_max_length');
  });
  expect(shown.rows).toEqual([{ log_parameter_max_length: '-1' }]);
});
