/**
 * Hazards between check-outs: what tenant B leaves behind in a session that tenant A gets next. The guard
 * is down in most of these, so that what is shown is the frame's doing: even a statement that slipped
 * through leaves nothing.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ScopedPool } from '../../packages/bulkhead/src/isolation/index.ts';
import {
  type Arena,
  everythingIn,
  openArena,
  outcomeOf,
  SECRET_A,
  SECRET_B,
} from '../support/arena.ts';
import { poolWithoutGuard } from '../support/knockout.ts';

let arena: Arena;
/** One connection, so that A always gets the session that B had. */
let pool: ScopedPool;

beforeAll(async () => {
  arena = await openArena({ pool: { max: 1 } });
  pool = poolWithoutGuard(arena.database);
});

afterAll(async () => {
  await pool.end();
  await arena.close();
});

const asA = (text: string, values?: unknown[]) =>
  arena.asA(() => outcomeOf(() => pool.query(text, values)));
const asB = (text: string, values?: unknown[]) =>
  arena.asB(() => outcomeOf(() => pool.query(text, values)));

const SETTINGS = `select name, setting from pg_settings
   where name not in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable') order by 1`;

describe('settings', () => {
  let before: unknown;
  beforeEach(async () => {
    before = await asA(SETTINGS);
  });

  it('every setting the role may change is back to what it was, whatever B set it to', async () => {
    const { rows } = await arena.admin.query(
      `select name, vartype, setting, enumvals, min_val, max_val from pg_settings where context = 'user'`,
    );
    let changed = 0;
    for (const row of rows) {
      for (const value of otherValues(row)) {
        const outcome = await asB('select set_config($1, $2, false)', [row.name, value]);
        if (!(outcome instanceof Error)) changed += 1;
      }
    }
    expect(changed).toBeGreaterThan(150);
    expect(await asA(SETTINGS)).toEqual(before);
  }, 60_000);

  it('a custom setting of B’s is gone, the context among them', async () => {
    await asB(`select set_config('bulkhead.context', current_setting('bulkhead.context'), false),
                      set_config('app.user', 'bob', false)`);
    expect(await asA(`select nullif(current_setting('app.user', true), '') as user`)).toEqual([
      { user: null },
    ]);
    const notes = everythingIn(await asA('select body from note'));
    expect(notes).toContain(SECRET_A);
    expect(notes).not.toContain(SECRET_B);
  });

  it('the search path, standard_conforming_strings and row_security are the pool’s own', async () => {
    await asB(`select set_config('search_path', 'pg_temp, pg_catalog', false),
                      set_config('standard_conforming_strings', 'off', false),
                      set_config('row_security', 'off', false)`);
    expect(
      await asA(`select current_setting('search_path') as path,
                        current_setting('standard_conforming_strings') as strings,
                        current_setting('row_security') as rows`),
    ).toEqual([{ path: 'public,pg_temp', strings: 'on', rows: 'on' }]);
  });
});

describe('the context', () => {
  it('set to anything by B, in one statement or before it, shows B no row of A’s', async () => {
    for (const text of [
      `select body, set_config('bulkhead.context', '', false) from note`,
      `with x as materialized (select set_config('bulkhead.context', $1, false)) select body from x, note`,
      `select body from note where set_config('bulkhead.context', $1, true) is not null`,
      `select (select string_agg(body, ',') from note), set_config('bulkhead.context', $1, false)`,
    ]) {
      const forged = `v1.00000000.0a000000-0000-4000-8000-00000000000a.9999999999.user:x.${'0'.repeat(64)}`;
      const outcome = await asB(text, text.includes('$1') ? [forged] : []);
      expect(everythingIn(outcome), text).not.toContain(SECRET_A);
      expect(everythingIn(await asA('select body from note'))).not.toContain(SECRET_B);
    }
  });

  it('dies with the group on an error, so that nothing runs under it afterwards', async () => {
    await asB('select 1/0');
    await asB(
      `select set_config('bulkhead.context', current_setting('bulkhead.context'), false), 1/0`,
    );
    expect((await pool.systemQuery('select * from note')).rows).toEqual([]);
    expect((await pool.systemQuery('select * from note')).rows).toEqual([]);
  });

  it('a write of A’s never lands in B, whatever B left', async () => {
    for (const text of [
      `select set_config('bulkhead.context', current_setting('bulkhead.context'), false)`,
      `select set_config('session_replication_role', 'replica', false)`,
      'select 1/0',
      'begin',
      'prepare bulkhead_x as select 1',
      `declare c cursor with hold for select body from note`,
      'deallocate all',
      'discard all',
      'listen x',
      `select pg_advisory_lock(1)`,
      'set role bulkhead',
      'set session authorization default',
      'create temporary table note (like public.note)',
      'lock table note',
      'savepoint x',
      'prepare transaction $$x$$',
    ]) {
      await asB(text);
      // A session that B broke may cost A one clear error, never a row in the wrong place.
      const insert = 'insert into project (name) values ($1) returning tenant_id';
      let outcome = await asA(insert, [text]);
      if (outcome instanceof Error) outcome = await asA(insert, [text]);
      expect(outcome, text).toMatchObject([{ tenant_id: expect.stringMatching(/^0a/) }]);
    }
    const { rows } = await arena.admin.query(
      `select count(*)::int as n from project where tenant_id::text like '0b%'`,
    );
    expect(rows).toEqual([{ n: 1 }]);
  });
});

