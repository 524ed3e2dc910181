/**
 * Brings a database to the state the code expects.
 *
 * Promises: one migrator at a time; each file whole, or resumable; a database newer than the code, an
 * edited file, an unfit server or a missing privilege is refused before anything changes. What a managed
 * service does not permit is reported, not thrown.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Capability, MigrationTarget } from '../capability.ts';
import { kernelError } from '../error-codes.ts';
import { applyMigration } from './apply-migration.ts';
import { connectionError, hasSqlState, isConnectionLoss, sqlState } from './database-error.ts';
import { journalSql, pendingMigrations, readJournal } from './journal.ts';
import { type MigrationFile, migrationLabel, readMigrationFiles } from './migration-file.ts';
import { withMigrationLock } from './migration-lock.ts';
import { ensureRoles, OWNER_ROLE } from './roles.ts';
import { ensureSchema } from './schema.ts';
import { assertDirectConnection, assertServerVersion, readServerVersion } from './server-check.ts';

export interface MigrateOptions {
  /** A role that owns the database and has CREATEROLE, or a superuser; never the app's. */
  readonly connectionString: string;
  readonly capabilities: readonly Capability[];
  readonly appRole: string;
  readonly operatorRole?: string;
  readonly auditRole?: string;
  readonly signerRole?: string;
  readonly identityRole?: string;
  /** Context keys to publish in the database. */
  readonly contextKeys?: readonly string[];
  /** Sections of the configuration, already valid, that rooms publish part of. */
  readonly sections?: Readonly<Record<string, unknown>>;
  readonly onProgress?: (event: MigrationProgress) => void;
  /** How long a statement may wait for a lock before it steps back and tries again. */
  readonly lockTimeoutMs?: number;
  readonly lockAttemptsMax?: number;
}

export type MigrationProgress =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'planned'; readonly total: number }
  | { readonly kind: 'applied'; readonly migration: string; readonly durationMs: number }
  | { readonly kind: 'retrying'; readonly migration: string; readonly attempt: number };

/** How a warning begins that tells of one privilege that the server did not let go of. */
export const NOT_HARDENED = 'hardening not applied: ';

export interface MigrationReport {
  readonly serverVersion: number;
  readonly applied: readonly { readonly migration: string; readonly durationMs: number }[];
  /** How many were in the database before. */
  readonly present: number;
  /** What was left undone and why: every `hardening not applied: …`, and the like. */
  readonly warnings: readonly string[];
}

const LOCK_TIMEOUT_MS = 4_000;
const LOCK_ATTEMPTS_MAX = 8;
const RETRY_DELAY_MS = 500;
const PRIVILEGE_NOT_REVOKED = '01006';
const PRIVILEGE_NOT_GRANTED = '01007';

/**
 * Migrates a database.
 *
 * @throws `kernel.database_unavailable`, `kernel.server_unsupported`, `kernel.pooler_in_the_way`,
 *   `kernel.privilege_missing`, `kernel.database_newer`, `kernel.migration_changed`,
 *   `kernel.migration_failed`, `kernel.lock_unavailable`
 */
export async function migrate(options: MigrateOptions): Promise<MigrationReport> {
  const files = await collectMigrations(options.capabilities);
  return withClient(options.connectionString, async (client) => {
    const serverVersion = await readServerVersion(client);
    assertServerVersion(serverVersion);
    await assertDirectConnection(client);
    return withMigrationLock(
      client,
      () => options.onProgress?.({ kind: 'waiting' }),
      () => migrateLocked(client, files, serverVersion, options),
    );
  });
}

