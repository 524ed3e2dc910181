/**
 * What can be learned without reading a row: plans, timing, sequences, uniqueness; and clocks and keys that
 * are not what they should be. Limits are stated and measured here as well as promises.
 */
import pg from 'pg';
import { expect, it } from 'vitest';
import {
  generateContextKey,
  parseContextKey,
  parseTenantId,
  publishContextKey,
} from '../../packages/bulkhead/src/isolation/index.ts';
import { createContextSigner } from '../../packages/bulkhead/src/isolation/signed-context.ts';
import { A, type Arena, arenaIsolation, B, createArena, outcomeOf } from '../support/arena.ts';
import { poolWithClock } from '../support/knockout.ts';

const refusedStatement = { code: 'isolation.statement_refused', status: 403 };
const refusedContext = { code: 'isolation.context_refused' };

/** A session of the app's role with B's genuine context and no guard: a stolen password and one token. */
async function unguardedAsB(arena: Arena): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: arena.database.appUrl });
  await client.connect();
  const { token } = createContextSigner(parseContextKey(arena.database.contextKey), 300).sign(
    {
      kind: 'tenant',
      tenant: { id: parseTenantId(B) },
      actor: { type: 'user', id: 'bob' },
      expiresAtMs: Date.now() + 60_000,
    },
    Date.now(),
  );
  await client.query(`select set_config('bulkhead.context', $1, false)`, [token]);
  return client;
}

it('EXPLAIN, statistics, sequences of the session and ALTER ROLE are refused however they are spelled', async () => {
  const { pool, asB, admin } = await createArena();
  await admin.query('create sequence shared; grant usage on sequence shared to test_app');
  await asB(async () => {
    for (const text of [
      'explain select * from note',
      'explain (analyze, buffers, format json) select * from note',
      'EXPLAIN/**/VERBOSE select 1',
      'select * from pg_stats',
      'select * from pg_stat_user_tables',
      'select n_tup_ins from pg_stat_all_tables',
      'select lastval()',
      `select pg_catalog.currval('shared')`,
      `select setval('shared', 1)`,
      `alter role test_app password 'x'`,
      `alter user current_user set search_path = x`,
      'alter role session_user set bulkhead.context = x',
      'alter role all set statement_timeout = 1',
      `alter database postgres set search_path = x`,
    ]) {
      expect(await outcomeOf(() => pool.query(text)), text).toMatchObject(refusedStatement);
    }
  });
});

it('a value that A has is free for B, and says nothing of A', async () => {
  const { pool, asA, asB } = await createArena();
  const insert = (name: string) =>
    outcomeOf(() => pool.query('insert into project (name) values ($1) returning name', [name]));
  await asA(() => insert('the same'));
  expect(await asB(() => insert('the same'))).toEqual([{ name: 'the same' }]);
  expect(await asB(() => insert('the same'))).toMatchObject({ code: '23505' });
  const upsert = `insert into project (name) values ('A-SECRET project')
                  on conflict (tenant_id, name) do update set name = excluded.name || '!' returning name`;
  expect(await asB(() => outcomeOf(() => pool.query(upsert)))).toEqual([
    { name: 'A-SECRET project' },
  ]);
});

it('how long a look-up takes does not depend on what A has: it touches the same pages', async () => {
  const arena = await createArena();
  await arena.admin.query(
    `insert into note (tenant_id, project_id, body, n)
       select '${A}', p.id, 'x', 777 from project p, generate_series(1, 20000) where p.tenant_id = '${A}'`,
  );
  await arena.admin.query('analyze note');
  const client = await unguardedAsB(arena);
  try {
    const plan = async (n: number) => {
      const { rows } = await client.query(
        `explain (analyze, buffers, format json) select count(*) from note where n = ${n}`,
      );
      return rows[0]['QUERY PLAN'][0].Plan;
    };
    await plan(777);
    const common = await plan(777);
    const absent = await plan(778);
    expect(common['Shared Hit Blocks'] + common['Shared Read Blocks']).toBeLessThanOrEqual(
      absent['Shared Hit Blocks'] + absent['Shared Read Blocks'] + 1,
    );
    expect(JSON.stringify(common)).not.toContain('"Actual Rows":20000');
    // The limit, stated: without the guard the planner's estimate is of all tenants' rows.
    expect(estimateOf(common)).toBeGreaterThan(estimateOf(absent));
  } finally {
    await client.end();
  }
});

it('every index of a table behind the wall is led by tenant_id, or by what nobody can guess', async () => {
  const { admin } = await createArena();
  const { rows } = await admin.query(
    `select i.indexrelid::regclass::text as index
       from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid in (select polrelid from pg_policy where polname = 'bulkhead_tenant')
        and a.attname <> 'tenant_id'
      order by 1`,
  );
  // Bulkhead's own, each led by a random id or a hash: a look-up through it tells nothing to who does not know
  // that already.
  expect(rows.map(({ index }) => index)).toEqual([
    'bulkhead.api_key_secret_hash',
    'bulkhead.membership_actor',
    'bulkhead.node_ancestors',
    'bulkhead.session_entry_session_id',
  ]);
});

