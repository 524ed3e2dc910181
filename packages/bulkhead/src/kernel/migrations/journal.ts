/**
 * `bulkhead.migration`, the database's own account of what was applied to it.
 *
 * Promises: a row with `applied_at` means the file is in whole. A row without it means a file that runs
 * outside a transaction was interrupted after `statements_done` of its statements.
 */
import type { ClientBase } from 'pg';
import { kernelError } from '../error-codes.ts';
import { type MigrationFile, migrationLabel } from './migration-file.ts';

export interface JournalRow {
  readonly room: string;
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  readonly applied: boolean;
  readonly statementsDone: number;
}

/** Shown by `migrate --dry-run`, run by `migrate`; as the role `bulkhead`. */
export const journalSql = `create table if not exists bulkhead.migration (
  room text not null,
  number integer not null check (number > 0),
  name text not null,
  checksum text not null check (checksum ~ '^[0-9a-f]{64}$'),
  started_at timestamptz not null default clock_timestamp(),
  applied_at timestamptz,
  duration_ms integer check (duration_ms >= 0),
  statements_done integer not null default 0 check (statements_done >= 0),
  primary key (room, number)
);
comment on table bulkhead.migration is 'What was applied to this database: one row for each migration file.';
comment on column bulkhead.migration.room is 'The room of Bulkhead that owns the file.';
comment on column bulkhead.migration.number is 'Position within the room, without gaps.';
comment on column bulkhead.migration.name is 'The rest of the file''s name.';
comment on column bulkhead.migration.checksum is 'SHA-256 of the file; an applied file never changes.';
comment on column bulkhead.migration.started_at is 'When it began.';
comment on column bulkhead.migration.applied_at is 'When it was in whole; null while a file without a transaction is half-way.';
comment on column bulkhead.migration.duration_ms is 'How long it took.';
comment on column bulkhead.migration.statements_done is 'Statements finished of a file that runs without a transaction.';
`;

export async function readJournal(client: ClientBase): Promise<JournalRow[]> {
  const exists = await client.query<{ there: boolean }>(
    `select to_regclass('bulkhead.migration') is not null as there`,
  );
  if (exists.rows[0]?.there !== true) return [];
  const { rows } = await client.query<JournalRow>(
    `select room, number, name, checksum, applied_at is not null as applied,
            statements_done as "statementsDone"
       from bulkhead.migration order by room, number`,
  );
  return rows;
}

/** What is left to do, in order. */
export interface PendingMigration {
  readonly file: MigrationFile;
  /** Statements of an interrupted file that need not run again. */
  readonly statementsDone: number;
  readonly interrupted: boolean;
}

/**
 * Holds the files of the code against the journal of the database.
 *
 * @throws `kernel.database_newer` when the journal knows more than the code,
 *   `kernel.migration_changed` when a file is not the one that was applied.
 */
export function pendingMigrations(
  files: readonly MigrationFile[],
  journal: readonly JournalRow[],
): PendingMigration[] {
  const key = (item: { room: string; number: number }) => `${item.room}/${item.number}`;
  const known = new Map(files.map((file) => [key(file), file]));
  const newer = journal.filter((row) => !known.has(key(row)));
  if (newer.length > 0) {
    throw kernelError('kernel.database_newer', {
      message: `The database holds migrations that this version of Bulkhead does not know: ${newer.map(migrationLabel).join(', ')}.`,
    });
  }
  const changed = journal.filter((row) => known.get(key(row))?.checksum !== row.checksum);
  if (changed.length > 0) {
    throw kernelError('kernel.migration_changed', {
      message: `Changed since they were applied: ${changed.map(migrationLabel).join(', ')}.`,
    });
  }
  const done = new Map(journal.map((row) => [key(row), row]));
  return files
    .filter((file) => done.get(key(file))?.applied !== true)
    .map((file) => {
      const row = done.get(key(file));
      return { file, statementsDone: row?.statementsDone ?? 0, interrupted: row !== undefined };
    });
}
