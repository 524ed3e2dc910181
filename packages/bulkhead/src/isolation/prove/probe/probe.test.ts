import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { readCatalog } from '../catalog/read-catalog.ts';
import { findConvention } from '../convention/find-convention.ts';
import { findRole } from '../convention/find-role.ts';
import { findTenancy } from '../convention/find-tenancy.ts';
import type { Finding } from '../model.ts';
import { SENTINEL_A, SENTINEL_B } from '../sentinels.ts';
import { findSurface } from '../surface/find-surface.ts';
import type { World } from '../world.ts';
import { probeFindings } from './probe-findings.ts';

const schemaSql = `
  create table tenants (id uuid primary key, name text not null);
  create table posts (id uuid primary key, tenant_id uuid not null references tenants, slug text not null unique,
    title text not null, status text not null check (status in ('draft', 'sent')), counted serial);
  create table comments (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants,
    post_id uuid not null references posts, body text not null);
  create table open (id uuid primary key, tenant_id uuid not null references tenants, body varchar(9));
  create table effects (id bigint generated always as identity, what text);
  create function leave_a_mark() returns trigger language plpgsql as $$
    begin insert into effects (what) values ('fired'); perform nextval('effects_id_seq'); return new; end $$;
  create trigger mark after insert or update or delete on open for each row execute function leave_a_mark();
  create view overview as select count(*) as posts from posts;
  insert into tenants values ('11111111-1111-4111-8111-111111111111', 'real');
  insert into posts (id, tenant_id, slug, title, status) values (gen_random_uuid(), '11111111-1111-4111-8111-111111111111', 'real', 'real', 'sent');
  alter table posts enable row level security;
  create policy tenant_isolation on posts using (tenant_id = current_setting('app.tenant_id', true)::uuid);
  alter table comments enable row level security;
  create policy tenant_isolation on comments using (tenant_id = current_setting('app.tenant_id', true)::uuid);
  grant usage on schema public to test_app;
  grant select, insert, update, delete on posts, comments, open to test_app;
  grant select on overview to test_app;
  grant select, usage on all sequences in schema public to test_app;
`;

async function prepare(sql = schemaSql): Promise<{ database: TestDatabase; client: pg.Client }> {
  const database = await createTestDatabase({ migrated: false });
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await database.drop();
  });
  await client.query(sql);
  return { database, client };
}

async function worldOf(client: pg.Client): Promise<World> {
  const catalog = await readCatalog(client);
  const convention = findConvention(catalog, {});
  const surface = findSurface(catalog, findRole(catalog, 'test_app'));
  return { catalog, convention, surface, tenancy: findTenancy(catalog, convention) };
}

function finding(exploit: string | null, changes: Partial<Finding> = {}): Finding {
  return {
    object: 'public.posts',
    type: 'table',
    kind: 'hole',
    why: 'there is a hole',
    exploit,
    confirmed: false,
    fix: null,
    severity: 'high',
    verdict: 'leak',
    ...changes,
  };
}

async function probe(client: pg.Client, findings: readonly Finding[], isCopy = false) {
  const probed = await probeFindings(client, await worldOf(client), findings, { isCopy });
  return probed.map(({ confirmed }) => confirmed);
}

/** Everything a change could show in: rows, sequences, definitions, sizes of files. */
/** Roles are the cluster's: those of test files beside this one end in eight hex digits, and come and go. */
async function fingerprint(client: pg.Client): Promise<string> {
  const tables = await client.query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public' order by 1",
  );
  const parts: unknown[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await client.query(
      `select t::text, ctid::text, xmin::text from ${name} t order by 1, 2`,
    );
    parts.push([name, rows]);
  }
  const others = await client.query(
    `select (select json_agg(s order by s::text) from (select schemaname, sequencename, last_value from pg_sequences) s) as sequences,
            (select json_agg(c order by c::text) from (select relname, relfilenode, relacl::text, relowner from pg_class where relnamespace = 'public'::regnamespace) c) as relations,
            (select json_agg(r order by r::text) from (select rolname, rolsuper, rolconfig from pg_roles where rolname !~ '_[0-9a-f]{8}$') r) as roles,
            (select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())) as locks`,
  );
  return JSON.stringify([parts, others.rows]);
}

