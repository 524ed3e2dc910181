/**
 * Applies one file.
 *
 * Promises: a transactional file is in whole or not at all. Any other records each finished statement, so
 * that after a `kill -9` the next run skips what is done, drops an index left invalid and builds it anew.
 * Neither queues behind the app's traffic for longer than `lock_timeout`.
 */
import type { ClientBase } from 'pg';
import { kernelError } from '../error-codes.ts';
import { escapeIdentifier, hasSqlState, isConnectionLoss, sqlState } from './database-error.ts';
import type { PendingMigration } from './journal.ts';
import { type MigrationFile, migrationLabel } from './migration-file.ts';
import { OWNER_ROLE } from './roles.ts';
import { type SplitStatement, splitStatements } from './split-statements.ts';

/** Returns how long it took, in milliseconds. */
export async function applyMigration(
  client: ClientBase,
  pending: PendingMigration,
): Promise<number> {
  const startedMs = performance.now();
  try {
    if (pending.file.transactional) await applyWhole(client, pending.file, startedMs);
    else await applyInSteps(client, pending, startedMs);
  } catch (error) {
    throw explain(error, pending.file);
  }
  return elapsed(startedMs);
}

async function applyWhole(client: ClientBase, file: MigrationFile, startedMs: number) {
  await client.query('begin');
  try {
    await client.query(`set local role ${OWNER_ROLE}`);
    await client.query(file.sql);
    await client.query(
      `insert into bulkhead.migration (room, number, name, checksum, applied_at, duration_ms)
       values ($1, $2, $3, $4, clock_timestamp(), $5)`,
      [file.room, file.number, file.name, file.checksum, elapsed(startedMs)],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function applyInSteps(client: ClientBase, pending: PendingMigration, startedMs: number) {
  const { file } = pending;
  const id = [file.room, file.number];
  await client.query(`set role ${OWNER_ROLE}`);
  try {
    await client.query(
      `insert into bulkhead.migration (room, number, name, checksum) values ($1, $2, $3, $4)
       on conflict (room, number) do nothing`,
      [...id, file.name, file.checksum],
    );
    const statements = await splitStatements(file.sql);
    for (const [index, statement] of statements.entries()) {
      if (index < pending.statementsDone) continue;
      await runStep(client, statement);
      await client.query(
        'update bulkhead.migration set statements_done = $3 where room = $1 and number = $2',
        [...id, index + 1],
      );
    }
    await client.query(
      `update bulkhead.migration set applied_at = clock_timestamp(), duration_ms = $3
        where room = $1 and number = $2`,
      [...id, elapsed(startedMs)],
    );
  } finally {
    await client.query('reset role').catch(() => undefined);
  }
}

async function runStep(client: ClientBase, { sql, concurrentIndex }: SplitStatement) {
  if (concurrentIndex === undefined) {
    await client.query(sql);
    return;
  }
  // Building concurrently waits for old transactions without blocking any: no time-out while it does.
  const { rows } = await client.query<{ lock_timeout: string }>('show lock_timeout');
  await client.query(`select set_config('lock_timeout', '0', false)`);
  try {
    const state = await indexState(client, concurrentIndex);
    const name = `${escapeIdentifier(concurrentIndex.schema)}.${escapeIdentifier(concurrentIndex.name)}`;
    if (state === 'invalid') await client.query(`drop index concurrently ${name}`);
    if (state !== 'valid') await client.query(sql);
  } finally {
    await client
      .query(`select set_config('lock_timeout', $1, false)`, [rows[0]?.lock_timeout ?? '0'])
      .catch(() => undefined);
  }
}

async function indexState(
  client: ClientBase,
  index: { readonly schema: string; readonly name: string },
): Promise<'absent' | 'invalid' | 'valid'> {
  const { rows } = await client.query<{ valid: boolean }>(
    `select i.indisvalid as valid from pg_index i
       join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [index.schema, index.name],
  );
  if (rows[0] === undefined) return 'absent';
  return rows[0].valid ? 'valid' : 'invalid';
}

/** Lock time-outs pass through as they are: the caller tries again. */
function explain(error: unknown, file: MigrationFile): unknown {
  if (hasSqlState(error, sqlState.lockNotAvailable) || isConnectionLoss(error)) return error;
  const label = migrationLabel(file);
  const said = error instanceof Error ? error.message : String(error);
  if (hasSqlState(error, sqlState.insufficientPrivilege)) {
    return kernelError('kernel.privilege_missing', {
      message: `${label} was refused: ${said}.`,
      cause: error,
    });
  }
  const kept = file.transactional
    ? 'nothing of it was kept'
    : 'the statements before it are done and will not run again';
  return kernelError('kernel.migration_failed', {
    message: `${label} failed: ${said}; ${kept}.`,
    cause: error,
  });
}

const elapsed = (startedMs: number): number => Math.round(performance.now() - startedMs);
