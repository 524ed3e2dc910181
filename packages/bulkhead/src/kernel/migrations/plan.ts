/** What `migrate` would do, as text; for `--dry-run` and for those who run their SQL by hand. */
import type { Capability } from '../capability.ts';
import { journalSql } from './journal.ts';
import { collectMigrations } from './migrate.ts';
import { migrationLabel } from './migration-file.ts';
import { OWNER_ROLE } from './roles.ts';
import { schemaSql } from './schema.ts';

/** The SQL of every file, whether applied or not; connects to nothing. */
export async function planSql(capabilities: readonly Capability[]): Promise<string> {
  const files = await collectMigrations(capabilities);
  const parts = files.map((file) => {
    const body = file.sql.trimEnd();
    const label = `-- ${migrationLabel(file)} sha256:${file.checksum}`;
    return file.transactional ? `${label}\nbegin;\n${body}\ncommit;` : `${label}\n${body}`;
  });
  return [
    `-- Run by a role that may become ${OWNER_ROLE}.`,
    schemaSql.trimEnd(),
    `set role ${OWNER_ROLE};`,
    journalSql.trimEnd(),
    ...parts,
    'reset role;',
    '',
  ].join('\n\n');
}
