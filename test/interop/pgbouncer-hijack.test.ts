/**
 * Hazard: a client of the app's own role, which Bulkhead knows nothing of, shares the pool's backends through
 * PgBouncer and prepares them for the next user. Honest requests are right or fail clearly; nothing crosses.
 */
import pg from 'pg';
import Cursor from 'pg-cursor';
import { describe, expect, it } from 'vitest';
import { A, B, everythingIn, outcomeOf, SECRET_A, SECRET_B } from '../support/arena.ts';
import { type PooledArena, pooledArena } from './pgbouncer/pooled-arena.ts';
import { variants } from './pgbouncer/start-pgbouncer.ts';

/** Names the pool gives on a backend of its own, and those that a pooler gives in its stead. */
const NAMES = [
  'bulkhead_reset',
  'bulkhead_context',
  'bulkhead_immediate',
  ...Array.from({ length: 8 }, (_, index) => `bulkhead_${index}`),
  ...Array.from({ length: 12 }, (_, index) => `PGBOUNCER_${index}`),
];
const TOKEN = /v1\.[0-9a-f]{8}\.[0-9a-f-]{36}\./;
/** A time-out that the attacker set, a transaction that began read-only, a backend that was ended. */
const CLEAR = ['57014', '25006', '25P02', '25P03', '25P04', 'isolation.database_unavailable'];

/** Honest requests of both tenants; whatever comes back must be their own, or an error that says why. */
async function honestWork(arena: PooledArena, label: string): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    for (const [enter, tenant, foreign] of [
      [arena.asA, A, SECRET_B],
      [arena.asB, B, SECRET_A],
    ] as const) {
      await enter(async () => {
        const read = await outcomeOf(() => arena.pool.query('select tenant_id, body from note'));
        if (read instanceof Error) expect(CLEAR, `${label}: ${read}`).toContain(codeOf(read));
        else expect(read, label).toHaveLength(20);
        expect(everythingIn(read), label).not.toContain(foreign);
        const write = await outcomeOf(() =>
          arena.pool.query({
            name: 'write',
            text: 'insert into project (name) values (gen_random_uuid()) returning tenant_id',
          }),
        );
        if (write instanceof Error) expect(CLEAR, `${label}: ${write}`).toContain(codeOf(write));
        else expect(write, label).toEqual([{ tenant_id: tenant }]);
      });
    }
  }
}

const codeOf = (error: Error): unknown => (error as { code?: unknown }).code;

/** Parses a statement under a name by the protocol, as drivers do. */
function parseNamed(client: pg.Client, name: string, text: string): Promise<unknown> {
  return outcomeOf(() => client.query({ name, text, values: [''] }));
}

