/**
 * One server for a whole test run: TEST_DATABASE_URL (a superuser's) if it is set, else a throw-away
 * embedded one. Makes the cluster's roles and the template that every test's database is cloned from.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from 'bulkhead/embedded';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { fastFolder } from './fast-folder.ts';
import { migrateTemplate } from './migrate-template.ts';
import { quickVerifier } from './quick-verifier.ts';
import { createRoles } from './roles.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    superuserUrl: string;
    templates: { readonly empty: string; readonly migrated: string };
    /** Files are copied in half the time, unless all of them have to reach a disk. */
    cloneStrategy: 'file_copy' | 'wal_log';
    /** A folder that a server was started in and stopped again. */
    preparedCluster: string;
  }
}

const SETTINGS = {
  max_connections: '400',
  max_prepared_transactions: '0',
  shared_buffers: '64MB',
  // A checkpoint in the middle would only slow the run down.
  checkpoint_timeout: '1h',
  max_wal_size: '1GB',
  autovacuum: 'off',
};

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const parent = await fastFolder();
  await removeAbandoned(parent);
  const prepared = await prepareCluster(parent);
  const server = await startServer(parent, prepared);
  // Its own templates: runs that share a server must not meet.
  const run = randomBytes(4).toString('hex');
  const templates = { empty: `bulkhead_empty_${run}`, migrated: `bulkhead_migrated_${run}` };
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    await createRoles(client, server.url);
    for (const name of Object.values(templates)) {
      await client.query(`create database ${name} template template0 owner test_owner`);
    }
    await migrateTemplate(databaseUrl(server.url, templates.migrated));
  } finally {
    await client.end();
  }
  project.provide('superuserUrl', server.url);
  project.provide('templates', templates);
  project.provide('cloneStrategy', server.throwAway === undefined ? 'wal_log' : 'file_copy');
  project.provide('preparedCluster', prepared);
  return async () => {
    if (server.throwAway === undefined) await dropDatabases(server.url, run);
    else await server.throwAway();
    await rm(prepared, { recursive: true, force: true });
  };
}

/** The programs of another version, where the run is to be on that. */
const binDir = process.env.TEST_POSTGRES_BIN;
const programs = binDir === undefined || binDir === '' ? {} : { binDir };

/** `initdb` takes longer than anything else about a server: it is run once, whatever is started. */
async function prepareCluster(parent: string): Promise<string> {
  const dataDir = await mkdtemp(join(parent, PREPARED_PREFIX));
  const server = await startEmbeddedPostgres({ dataDir, durable: false, ...programs });
  const client = new pg.Client({ connectionString: server.superuserUrl });
  await client.connect();
  const { password } = new URL(server.superuserUrl);
  await client.query(`alter role current_user password '${quickVerifier(password)}'`);
  await client.end();
  await server.stop();
  return dataDir;
}

async function startServer(
  parent: string,
  prepared: string,
): Promise<{ url: string; throwAway?: () => Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL;
  if (given !== undefined && given !== '') return { url: given };
  const dataDir = await mkdtemp(join(parent, PREFIX));
  await promisify(execFile)('cp', ['-a', `${prepared}/.`, dataDir]);
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: SETTINGS,
    ...programs,
  });
  const throwAway = async (): Promise<void> => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url: server.superuserUrl, throwAway };
}

const PREFIX = 'bulkhead-test-';
const ABANDONED_MS = 10 * 60_000;
/** No server runs in it, so there is no lock that would tell of a run that still uses it. */
const PREPARED_PREFIX = 'bulkhead-prepared-';
const PREPARED_ABANDONED_MS = 24 * 60 * 60_000;

/** What a killed run left behind; its server ended with it, so there is no lock any more. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const isPrepared = name.startsWith(PREPARED_PREFIX);
    if (!isPrepared && !name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    const [made, lock] = await Promise.all(
      [folder, join(folder, 'cluster/postmaster.pid')].map((path) =>
        stat(path).catch(() => undefined),
      ),
    );
    const old =
      made !== undefined &&
      Date.now() - made.mtimeMs > (isPrepared ? PREPARED_ABANDONED_MS : ABANDONED_MS);
    // Another user's folder is that user's to remove.
    if (old && lock === undefined && made.uid === process.getuid?.()) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** On a server that outlives the run nothing of the run is left, also not what a test forgot to drop. */
async function dropDatabases(url: string, run: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where datname like 'bulkhead\\_%\\_' || $1 or datname like 'test\\_' || $1 || '\\_%'`,
    [run],
  );
  for (const { datname } of rows) {
    await client.query(`drop database if exists ${client.escapeIdentifier(datname)} with (force)`);
  }
  await client.end();
}

function databaseUrl(url: string, database: string): string {
  const made = new URL(url);
  made.pathname = `/${database}`;
  return made.href;
}