describe('objects of the session', () => {
  it('a WITH HOLD cursor, a prepared statement, a LISTEN or a lock of A’s tells B nothing', async () => {
    await asA(`declare held cursor with hold for select body from note`);
    await asA(`prepare mine as select body from note`);
    await asA('listen secret_channel');
    for (const text of [
      'fetch all from held',
      `select cursor_to_xml('held', 100, true, true, '')`,
      'select * from pg_cursors',
      'execute mine',
      'select statement from pg_prepared_statements',
    ]) {
      expect(everythingIn(await asB(text)), text).not.toContain(SECRET_A);
    }
  });

  it('random numbers cannot be seeded by B', async () => {
    const outcome = await asB('select setseed(0.5)');
    expect(outcome).toMatchObject({ code: '42501' });
  });

  it('TEMP, DO, large objects, advisory locks, NOTIFY and others’ statements are out of the role’s reach', async () => {
    for (const text of [
      'create temporary table t (x int)',
      'do $$ begin perform 1; end $$',
      'select lo_create(0)',
      'select pg_advisory_lock(1)',
      `select pg_notify('x', 'y')`,
      'create table t (x int)',
      'create function f() returns int language sql as $$ select 1 $$',
      'create schema s',
      `select query_to_xml('select * from note', true, true, '')`,
      `select * from ts_stat('select to_tsvector(body) from note')`,
      `select ts_rewrite('a'::tsquery, 'select null::tsquery, null::tsquery')`,
      `select currtid2('note', '(0,1)')`,
      'select * from pg_stat_activity',
      'select pg_stat_get_backend_activity(id) from pg_stat_get_backend_idset() id',
      'select pg_terminate_backend(pg_backend_pid())',
      'alter role test_app bypassrls',
      'alter table note disable row level security',
      'drop policy bulkhead_tenant on note',
      'truncate note',
      'create trigger t before insert on note execute function f()',
      'set role bulkhead',
      'set session authorization test_owner',
      'copy note from stdin',
      `copy note to '/tmp/x'`,
      `copy note to program 'true'`,
    ]) {
      expect(await asB(text), text).toBeInstanceOf(Error);
    }
    const { rows } = await arena.admin.query('select count(*)::int as n from note');
    expect(rows).toEqual([{ n: 40 }]);
  });
});

it('a check-out left in a transaction is never handed on', async () => {
  await arena.asB(async () => {
    const client = await arena.pool.connect();
    await client.query('begin');
    await client.query('select * from note');
    client.release();
  });
  await arena.asA(async () => {
    const { rows } = await arena.pool.query('select count(*)::int as n from note');
    expect(rows).toEqual([{ n: 20 }]);
  });
  // The server notices a connection's end a moment after it.
  const leftOpen = async () => {
    const { rows } = await arena.admin.query(
      `select count(*)::int as n from pg_stat_activity where state like 'idle in transaction%' and datname = current_database()`,
    );
    return rows[0]?.n;
  };
  await expect.poll(leftOpen).toBe(0);
});

function otherValues(row: {
  vartype: string;
  setting: string;
  enumvals: string[] | null;
  min_val: string | null;
  max_val: string | null;
}): string[] {
  if (row.vartype === 'bool') return [row.setting === 'on' ? 'off' : 'on'];
  if (row.enumvals !== null)
    return row.enumvals.filter((value) => value !== row.setting).slice(0, 3);
  if (row.vartype === 'string') return ['C', 'x', '"$user"', 'UTC-9'];
  return [row.min_val, row.max_val].filter(
    (value): value is string => value !== null && value !== row.setting,
  );
}
