/**
 * A server of its own, in a temporary folder, with the project's migrations applied; gone afterwards.
 *
 * Promises: nothing outside the folder is touched, no other database is connected to, and the folder is removed
 * whatever happens.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type ClientBase } from 'pg';
import { startEmbeddedPostgres } from '../../../kernel/embedded/index.ts';
import { ident } from '../names.ts';
import { type Applied, applyMigrations } from './apply-migrations.ts';
import type { Migrations } from './find-migrations.ts';
import { supabasePreludeSql } from './supabase-prelude.sql.ts';

export interface ThrowAwayDatabase {
  /** A superuser's. */
  readonly client: Client;
  readonly url: string;
  readonly applied: Applied;
  /** The role that owns everything because the migrations name none, else undefined. */
  readonly owningRole: string | undefined;
}

export interface ThrowAwayOptions {
  /** The role asked for with `--role`. */
  readonly role: string | undefined;
  readonly signal?: AbortSignal;
  readonly onFile?: (path: string) => void;
}

const DATABASE = 'migrations';
/** Who the app is taken to be when the migrations leave everything to whoever runs them. */
const OWNER = 'app';

export async function withThrowAwayDatabase<T>(
  migrations: Migrations,
  options: ThrowAwayOptions,
  work: (database: ThrowAwayDatabase) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-prove-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  try {
    const server = await startEmbeddedPostgres({
      dataDir: join(folder, 'postgres'),
      durable: false,
    });
    undo.unshift(() => server.stop());
    await withClient(server.superuserUrl, (client) =>
      client.query(`create database ${DATABASE} template template0 encoding 'UTF8'`),
    );
    const url = server.url({ database: DATABASE });
    const superuser = await connect(url);
    undo.unshift(() => superuser.end());
    const isSupabase = speaksSupabase(migrations);
    if (isSupabase) await superuser.query(supabasePreludeSql);
    const owningRole = isSupabase || namesRoles(migrations) ? undefined : (options.role ?? OWNER);
    if (owningRole !== undefined) {
      await superuser.query(
        `create role ${ident(owningRole)} login; alter database ${DATABASE} owner to ${ident(owningRole)}; alter schema public owner to ${ident(owningRole)}`,
      );
    }
    const migrator = await connect(url);
    undo.unshift(() => migrator.end());
    await becomeMigrator(migrator, owningRole, isSupabase);
    const applied = await applyMigrations(migrator, migrations.files, { ...options, superuser });
    return await work({ client: superuser, url, applied, owningRole });
  } finally {
    for (const step of undo) await step().catch(() => undefined);
  }
}

async function becomeMigrator(
  client: ClientBase,
  owningRole: string | undefined,
  isSupabase: boolean,
): Promise<void> {
  if (owningRole !== undefined)
    await client.query(`set session authorization ${ident(owningRole)}`);
  if (isSupabase) await client.query('set search_path = public, extensions');
}

function speaksSupabase({ layout, files }: Migrations): boolean {
  return (
    layout === 'supabase' ||
    files.some(({ sql }) =>
      /\bauth\s*\.\s*(uid|jwt|role|users)\b|\b(to|from)\s+(anon|authenticated)\b/i.test(sql),
    )
  );
}

/** Do the migrations give rights to anyone, or make roles? Then the app is not simply the owner. */
function namesRoles({ files }: Migrations): boolean {
  return files.some(({ sql }) =>
    /^\s*(grant\s+.+?\s+to\s+(?!public\b)|create\s+(role|user)\s+(?!mapping))/ims.test(sql),
  );
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // A server that is stopped ends its connections; that is no news here.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function withClient(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = await connect(url);
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
