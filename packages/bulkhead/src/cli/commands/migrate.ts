/** `bulkhead migrate`: brings the database to the state the code expects. */
import { z } from 'zod';
import { accessSection } from '../../access/config.ts';
import { capabilities } from '../../capabilities.ts';
import { isolationSection } from '../../isolation/config.ts';
import { type CommandIo, defineCommand, exitCodes } from '../../kernel/command.ts';
import { databaseSection } from '../../kernel/config/index.ts';
import {
  type MigrationProgress,
  migrate,
  NOT_HARDENED,
  planSql,
} from '../../kernel/migrations/index.ts';
import type { Progress } from '../../kernel/terminal/index.ts';

export const migrateCommand = defineCommand({
  name: 'migrate',
  summary: 'Create or upgrade the schema bulkhead, its roles and its grants.',
  description:
    'Applies what the database does not have yet, one migrator at a time, then sets the grants of the app’s roles and publishes the context keys. Safe to run on every deployment.',
  arguments: [],
  options: [{ flags: '--dry-run', summary: 'Print the SQL and connect to nothing.' }],
  examples: [
    { command: 'bulkhead migrate', summary: 'Migrates the database of BULKHEAD_ADMIN_URL.' },
    { command: 'bulkhead migrate --dry-run > bulkhead.sql', summary: 'Writes the SQL for review.' },
  ],
  input: z.strictObject({ dryRun: z.boolean().optional() }),
  run: async (io, { dryRun }) => {
    if (dryRun) {
      const sql = await planSql(capabilities);
      io.line(sql.trimEnd());
      io.result({ sql });
      return exitCodes.done;
    }
    const { appRole, operatorRole, auditRole, signerRole, identityRole } = await io.section(
      'database',
      databaseSection,
    );
    const { contextKeys } = await io.section('isolation', isolationSection);
    const sections = { access: await io.section('access', accessSection.optional()) };
    const watcher = watch(io);
    const report = await migrate({
      connectionString: await io.adminUrl(),
      capabilities,
      appRole,
      ...(operatorRole === undefined ? {} : { operatorRole }),
      ...(auditRole === undefined ? {} : { auditRole }),
      ...(signerRole === undefined ? {} : { signerRole }),
      ...(identityRole === undefined ? {} : { identityRole }),
      contextKeys,
      sections,
      onProgress: watcher.onProgress,
    }).finally(watcher.end);

    for (const { migration, durationMs } of report.applied) {
      io.line(`${io.paint.ok('✔')} ${migration} ${io.paint.faint(`${durationMs} ms`)}`);
    }
    if (report.applied.length === 0) {
      io.line(`${io.paint.ok('✔')} Nothing to do: ${report.present} migrations are in place.`);
    }
    for (const warning of inShort(report.warnings)) {
      io.line(`${io.paint.warning('!')} ${warning}`);
    }
    io.result(report);
    return exitCodes.done;
  },
});

/** A managed service refuses three dozen revocations for one reason: a person reads that once. */
function inShort(warnings: readonly string[]): string[] {
  const refused = warnings.filter((warning) => warning.startsWith(NOT_HARDENED));
  const others = warnings.filter((warning) => !warning.startsWith(NOT_HARDENED));
  if (refused.length < 2) return [...warnings];
  return [
    ...others,
    `Hardening was not applied in ${refused.length} places, which only a superuser may do; the statement guard stands alone there. \`bulkhead doctor\` says what is open, --json lists all.`,
  ];
}

/** Progress to stderr: a bar for the files, a line for whatever makes the migrator wait. */
function watch(io: CommandIo): { onProgress(event: MigrationProgress): void; end(): void } {
  let progress: Progress | undefined;
  return {
    onProgress(event) {
      if (event.kind === 'waiting') io.note('Another migrator is at work; waiting for it.');
      if (event.kind === 'retrying') {
        io.note(`${event.migration}: a lock is taken; stepping back (attempt ${event.attempt}).`);
      }
      if (event.kind === 'planned' && event.total > 0) {
        progress = io.progress('Migrating', event.total);
      }
      if (event.kind === 'applied') progress?.advance(1, event.migration);
    },
    end: () => progress?.done(),
  };
}