it.each(['none', 'transaction'] as const)(
  'defaults that a stranger with the password gave the role change no statement’s meaning (pooler: %s)',
  async (pooler) => {
    const arena = await createArena();
    const stranger = new pg.Client({ connectionString: arena.database.appUrl });
    await stranger.connect();
    try {
      for (const setting of [
        `search_path = 'pg_temp', 'pg_catalog'`,
        'row_security = off',
        'standard_conforming_strings = off',
        'transform_null_equals = on',
        `client_encoding = 'LATIN1'`,
      ]) {
        await stranger.query(
          `alter role current_user in database ${arena.database.name} set ${setting}`,
        );
      }
      // A setting that no module declares takes no default from those who are not superuser.
      await expect(
        stranger.query(
          `alter role current_user in database ${arena.database.name} set bulkhead.context = 'x'`,
        ),
      ).rejects.toMatchObject({ code: '42501' });
    } finally {
      await stranger.end();
    }
    const isolation = arenaIsolation(arena.database, { pooler });
    const pool = isolation.protect(
      new pg.Pool({ connectionString: arena.database.appUrl, max: 1 }),
    );
    try {
      await isolation.enterTenant({ id: B }, async () => {
        for (let round = 0; round < 3; round += 1) {
          const { rows } = await pool.query(
            `select 'a\\b' as text, null = null as unknown, length('é') as length,
                    (select count(distinct tenant_id)::int from note) as tenants,
                    (select min(tenant_id::text) from note) as tenant`,
          );
          expect(rows).toEqual([{ text: 'a\\b', unknown: null, length: 1, tenants: 1, tenant: B }]);
        }
      });
    } finally {
      await isolation.close();
    }
  },
);

it.each([
  ['140 seconds behind', -140, true],
  ['590 seconds ahead', 590, true],
  ['10 minutes behind', -600, false],
  ['10 minutes and a little ahead', 610, false],
])(
  'a process whose clock is %s: its statements run, or are refused by name',
  async (_name, aheadSeconds, runs) => {
    const arena = await createArena();
    const pool = poolWithClock(arena.database, aheadSeconds);
    try {
      const read = await arena.asA(() => outcomeOf(() => pool.query('select tenant_id from note')));
      if (runs) expect(read).toHaveLength(20);
      else expect(read).toMatchObject(refusedContext);
      const write = await arena.asA(() =>
        outcomeOf(() => pool.query(`insert into project (name) values ('x') returning tenant_id`)),
      );
      if (runs) expect(write).toEqual([{ tenant_id: A }]);
      else expect(write).toMatchObject(refusedContext);
      const { rowCount } = await arena.admin.query(`select from project where name = 'x'`);
      expect(rowCount).toBe(runs ? 1 : 0);
    } finally {
      await pool.end();
    }
  },
);

it('a process that still signs with the old key works until that key is revoked, then is told so', async () => {
  const arena = await createArena();
  const { admin, asA, database } = arena;
  const next = generateContextKey();
  const newer = arenaIsolation(database, { contextKeys: [next, database.contextKey] });
  const newPool = newer.protect(new pg.Pool({ connectionString: database.appUrl, max: 1 }));
  const count = (pool: pg.Pool) =>
    outcomeOf(() => pool.query('select count(*)::int as n from note'));
  const asNewer = <T>(work: () => Promise<T>) => newer.enterTenant({ id: A }, work);
  try {
    // Signed with before it was published, as by a process that was deployed too early.
    expect(await asNewer(() => count(newPool))).toMatchObject(refusedContext);
    await publishContextKey(admin, next);
    expect(await asNewer(() => count(newPool))).toEqual([{ n: 20 }]);
    expect(await asA(() => count(arena.pool))).toEqual([{ n: 20 }]);

    await asA(async () => {
      const open = await arena.pool.connect();
      const frozen = await arena.pool.connect();
      try {
        await open.query('begin');
        await open.query('select 1 from note');
        await frozen.query('begin isolation level repeatable read');
        await frozen.query('select 1 from note');
        await admin.query(
          'update bulkhead.context_key set revoked_at = clock_timestamp() where kid = $1',
          [parseContextKey(database.contextKey).kid],
        );
        await expect(open.query('select 1 from note')).rejects.toMatchObject(refusedContext);
        // The limit, stated: an old snapshot still has the key, until its token ends. This is why
        // `bulkhead key revoke` ends the app's sessions.
        expect((await frozen.query('select 1 from note')).rowCount).toBe(20);
      } finally {
        await outcomeOf(() => open.query('rollback'));
        await outcomeOf(() => frozen.query('rollback'));
        open.release();
        frozen.release();
      }
    });
    expect(await asA(() => count(arena.pool))).toMatchObject(refusedContext);
    expect(await asNewer(() => count(newPool))).toEqual([{ n: 20 }]);
  } finally {
    await newer.close();
  }
});

function estimateOf(plan: { 'Plan Rows': number; Plans?: (typeof plan)[] }): number {
  return (plan.Plans ?? []).reduce(
    (most, child) => Math.max(most, estimateOf(child)),
    plan.Plans ? 0 : plan['Plan Rows'],
  );
}