for (const variant of variants()) {
  describe.skipIf(variant.program === undefined)(variant.name, () => {
    it('statements prepared under every name of the pool’s catch no token and turn no write', async () => {
      const arena = await pooledArena(variant, { default_pool_size: 1 });
      // The privileges are given back on purpose: the frame alone must hold.
      await arena.admin.query(`
        grant temporary on database ${arena.database.name} to test_app;
        grant execute on function pg_catalog.pg_prepared_statement() to test_app`);
      const raw = await arena.raw();
      await honestWork(arena, 'before');
      await raw.query('create temporary table loot (token text)');
      const steal = `with kept as (insert into pg_temp.loot values ($1::text))
        select pg_catalog.set_config('bulkhead.context', $1::text, false)`;
      for (const name of NAMES) {
        await outcomeOf(() => raw.query(`prepare ${pg.escapeIdentifier(name)} (text) as ${steal}`));
        const other = await arena.raw();
        await parseNamed(other, name, steal);
      }
      const prepared = await raw.query('select count(*)::int as n from pg_prepared_statements');
      expect(prepared.rows[0].n).toBeGreaterThanOrEqual(NAMES.length);
      await raw.query('delete from pg_temp.loot');
      await honestWork(arena, 'after');
      expect(everythingIn((await raw.query('select * from pg_temp.loot')).rows)).not.toMatch(TOKEN);
      expect((await raw.query('select * from note')).rows).toEqual([]);
    });

    it('shadowing objects, cursors held open and LISTEN change no answer', async () => {
      const arena = await pooledArena(variant, { default_pool_size: 1 });
      await arena.admin.query(`grant temporary on database ${arena.database.name} to test_app`);
      const raw = await arena.raw();
      await honestWork(arena, 'before');
      for (const poison of [
        `create temporary table note (tenant_id uuid, body text, n int, id uuid)`,
        `insert into pg_temp.note select '${A}', '${SECRET_A} planted' from generate_series(1, 3)`,
        `create temporary view project as select '${A}'::uuid as tenant_id, '${SECRET_A}'::text as name`,
        `declare "C_1" cursor with hold for select '${SECRET_A}' as body`,
        `declare held cursor with hold for select '${SECRET_A}' as body`,
        'listen everything',
        `set search_path = pg_temp, public`,
        `set bulkhead.context = 'v1.00000000.${A}.9999999999.user:x.${'0'.repeat(64)}'`,
      ]) {
        await raw.query(poison);
        await honestWork(arena, poison);
      }
      await arena.asB(async () => {
        const client = await arena.pool.connect();
        try {
          const cursor = client.query(new Cursor('select body from note'));
          const read = await cursor.read(100).catch((error: Error) => error);
          expect(everythingIn(read)).not.toContain(SECRET_A);
        } finally {
          client.release();
        }
      });
    });

    it('every setting that the role may change, changed by a stranger, is the pool’s own again', async () => {
      const allow = { functions: [], relations: ['pg_settings'], statements: [] };
      const isolation = { pooler: 'transaction', allow } as const;
      const arena = await pooledArena(variant, { default_pool_size: 1 }, isolation);
      const raw = await arena.raw();
      const meaning = () =>
        arena.asA(() =>
          outcomeOf(() =>
            arena.pool.query(
              `select 'a\\b' as text, null = null as unknown, 'é' as accent, date '2026-02-01' as day, 1.1::float8 as number,
                      (select count(*)::int from note) as notes,
                      (select json_object_agg(name, setting order by name) from pg_settings
                        where name not like 'transaction\\_%') as settings`,
            ),
          ),
        );
      const before = await meaning();
      expect(before).toMatchObject([{ text: 'a\\b', unknown: null, accent: 'é', notes: 20 }]);
      const { rows } = await arena.admin.query(
        `select name, vartype, setting, enumvals, min_val, max_val from pg_settings where context = 'user'`,
      );
      let changed = 0;
      for (const row of rows) {
        for (const value of otherValues(row)) {
          const poisoned = await outcomeOf(() =>
            raw.query('select set_config($1, $2, false)', [row.name, value]),
          );
          if (poisoned instanceof Error) continue;
          changed += 1;
          let after = await meaning();
          if (after instanceof Error) {
            expect(CLEAR, `${row.name} = ${value}: ${after}`).toContain(codeOf(after));
            after = await meaning();
          }
          expect(after, `${row.name} = ${value}`).toEqual(before);
        }
      }
      expect(changed).toBeGreaterThan(150);
    }, 120_000);

    it('a session made read-only by a stranger refuses a write by name, and the next read frees it', async () => {
      const arena = await pooledArena(variant, { default_pool_size: 1 });
      const raw = await arena.raw();
      await raw.query('set session characteristics as transaction read only');
      await arena.asA(async () => {
        const write = () =>
          arena.pool.query(`insert into project (name) values (gen_random_uuid())`);
        await expect(write()).rejects.toMatchObject({ code: '25006' });
        await arena.pool.query('select 1');
        expect((await write()).rowCount).toBe(1);
      });
    });
  });
}

function otherValues(row: {
  name: string;
  vartype: string;
  setting: string;
  enumvals: string[] | null;
  min_val: string | null;
  max_val: string | null;
}): string[] {
  if (row.name.endsWith('_timeout')) return ['5'];
  if (row.vartype === 'bool') return [row.setting === 'on' ? 'off' : 'on'];
  if (row.enumvals !== null)
    return row.enumvals.filter((value) => value !== row.setting).slice(0, 3);
  if (row.vartype === 'string') return ['C', 'x', 'SJIS', 'UTC-9', 'German, DMY'];
  return [row.min_val, row.max_val].filter(
    (value): value is string => value !== null && value !== row.setting,
  );
}