describe('what is shown', () => {
  test('an open table gives A away; a guarded one does not, whatever a rule says of it', async () => {
    const { client } = await prepare();
    expect(
      await probe(client, [
        finding(`select * from public.open where tenant_id = '${SENTINEL_A}'`, {
          object: 'public.open',
        }),
        finding(`select * from public.posts where tenant_id = '${SENTINEL_A}'`),
        finding('select * from public.posts'),
      ]),
    ).toEqual([true, false, false]);
  });

  test('a count that grows with A’s rows is seen, without one row of A’s', async () => {
    const { client } = await prepare();
    const overview = finding('select * from public.overview', {
      object: 'public.overview',
      type: 'view',
    });
    expect(await probe(client, [overview])).toEqual([true]);
  });

  // An UPDATE that reads no column asks no SELECT policy.
  test('a row of A’s that B changes, plants or removes is seen', async () => {
    const { client } = await prepare(
      `${schemaSql} drop trigger mark on open; alter table open enable row level security;
       create policy read_own on open for select using (tenant_id = current_setting('app.tenant_id', true)::uuid);
       create policy write_any on open for insert with check (true);
       create policy change_any on open for update using (true) with check (true)`,
    );
    expect(
      await probe(client, [
        finding(`insert into public.open values (gen_random_uuid(), '${SENTINEL_A}', 'planted')`),
        finding(`insert into public.open values (gen_random_uuid(), '${SENTINEL_B}', 'own')`),
        finding("update public.open set body = 'defaced'"),
        finding("do $$ begin update public.open set body = 'defaced'; end $$"),
      ]),
    ).toEqual([true, false, true, true]);
  });

  test('foreign keys and unique keys that answer for A’s rows are seen', async () => {
    const { client } = await prepare();
    expect(
      await probe(client, [
        finding(null, { object: 'public.comments', kind: 'fk-without-tenant' }),
        finding(null, { object: 'public.posts', kind: 'unique-without-tenant' }),
      ]),
    ).toEqual([true, true]);
  });

  test('the same keys led by the tenant are not', async () => {
    const { client } = await prepare(
      `${schemaSql} alter table posts add unique (tenant_id, id), drop constraint posts_slug_key, add unique (tenant_id, slug);
       alter table comments drop constraint comments_post_id_fkey, add foreign key (tenant_id, post_id) references posts (tenant_id, id)`,
    );
    expect(
      await probe(client, [
        finding(null, { object: 'public.comments', kind: 'fk-without-tenant' }),
      ]),
    ).toEqual([false]);
  });

  test('a hole that opens without a context is tried without one', async () => {
    const { client } = await prepare(
      `${schemaSql} alter policy tenant_isolation on posts using (tenant_id = coalesce(nullif(current_setting('app.tenant_id', true), '')::uuid, tenant_id))`,
    );
    expect(
      await probe(client, [
        finding('select * from public.posts'),
        finding('-- no tenant in the context\nselect * from public.posts'),
      ]),
    ).toEqual([false, true]);
  });

  test('a role that is a superuser’s session is not taken for the superuser', async () => {
    const { client } = await prepare();
    expect(await probe(client, [finding(`set role postgres; select * from public.posts`)])).toEqual(
      [false],
    );
  });
});

describe('what is never run', () => {
  test('a trigger that draws from a sequence keeps its table from being written to, except on a copy', async () => {
    const { client } = await prepare();
    const planted = finding(
      `insert into public.open values (gen_random_uuid(), '${SENTINEL_A}', 'planted')`,
      {
        object: 'public.open',
      },
    );
    expect(await probe(client, [planted])).toEqual([false]);
    expect(await probe(client, [planted], true)).toEqual([true]);
  });

  test.each([
    ["copy (select 1) to program 'true'"],
    ["select pg_read_file('/etc/hostname')"],
    ["select nextval('effects_id_seq')"],
    ['select pg_advisory_lock(1)'],
    ['commit; select * from public.open'],
    ["do $$ begin execute 'select 1'; end $$"],
    ["select lo_import('/etc/hostname')"],
    ['alter table public.open disable trigger all'],
    ['vacuum'],
    ['not sql'],
  ])('%s', async (sql) => {
    const { client } = await prepare();
    const before = await fingerprint(client);
    expect(
      await probe(client, [
        finding(`select * from public.open; ${sql}`, { object: 'public.open' }),
      ]),
    ).toEqual([false]);
    expect(await fingerprint(client)).toBe(before);
  });
});

test('nothing is left behind: no row, no sequence, no privilege, no lock', async () => {
  const { client } = await prepare();
  const before = await fingerprint(client);
  const confirmed = await probe(client, [
    finding(`select * from public.open where tenant_id = '${SENTINEL_A}'`, {
      object: 'public.open',
    }),
    finding('truncate public.open', { object: 'public.open' }),
    finding(
      `insert into public.posts (id, tenant_id, slug, title, status) values (gen_random_uuid(), '${SENTINEL_A}', 'x', 'x', 'sent')`,
    ),
    finding(`delete from public.posts; select 1/0`),
    finding(
      'create temp table posts (id int); create function pg_temp.f() returns int language sql as $$ select 1 $$',
    ),
    finding(null, { object: 'public.comments', kind: 'fk-without-tenant' }),
    finding(
      "select set_config('app.tenant_id', 'x', false), set_config('role', 'postgres', false)",
    ),
  ]);
  expect(confirmed[0]).toBe(true);
  expect(await fingerprint(client)).toBe(before);
  const { rows } = await client.query(
    "select current_user, session_user, current_setting('app.tenant_id', true) as tenant, current_setting('session_replication_role') as replication",
  );
  expect(rows).toEqual([
    {
      current_user: 'postgres',
      session_user: 'postgres',
      tenant: expect.toBeOneOf([null, '']),
      replication: 'origin',
    },
  ]);
});

test('a reader who may not become the role confirms nothing, and breaks nothing', async () => {
  const { database, client } = await prepare();
  const reader = new pg.Client({ connectionString: database.operatorUrl });
  await reader.connect();
  onTestFinished(() => reader.end());
  const world = await worldOf(client);
  const own: World = {
    ...world,
    catalog: {
      ...world.catalog,
      server: { ...world.catalog.server, reader: 'test_operator', readerIsSuperuser: false },
    },
  };
  const probed = await probeFindings(reader, own, [finding('select * from public.overview')]);
  expect(probed.map(({ confirmed }) => confirmed)).toEqual([false]);
});

test('a table that someone else has locked is given up on within a moment', async () => {
  const { database, client } = await prepare();
  const other = new pg.Client({ connectionString: database.superuserUrl });
  await other.connect();
  onTestFinished(() => other.end());
  const world = await worldOf(client);
  await other.query('begin; lock table open in access exclusive mode');
  const startedMs = performance.now();
  const probed = await probeFindings(client, world, [
    finding('select * from public.open', { object: 'public.open' }),
  ]);
  expect(probed[0]?.confirmed).toBe(false);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});
