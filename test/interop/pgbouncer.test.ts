/** PgBouncer in transaction mode: everything works, and nothing is left for whoever shares the backend. */
import { randomUUID } from 'node:crypto';
import { text as textOf } from 'node:stream/consumers';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import { describe, expect, it } from 'vitest';
import { A, everythingIn, outcomeOf, SECRET_A, SECRET_B } from '../support/arena.ts';
import { type PooledArena, pooledArena } from './pgbouncer/pooled-arena.ts';
import { variants } from './pgbouncer/start-pgbouncer.ts';

/** What a plain client of the same role finds on the backend that the last group ran on. */
const TRACES = `
  select nullif(current_setting('bulkhead.context', true), '') as context,
         current_setting('search_path') as path,
         (select count(*)::int from note) as rows,
         (select json_object_agg(name, setting order by name) from pg_settings
           where source = 'session' and name not in
             ('application_name', 'client_encoding', 'DateStyle', 'TimeZone', 'IntervalStyle',
              'standard_conforming_strings', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable')) as settings,
         (select count(*)::int from pg_prepared_statements where name not like 'PGBOUNCER%') as statements,
         (select count(*)::int from pg_cursors where name <> '') as cursors`;

async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>) {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

for (const variant of variants()) {
  describe.skipIf(variant.program === undefined)(variant.name, () => {
    it('that does not know the pool’s start-up options is named, with what to do', async () => {
      const arena = await pooledArena(variant, {}, { pooler: 'detect' });
      await arena.asA(async () => {
        await expect(arena.pool.query('select 1')).rejects.toMatchObject({
          code: 'isolation.pooler_unannounced',
          next: expect.stringContaining(`'transaction'`),
        });
      });
    });

    it('that drops the start-up options is detected by the backend’s own process id', async () => {
      const settings = { ignore_startup_parameters: 'extra_float_digits,options' };
      const arena = await pooledArena(variant, settings, { pooler: 'detect' });
      await everyKindOfWork(arena);
    });

    it('that was announced carries every kind of statement', async () => {
      await everyKindOfWork(await pooledArena(variant));
    });

    it('that was said not to be there is refused, not trusted', async () => {
      const settings = { ignore_startup_parameters: 'extra_float_digits,options' };
      const arena = await pooledArena(variant, settings, { pooler: 'none' });
      await arena.asA(async () => {
        await expect(arena.pool.query('select 1')).rejects.toMatchObject({
          code: 'isolation.pooler_unannounced',
        });
      });
    });

    it('2,000 interleaved requests of 20 tenants over two backends see nothing of each other’s', async () => {
      const arena = await pooledArena(variant);
      const pools = [
        arena.another({ pooler: 'transaction' }, { max: 8 }),
        arena.another({ pooler: 'transaction', inFlightMax: 8 }, { max: 3 }),
      ];
      const foreign = await interleave(arena, pools, 2_000);
      expect(foreign).toEqual([]);
      const { rows } = await arena.admin.query(
        `select count(*)::int as n from pg_stat_activity where usename = 'test_app' and datname = current_database()`,
      );
      expect(rows[0].n).toBeLessThanOrEqual(2);
    });

    it('leaves a plain client of the same role no context, no setting, no statement and no row', async () => {
      const arena = await pooledArena(variant, { default_pool_size: 1 });
      await arena.admin.query(
        'grant execute on function pg_catalog.pg_prepared_statement(), pg_catalog.pg_cursor() to test_app',
      );
      const raw = await arena.raw();
      const before = (await raw.query(TRACES)).rows;
      expect(before).toMatchObject([{ context: null, rows: 0, statements: 0 }]);
      const { pool } = arena;
      const steps: Record<string, () => Promise<unknown>> = {
        read: () => pool.query('select body from note where n > $1', [1]),
        'named read': () => pool.query({ name: 'mine', text: 'select body from note' }),
        write: () => pool.query(`insert into project (name) values ($1)`, [randomUUID()]),
        error: () => pool.query('select 1/0'),
        'error of a constraint': () => pool.query('insert into project (name) values (null)'),
        transaction: () =>
          withClient(pool, async (client) => {
            await client.query('begin isolation level serializable');
            await client.query('select body from note');
            await client.query('savepoint s');
            await outcomeOf(() => client.query('select 1/0'));
            await client.query('rollback to s');
            await client.query('commit');
          }),
        'transaction that fails': () =>
          withClient(pool, async (client) => {
            await client.query('begin');
            await outcomeOf(() => client.query('select 1/0'));
            await client.query('rollback');
          }),
        'client given back in a transaction': () =>
          withClient(pool, async (client) => {
            await client.query('begin');
            await client.query('select body from note');
          }),
        cursor: () =>
          withClient(pool, async (client) => {
            const cursor = client.query(new Cursor('select body from note'));
            await cursor.read(3);
            await cursor.close();
          }),
      };
      for (const [name, step] of Object.entries(steps)) {
        await arena.asA(() => step().catch(() => undefined));
        const after = (await raw.query(TRACES)).rows;
        expect(after, name).toEqual(before);
      }
    });

    it('keeps a text what it is in a database of another encoding', async () => {
      const arena = await pooledArena(variant);
      const { admin, database } = arena;
      const name = `${database.name}_latin1`;
      await admin.query(
        `create database ${name} template template0 encoding 'LATIN1' locale 'C' owner test_owner`,
      );
      try {
        const url = new URL(arena.bouncer.url(database.appUrl));
        url.pathname = `/${name}`;
        const pool = arena.another(undefined, { connectionString: url.href });
        await arena.asA(async () => {
          const { rows } = await pool.query(
            `select 'é' as literal, $1::text as value, length('é') as length`,
            ['ü'],
          );
          expect(rows).toEqual([{ literal: 'é', value: 'ü', length: 1 }]);
        });
        await pool.end();
      } finally {
        await admin.query(`drop database ${name} with (force)`);
      }
    });

    it('that refuses another start-up parameter of the app’s is told apart by name', async () => {
      const arena = await pooledArena(variant);
      const pool = arena.another(undefined, { lock_timeout: 1000 });
      await arena.asA(async () => {
        await expect(pool.query('select 1')).rejects.toMatchObject({
          code: 'isolation.pooler_unannounced',
          message: expect.stringContaining('lock_timeout'),
        });
      });
    });
  });
}

async function everyKindOfWork(arena: PooledArena): Promise<void> {
  const { pool } = arena;
  await arena.asA(async () => {
    for (let round = 0; round < 3; round += 1) {
      const { rows } = await pool.query('select body from note where n <= $1', [20]);
      expect(rows).toHaveLength(20);
      expect(everythingIn(rows)).not.toContain(SECRET_B);
    }
    expect(await outcomeOf(() => pool.query('select 1/0'))).toMatchObject({ code: '22012' });
    await withClient(pool, async (client) => {
      await client.query('begin');
      await client.query(`insert into project (name) values ('kept')`);
      await client.query('savepoint s');
      await client.query(`insert into project (name) values ('undone')`);
      await outcomeOf(() => client.query('select no_such_column'));
      await client.query('rollback to savepoint s');
      expect((await client.query('select body from note')).rowCount).toBe(20);
      await client.query('commit');
      await client.query('begin');
      await client.query('delete from note');
      await client.query('rollback');
    });
    expect(
      (await pool.query(`select tenant_id, name from project where name in ('kept', 'undone')`))
        .rows,
    ).toEqual([{ tenant_id: A, name: 'kept' }]);
    await withClient(pool, async (client) => {
      const cursor = client.query(new Cursor('select body from note order by n'));
      const read = [...(await cursor.read(7)), ...(await cursor.read(100))];
      await cursor.close();
      expect(read).toHaveLength(20);
      const copied = await textOf(client.query(copyTo('copy (select body from note) to stdout')));
      expect(copied.trim().split('\n')).toHaveLength(20);
      expect(copied).not.toContain(SECRET_B);
    });
  });
  await arena.asB(async () => {
    const seen = everythingIn((await pool.query('select * from note')).rows);
    expect(seen).toContain(SECRET_B);
    expect(seen).not.toContain(SECRET_A);
    expect((await pool.query(`select * from project where name = 'kept'`)).rows).toEqual([]);
  });
}

/** Mixed requests of 20 tenants through all pools at once; says what anybody saw of another's. */
async function interleave(
  arena: PooledArena,
  pools: readonly pg.Pool[],
  requests: number,
): Promise<string[]> {
  const tenants = Array.from(
    { length: 20 },
    (_, index) => `cc000000-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`,
  );
  await arena.admin.query(
    `insert into project (tenant_id, name) select t::uuid, t || ' ' || g from unnest($1::text[]) t, generate_series(1, 3) g`,
    [tenants],
  );
  const foreign: string[] = [];
  const check = (tenant: string, rows: { tenant_id: string }[], least: number) => {
    if (rows.length < least) foreign.push(`${tenant} sees ${rows.length} rows`);
    for (const row of rows) if (row.tenant_id !== tenant) foreign.push(row.tenant_id);
  };
  const one = async (pool: pg.Pool, tenant: string, kind: number): Promise<void> => {
    const read = 'select tenant_id, name from project';
    const write = 'insert into project (name) values ($1) returning tenant_id';
    switch (kind) {
      case 0:
        return check(tenant, (await pool.query(read)).rows, 3);
      case 1:
        await outcomeOf(() => pool.query('select 1/0'));
        return check(tenant, (await pool.query({ name: 'read', text: read })).rows, 3);
      case 2:
        return check(tenant, (await pool.query(write, [randomUUID()])).rows, 1);
      case 3:
        return withClient(pool, async (client) => {
          await client.query('begin');
          check(tenant, (await client.query(write, [randomUUID()])).rows, 1);
          check(tenant, (await client.query(read)).rows, 3);
          await client.query('rollback');
        });
      default:
        return withClient(pool, async (client) => {
          const cursor = client.query(new Cursor(read));
          check(tenant, await cursor.read(2), 2);
          await cursor.close();
        });
    }
  };
  let next = 0;
  const worker = async () => {
    while (next < requests) {
      const turn = next;
      next += 1;
      const tenant = tenants[(turn * 7) % tenants.length] as string;
      const pool = pools[turn % pools.length] as pg.Pool;
      await arena.isolation.enterTenant({ id: tenant }, () => one(pool, tenant, (turn * 31) % 5));
    }
  };
  await Promise.all(Array.from({ length: 24 }, worker));
  return foreign;
}
