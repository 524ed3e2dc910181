/** Hazard: a plan made for one tenant and used for the next. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { A, B, createArena, everythingIn, SECRET_A, SECRET_B } from '../support/arena.ts';

const MORE = `
  create function list_bodies() returns setof text language sql stable as $$ select body from note $$;
  create function list_inline() returns table (b text) language sql stable begin atomic select body from note; end;
  create function list_plpgsql() returns setof text language plpgsql stable as
    $$ begin return query select body from note; end $$;
  create table parent (tenant_id uuid not null default bulkhead.tenant_id(), body text);
  create table child () inherits (parent);
  select bulkhead.protect_table(t) from unnest(array['parent', 'child']::regclass[]) t;
  grant select, insert on parent to test_app;
  alter table note set (parallel_workers = 2);
`;

const READS = [
  'select body from note',
  'select body from note where n = $1 or n <> $1',
  'select body from note_list',
  'select body from event',
  'select body from parent',
  'select list_bodies() as body',
  'select b as body from list_inline()',
  'select list_plpgsql() as body',
  'with x as materialized (select * from note) select a.body from x a join x b using (id)',
  'select (select string_agg(body, $$,$$) from note) as body',
];

const PLANNER = {
  'as planned by default': '',
  'with generic plans': '-c plan_cache_mode=force_generic_plan',
  'with custom plans': '-c plan_cache_mode=force_custom_plan',
  'with parallel workers':
    '-c debug_parallel_query=on -c parallel_setup_cost=0 -c parallel_tuple_cost=0 -c min_parallel_table_scan_size=0',
};

describe.each(Object.entries(PLANNER))('%s', (_name, options) => {
  it('A, B, nobody and A again each see their own through the same prepared statements', async () => {
    const { asA, asB, admin, isolation, database } = await createArena();
    const { rows } = await admin.query(
      `select current_setting('server_version_num')::int as number`,
    );
    const pool = isolation.protect(
      new pg.Pool({
        connectionString: database.appUrl,
        max: 1,
        // Its name until PostgreSQL 15.
        options:
          rows[0].number < 160000
            ? options.replace('debug_parallel_query', 'force_parallel_mode')
            : options,
      }),
    );
    await admin.query(`set role test_owner; ${MORE}; reset role;
      insert into child select tenant_id, body from note`);
    const read = async (text: string) =>
      everythingIn((await pool.query(text, text.includes('$1') ? [3] : [])).rows);
    // More often than the five executions after which PostgreSQL considers a generic plan.
    for (let round = 0; round < 8; round += 1) {
      for (const text of READS) {
        const seenByA = await asA(() => read(text));
        expect(seenByA, text).toContain(SECRET_A);
        expect(seenByA, text).not.toContain(SECRET_B);
        const seenByB = await asB(() => read(text));
        expect(seenByB, text).toContain(SECRET_B);
        expect(seenByB, text).not.toContain(SECRET_A);
        expect((await isolation.systemQuery('select body from note', [])).rows).toEqual([]);
      }
    }
  });
});

it('a statement whose table changed under it runs again by itself', async () => {
  const { pool, asA, admin } = await createArena({ pool: { max: 1 } });
  const read = () => asA(async () => (await pool.query('select * from project')).rows);
  for (let round = 0; round < 3; round += 1) await read();
  await admin.query('alter table project add column colour text');
  expect((await read())[0]).toHaveProperty('colour', null);
  await admin.query('alter table project drop column colour');
  expect((await read())[0]).not.toHaveProperty('colour');
  await read();
  await admin.query('alter table project rename column name to title');
  expect((await read())[0]).toHaveProperty('title');
});

it('a statement that runs again keeps its place before those that wait', async () => {
  const { asA, pool, admin } = await createArena();
  await asA(async () => {
    const insert = 'insert into project (name) values ($1) returning *';
    const client = await pool.connect();
    for (const name of ['one', 'two', 'three']) await client.query(insert, [name]);
    await admin.query('alter table project add column later integer');
    const first = client.query(insert, ['acknowledged']);
    const begun = client.query('begin');
    expect((await first).rowCount).toBe(1);
    await begun;
    await client.query('rollback');
    client.release();
    const kept = await pool.query(`select 1 from project where name = 'acknowledged'`);
    expect(kept.rowCount).toBe(1);
  });
});

it('a deferred constraint trigger sees the tenant whose statement queued it', async () => {
  const { pool, asA, asB, admin } = await createArena({ pool: { max: 1 } });
  await admin.query(`
    create table seen (tenant uuid, rows bigint);
    create function look() returns trigger language plpgsql security definer as $$
      begin insert into public.seen select bulkhead.tenant_id(), (select count(*) from public.note); return null; end $$;
    create constraint trigger look after insert on project deferrable initially deferred
      for each row execute function look();
    create function refuse() returns trigger language plpgsql as $$
      begin if new.name = 'bad' then raise exception 'refused at commit'; end if; return null; end $$;
    create constraint trigger refuse after insert on project deferrable initially deferred
      for each row execute function refuse();
  `);
  await asA(() => pool.query(`insert into project (name) values ('one')`));
  await asB(async () => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query(`insert into project (name) values ('two')`);
    await client.query('commit');
    client.release();
  });
  expect((await admin.query('select tenant from seen order by 1')).rows).toEqual([
    { tenant: A },
    { tenant: B },
  ]);
  await asA(async () => {
    await expect(pool.query(`insert into project (name) values ('bad')`)).rejects.toThrow(
      'refused at commit',
    );
    expect((await pool.query(`select * from project where name = 'bad'`)).rows).toEqual([]);
  });
});
