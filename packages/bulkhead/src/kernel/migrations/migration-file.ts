/**
 * One numbered `.sql` file of a room, as it lies in the package.
 *
 * Promises: what is returned is ordered, without gaps or twins, and carries the checksum by which the
 * database will recognise it. Does not promise that the SQL is right.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { kernelError } from '../error-codes.ts';

export interface MigrationFile {
  readonly room: string;
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in hex, line endings folded so that a checkout on Windows is the same file. */
  readonly checksum: string;
  /** False when the file opens with `-- bulkhead: no-transaction`. */
  readonly transactional: boolean;
}

const FILE_NAME = /^(\d{6})_([a-z0-9]+(?:_[a-z0-9]+)*)\.sql$/;
const NO_TRANSACTION = /^-- bulkhead: no-transaction[ \t]*(?:\n|$)/;

/**
 * Reads a room's folder of migrations.
 *
 * @throws `kernel.migration_invalid` for a name that does not fit, a gap or a twin.
 */
export async function readMigrationFiles(room: string, folder: URL): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (fileName, index) => {
      const match = FILE_NAME.exec(fileName);
      const number = Number(match?.[1]);
      if (match?.[2] === undefined || number !== index + 1) {
        throw kernelError('kernel.migration_invalid', {
          message: `The migration ${room}/${fileName} should be number ${index + 1} of its room, named like ${String(index + 1).padStart(6, '0')}_name.sql.`,
        });
      }
      const sql = (await readFile(new URL(fileName, folder), 'utf8')).replaceAll('\r\n', '\n');
      return {
        room,
        number,
        name: match[2],
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
        transactional: !NO_TRANSACTION.test(sql),
      };
    }),
  );
}

/** How a person names a migration: `isolation/000001_signed_context`. */
export function migrationLabel(file: Pick<MigrationFile, 'room' | 'number' | 'name'>): string {
  return `${file.room}/${String(file.number).padStart(6, '0')}_${file.name}`;
}
