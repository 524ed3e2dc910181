/**
 * A small app with two tenants, for the tests of the query layers: projects and their notes, protected, and
 * one protected pool. Each test takes its own, so that they run side by side.
 */
import { type Bulkhead, type BulkheadConfig, createBulkhead } from 'bulkhead';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';

export const ACME = '0a000000-0000-4000-8000-00000000000a';
export const GLOBEX = '0b000000-0000-4000-8000-00000000000b';

export interface TwoTenants {
  readonly database: TestDatabase;
  readonly bulkhead: Bulkhead;
  readonly pool: pg.Pool;
  asAcme<T>(fn: () => Promise<T> | T): Promise<T>;
  asGlobex<T>(fn: () => Promise<T> | T): Promise<T>;
  /** What is really in the tables, past row-level security. */
  everything(sql: string): Promise<Record<string, unknown>[]>;
}

const TABLES = `
  create table project (
    tenant_id uuid not null default bulkhead.tenant_id(),
    id uuid not null default gen_random_uuid(),
    name text not null,
    primary key (tenant_id, id),
    unique (tenant_id, name)
  );
  create table note (
    tenant_id uuid not null default bulkhead.tenant_id(),
    id uuid not null default gen_random_uuid(),
    project_id uuid,
    title text not null constraint note_title_present check (title <> ''),
    body text not null default '',
    priority int not null default 0,
    tags text[] not null default '{}',
    meta jsonb not null default '{}',
    attachment bytea,
    written_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, title),
    constraint note_project foreign key (tenant_id, project_id)
      references project (tenant_id, id) on delete cascade deferrable initially immediate
  );
  create table line (
    tenant_id uuid not null default bulkhead.tenant_id(),
    id uuid not null default gen_random_uuid(),
    note_id uuid not null,
    primary key (tenant_id, id),
    constraint line_note foreign key (tenant_id, note_id)
      references note (tenant_id, id) deferrable initially deferred
  );
  create view note_titles with (security_invoker) as select title from note;
`;

const TABLE_NAMES = ['project', 'note', 'line'];

/** Each tenant has a project `launch` and the notes `first` and `second`, their bodies its own name. */
const ROWS = `
  insert into bulkhead.tenant (id, slug, name) values
    ('${ACME}', 'acme', 'Acme'), ('${GLOBEX}', 'globex', 'Globex');
  insert into project (tenant_id, name) values ('${ACME}', 'launch'), ('${GLOBEX}', 'launch');
  insert into note (tenant_id, project_id, title, body)
    select p.tenant_id, p.id, title, t.slug
      from project p join bulkhead.tenant t on t.id = p.tenant_id, unnest(array['first', 'second']) title;
`;

export interface TwoTenantsOptions {
  readonly pool?: pg.PoolConfig;
  readonly isolation?: Partial<BulkheadConfig['isolation']>;
  readonly identity?: BulkheadConfig['identity'];
}

export async function twoTenants(options: TwoTenantsOptions = {}): Promise<TwoTenants> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  await runScript(database);
  const bulkhead = createBulkhead({
    database: { appRole: 'test_app', operatorRole: 'test_operator' },
    isolation: {
      contextKeys: [database.contextKey],
      operatorUrl: database.operatorUrl,
      ...options.isolation,
    },
    identity: options.identity ?? {},
  });
  onTestFinished(() => bulkhead.close());
  const pool = bulkhead.protect(
    new pg.Pool({ connectionString: database.appUrl, max: 3, ...options.pool }),
  );
  // The directory is asked for each tenant once; not in the middle of a test.
  await Promise.all(['acme', 'globex'].map((slug) => bulkhead.asTenant(slug, () => undefined)));
  return {
    database,
    bulkhead,
    pool,
    asAcme: (fn) => bulkhead.asTenant('acme', fn),
    asGlobex: (fn) => bulkhead.asTenant('globex', fn),
    everything: (sql) => asSuperuser(database, async (client) => (await client.query(sql)).rows),
  };
}

async function runScript(database: TestDatabase): Promise<void> {
  await asSuperuser(database, async (client) => {
    // The tables belong to their owner, as in production; the superuser only saves a second connection.
    await client.query(`set role test_owner; ${TABLES}; reset role; ${ROWS}`);
    for (const table of TABLE_NAMES) {
      await client.query('select bulkhead.protect_table($1::regclass)', [table]);
      await client.query(
        `grant select, insert, update, delete on ${table} to test_app, test_operator`,
      );
    }
    await client.query('grant select on note_titles to test_app');
  });
}

async function asSuperuser<T>(
  database: TestDatabase,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