async function migrateLocked(
  client: Client,
  files: readonly MigrationFile[],
  serverVersion: number,
  options: MigrateOptions,
): Promise<MigrationReport> {
  // Before anything is changed: a database that is ahead of the code is left alone.
  pendingMigrations(files, await readJournalAsFound(client));
  const target: MigrationTarget = {
    appRole: options.appRole,
    operatorRole: options.operatorRole,
    auditRole: options.auditRole,
    signerRole: options.signerRole,
    identityRole: options.identityRole,
    contextKeys: options.contextKeys ?? [],
    sections: options.sections,
  };
  await client.query(`set search_path = pg_catalog, pg_temp`);
  await client.query(`select set_config('lock_timeout', $1, false)`, [
    `${options.lockTimeoutMs ?? LOCK_TIMEOUT_MS}ms`,
  ]);
  await endWithClient(client);
  const { warnings, operatorRole } = await ensureRoles(client, target);
  // A role that could not be made was warned of; no grant can name it.
  const found: MigrationTarget = { ...target, operatorRole };
  await retryOnLock(options, 'the schema bulkhead', () => ensureSchema(client, journalSql));

  const journal = await readJournal(client);
  const pending = pendingMigrations(files, journal);
  options.onProgress?.({ kind: 'planned', total: pending.length });
  const applied: { migration: string; durationMs: number }[] = [];
  for (const item of pending) {
    const migration = migrationLabel(item.file);
    const durationMs = await retryOnLock(options, migration, async () => {
      // A retry of a file that runs in steps goes on where the last attempt stopped.
      const row = (await readJournal(client)).find(
        ({ room, number }) => room === item.file.room && number === item.file.number,
      );
      return applyMigration(client, { ...item, statementsDone: row?.statementsDone ?? 0 });
    });
    applied.push({ migration, durationMs });
    options.onProgress?.({ kind: 'applied', migration, durationMs });
  }

  for (const capability of options.capabilities) {
    if (capability.afterMigrate === undefined) continue;
    const { afterMigrate, name } = capability;
    const refused = await retryOnLock(options, `the privileges of ${name}`, () =>
      withRefusedGrants(client, () => inTransaction(client, () => afterMigrate(client, found))),
    );
    warnings.push(...refused.map((warning) => `${NOT_HARDENED}${warning}`));
  }
  return { serverVersion, applied, present: journal.length, warnings };
}

/**
 * A migrator that is killed leaves its statement running in the server, which by itself would notice only
 * when it answers; meanwhile the next migrator waits for the lock.
 */
async function endWithClient(client: Client): Promise<void> {
  // Refused where the operating system cannot tell; the next migrator then waits longer.
  await client.query(`set client_connection_check_interval = '1s'`).catch(() => undefined);
}

/** The migrator of a new database may not read a journal it cannot become the owner of; that is said later. */
async function readJournalAsFound(client: Client) {
  try {
    return await readJournal(client);
  } catch (error) {
    if (hasSqlState(error, sqlState.insufficientPrivilege)) return [];
    throw error;
  }
}

/** All files of all rooms, in the order in which they are applied. */
export async function collectMigrations(
  capabilities: readonly Capability[],
): Promise<MigrationFile[]> {
  const rooms = await Promise.all(
    capabilities.map(({ name, migrations }) =>
      migrations === undefined ? [] : readMigrationFiles(name, migrations),
    ),
  );
  return rooms.flat();
}

async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin');
  try {
    const value = await work();
    await client.query('commit');
    return value;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/**
 * A GRANT or REVOKE without the right to it is no error for PostgreSQL, only a notice; nobody should
 * believe that it was done.
 */
async function withRefusedGrants(
  client: Client,
  work: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const refused = new Set<string>();
  const listen = (notice: { code?: string | undefined; message?: string | undefined }): void => {
    if (notice.code === PRIVILEGE_NOT_GRANTED || notice.code === PRIVILEGE_NOT_REVOKED) {
      refused.add(notice.message ?? 'a grant was refused');
    }
  };
  client.on('notice', listen);
  try {
    return [...(await work()), ...refused];
  } finally {
    client.off('notice', listen);
  }
}

/** Steps back from a lock that is taken, so that the app's own statements do not queue behind ours. */
async function retryOnLock<T>(
  options: MigrateOptions,
  migration: string,
  work: () => Promise<T>,
): Promise<T> {
  const attemptsMax = options.lockAttemptsMax ?? LOCK_ATTEMPTS_MAX;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!hasSqlState(error, sqlState.lockNotAvailable)) throw error;
      if (attempt >= attemptsMax) {
        throw kernelError('kernel.lock_unavailable', {
          message: `${migration} could not get a lock in ${attemptsMax} attempts; a long transaction holds it.`,
          cause: error,
        });
      }
      options.onProgress?.({ kind: 'retrying', migration, attempt });
      await sleep(RETRY_DELAY_MS * attempt);
    }
  }
}

async function withClient<T>(
  connectionString: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = openClient(connectionString);
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, connectionString);
  }
  try {
    return await work(client);
  } catch (error) {
    throw isConnectionLoss(error) ? connectionError(error, connectionString) : error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** @throws `kernel.database_unavailable` for a text that is no URL. */
function openClient(connectionString: string): Client {
  try {
    const client = new Client({
      connectionString,
      application_name: `${OWNER_ROLE} migrate`,
      connectionTimeoutMillis: 15_000,
    });
    // A backend that is killed speaks here; the query under way rejects as well, and that is what is told.
    client.on('error', () => undefined);
    return client;
  } catch (error) {
    throw connectionError(error, connectionString);
  }
}
