/**
 * The ground of the race: 50 tenants with 1,000 notes each, four times over in tables that differ only in
 * what stands before them.
 *
 *   note_open     nothing; the caller names the tenant in WHERE
 *   note_usual    the usual policy, on current_setting('app.tenant_id')
 *   note_plain    the same in Bulkhead's frame: its setting holds a bare tenant id
 *   note          Bulkhead's signed context
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { generateContextKey } from '#bulkhead';
import { capabilities } from '#bulkhead/capabilities.js';
import { publishContextKey } from '#bulkhead/isolation/index.js';
import { startEmbeddedPostgres } from '#bulkhead/kernel/embedded/index.js';
import { migrate } from '#bulkhead/kernel/migrations/index.js';
import { parentOf } from '../harness/cpu.ts';

export const TENANTS = 50;
export const NOTES_PER_TENANT = 1000;
export const NOTES_PER_PROJECT = 20;
const APP = 'bench_app';

/** Stated in the report: without them an insert would measure the disk. */
export const SERVER_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  shared_buffers: '256MB',
  max_connections: '500',
  autovacuum: 'off',
  checkpoint_timeout: '1h',
  max_wal_size: '8GB',
} as const;

export interface Tenant {
  readonly id: string;
  readonly noteIds: readonly string[];
}

export interface BenchDatabase {
  readonly appUrl: string;
  readonly superuserUrl: string;
  readonly contextKey: string;
  readonly serverVersion: string;
  /** The postmaster, whose children do the work. */
  readonly serverPid: number | undefined;
  readonly tenants: readonly Tenant[];
  stop(): Promise<void>;
}

export async function startDatabase(): Promise<BenchDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: SERVER_SETTINGS,
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  // Ctrl-C leaves no folder behind; exit code 130 is the shell's for it.
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  const password = randomBytes(18).toString('base64url');
  const contextKey = generateContextKey();
  const admin = new pg.Client({ connectionString: server.superuserUrl });
  await admin.connect();
  try {
    await admin.query('create role bulkhead nologin');
    await admin.query('create role bench_owner nologin');
    await admin.query(`create role ${APP} login nobypassrls password '${password}'`);
    await migrate({ connectionString: server.superuserUrl, capabilities, appRole: APP });
    await publishContextKey(admin, contextKey);
    await admin.query(schema());
    const version = await admin.query('show server_version');
    const { rows } = await admin.query('select pg_backend_pid() as pid');
    return {
      appUrl: server.url({ user: APP, password }),
      superuserUrl: server.superuserUrl,
      contextKey,
      serverVersion: String(version.rows[0]?.server_version),
      serverPid: parentOf(rows[0]?.pid),
      tenants: await readTenants(admin),
      stop,
    };
  } finally {
    await admin.end();
  }
}

async function readTenants(admin: pg.Client): Promise<Tenant[]> {
  const { rows } = await admin.query(
    'select tenant_id as id, array_agg(id::text order by id) as ids from note group by 1 order by 1',
  );
  return rows.map(({ id, ids }) => ({ id, noteIds: ids }));
}

const SUFFIXES = ['_open', '_usual', '_plain', ''] as const;

const TENANT_DEFAULT: Record<(typeof SUFFIXES)[number], string> = {
  _open: '',
  _usual: "default nullif(current_setting('app.tenant_id', true), '')::uuid",
  _plain: "default nullif(current_setting('bulkhead.context', true), '')::uuid",
  '': 'default bulkhead.tenant_id()',
};

function schema(): string {
  const tables = SUFFIXES.map((suffix) => tablesOf(suffix, TENANT_DEFAULT[suffix])).join('\n');
  return `${tables}
    ${unsignedPolicy('usual', 'app.tenant_id')}
    ${unsignedPolicy('plain', 'bulkhead.context')}
    set role bench_owner;
    select bulkhead.protect_table('note'), bulkhead.protect_table('draft');
    reset role;
    analyze;`;
}

function tablesOf(suffix: string, tenantDefault: string): string {
  return `
    create table note${suffix} (
      tenant_id uuid not null ${tenantDefault},
      id uuid not null default gen_random_uuid(),
      project integer not null,
      title text not null,
      body text not null,
      primary key (tenant_id, id)
    );
    create table draft${suffix} (
      tenant_id uuid not null ${tenantDefault},
      id uuid not null default gen_random_uuid(),
      title text not null,
      body text not null,
      primary key (tenant_id, id)
    );
    insert into note${suffix} (tenant_id, id, project, title, body)
    select md5('tenant' || t)::uuid, md5('note' || t || '.' || n)::uuid,
           n / ${NOTES_PER_PROJECT}, 'Note ' || n, repeat('text ', 24)
      from generate_series(1, ${TENANTS}) t, generate_series(0, ${NOTES_PER_TENANT - 1}) n;
    create index on note${suffix} (tenant_id, project);
    alter table note${suffix} owner to bench_owner;
    alter table draft${suffix} owner to bench_owner;
    grant select, insert on note${suffix}, draft${suffix} to ${APP};`;
}

/** The best form of the usual policy: wrapped, so that it is worked out once a statement and not per row. */
function unsignedPolicy(suffix: string, setting: string): string {
  const tenant = `(select nullif(current_setting('${setting}', true), '')::uuid)`;
  return ['note', 'draft']
    .map(
      (table) => `
    alter table ${table}_${suffix} enable row level security;
    alter table ${table}_${suffix} force row level security;
    create policy open on ${table}_${suffix} using (true) with check (true);
    create policy tenant on ${table}_${suffix} as restrictive
      using (tenant_id = ${tenant}) with check (tenant_id = ${tenant});`,
    )
    .join('');
}
