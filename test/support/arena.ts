/**
 * Two tenants with rows that can't be mistaken for each other's, in a protected database: the ground that
 * attacks are tried on.
 */
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { Isolation, type IsolationOptions } from '../../packages/bulkhead/src/isolation/index.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export const A = '0a000000-0000-4000-8000-00000000000a';
export const B = '0b000000-0000-4000-8000-00000000000b';

/** Stands in every row of A's; seeing it as B is a leak. */
export const SECRET_A = 'A-SECRET';
export const SECRET_B = 'B-SECRET';

const SCHEMA = `
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
    project_id uuid not null,
    body text not null,
    n integer not null default 0,
    primary key (tenant_id, id),
    foreign key (tenant_id, project_id) references project (tenant_id, id)
  );
  create index on note (tenant_id, n);
  create table event (
    tenant_id uuid not null default bulkhead.tenant_id(),
    at date not null default current_date,
    body text not null
  ) partition by range (at);
  create table event_old partition of event for values from ('2000-01-01') to ('2020-01-01');
  create table event_new partition of event for values from ('2020-01-01') to ('2100-01-01');
  create view note_list with (security_invoker = on) as
    select n.id, n.body, p.name from note n join project p using (tenant_id);
  select bulkhead.protect_table(t) from unnest(array['project', 'note', 'event', 'event_old', 'event_new']::regclass[]) t;
  grant select, insert, update, delete on project, note, event to test_app, test_operator;
  grant select on note_list to test_app, test_operator;
`;

export interface Arena {
  readonly database: TestDatabase;
  readonly isolation: Isolation;
  /** The protected pool, as the app has it. */
  readonly pool: pg.Pool;
  /** Sees and may do everything; for arranging and checking, never for the statements under test. */
  readonly admin: pg.Client;
  asA<T>(fn: () => Promise<T> | T): Promise<T>;
  asB<T>(fn: () => Promise<T> | T): Promise<T>;
  close(): Promise<void>;
}

export interface ArenaOptions {
  readonly pool?: pg.PoolConfig;
  readonly isolation?: Partial<IsolationOptions>;
}

/** An arena for one test; everything is closed and dropped when the test is over. */
export async function createArena(options: ArenaOptions = {}): Promise<Arena> {
  const arena = await openArena(options);
  onTestFinished(() => arena.close());
  return arena;
}

/** For a file whose tests leave the data as it was: `const arena = await openArena()` in `beforeAll`. */
export async function openArena(options: ArenaOptions = {}): Promise<Arena> {
  const database = await createTestDatabase();
  const admin = new pg.Client({ connectionString: database.superuserUrl });
  await admin.connect();
  await seed(admin);
  const isolation = arenaIsolation(database, options.isolation);
  const pool = isolation.protect(
    new pg.Pool({ connectionString: database.appUrl, max: 4, ...options.pool }),
  );
  return {
    database,
    isolation,
    pool,
    admin,
    close: async () => {
      await isolation.close();
      await admin.end();
      await database.drop();
    },
    asA: async (fn) =>
      isolation.enterTenant({ id: A }, fn, { actor: { type: 'user', id: 'alice' } }),
    asB: async (fn) => isolation.enterTenant({ id: B }, fn, { actor: { type: 'user', id: 'bob' } }),
  };
}

/** The isolation of an app on this database. */
export function arenaIsolation(
  database: TestDatabase,
  options: Partial<IsolationOptions> = {},
): Isolation {
  return new Isolation({
    contextKeys: [database.contextKey],
    tokenLifetimeSeconds: 300,
    searchPath: ['public'],
    pooler: 'detect',
    allow: { functions: [], relations: [], statements: [] },
    inFlightMax: 1,
    prepareStatements: true,
    operatorUrl: database.operatorUrl,
    ...options,
  });
}

async function seed(admin: pg.Client): Promise<void> {
  await admin.query('set role test_owner');
  await admin.query(SCHEMA);
  await admin.query('reset role');
  for (const [id, secret] of [
    [A, SECRET_A],
    [B, SECRET_B],
  ]) {
    await admin.query(
      `with p as (insert into project (tenant_id, name) values ($1, $2 || ' project') returning id)
       insert into note (tenant_id, project_id, body, n)
       select $1, p.id, $2 || ' note ' || g, g from p, generate_series(1, 20) g`,
      [id, secret],
    );
    await admin.query(
      `insert into event (tenant_id, at, body) values ($1, '2010-01-01', $2 || ' old'), ($1, '2025-01-01', $2 || ' new')`,
      [id, secret],
    );
  }
}

/** What came back, as text in which a foreign row would show. */
export function everythingIn(value: unknown): string {
  if (value instanceof Error) {
    return JSON.stringify({ ...value, message: value.message, stack: value.stack });
  }
  return JSON.stringify(value);
}

/** Runs a statement and returns whatever comes of it, an error included. */
export async function outcomeOf(work: () => Promise<pg.QueryResult>): Promise<unknown> {
  try {
    return (await work()).rows;
  } catch (error) {
    return error;
  }
}
