/** What `bulkhead protect` does: plans, then writes the migration to review, or applies it. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Client } from 'pg';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { databaseSection } from '../../kernel/config/index.ts';
import { withAdminClient } from '../../kernel/migrations/index.ts';
import { isolationError } from '../errors.ts';
import { applyProtection, type ProtectProgress } from './apply-protection.ts';
import type { Plan, ProtectRequest, Step } from './plan.ts';
import { planProtection } from './plan-protection.ts';
import { probeData } from './probe-data.ts';
import type { ProtectInput } from './protect-command.ts';
import { displayName } from './quote.ts';
import { readTables } from './read-tables.ts';
import { renderMigration } from './render-migration.ts';

export async function runProtect(io: CommandIo, options: ProtectInput): Promise<ExitCode> {
  const { appRole } = await io.section('database', databaseSection);
  return withAdminClient(io, async (client) => {
    const searchPath = options.schema.length > 0 ? options.schema : ['public'];
    const catalog = await readTables(client, options.tables, { appRole, searchPath });
    const plan = await probeData(client, planProtection(catalog, requestOf(options)));
    return conclude(io, client, plan, options);
  });
}

function requestOf(options: ProtectInput): ProtectRequest {
  return {
    tenantColumns: options.tenantColumn,
    via: options.via,
    keepUnique: options.keepUnique,
    alterViews: options.views,
    allowBlocking: options.allowBlocking,
    silentBackfill: options.silentBackfill,
    ...(options.allTo === undefined ? {} : { allTo: options.allTo }),
  };
}

async function conclude(
  io: CommandIo,
  client: Client,
  plan: Plan,
  options: ProtectInput,
): Promise<ExitCode> {
  const document = {
    tables: plan.tables,
    alreadyProtected: plan.alreadyProtected,
    notes: plan.notes,
    refusals: plan.refusals,
    steps: plan.steps.map(({ id, stage, table, title, lock, lockedFor, online, rowsEstimate }) => ({
      id,
      stage,
      table,
      title,
      lock,
      lockedFor,
      online,
      rowsEstimate,
    })),
  };
  if (plan.refusals.length > 0) {
    const refused = isolationError('isolation.protect_refused');
    for (const { table, message, fix } of plan.refusals) {
      io.line(`${io.paint.fault('refused')} ${table}: ${message}`);
      io.line(`        ${displayName(fix)}`);
    }
    io.line();
    io.line(`${refused.message} ${refused.next} (${refused.code})`);
    io.result({ ...document, error: refused.toJSON() });
    return exitCodes.found;
  }
  for (const name of plan.alreadyProtected) io.line(`${name}: already protected`);
  if (plan.steps.length === 0) {
    io.result(document);
    return exitCodes.done;
  }
  for (const { level, table, message } of plan.notes) io.line(`${level} ${table}: ${message}`);
  io.table(['stage', 'table', 'step', 'lock', 'online', 'rows'], plan.steps.map(row));
  if (options.dryRun) io.result(document);
  else if (options.apply)
    io.result({ ...document, applied: await apply(io, client, plan, options) });
  else io.result({ ...document, file: await write(io, plan, options) });
  return exitCodes.done;
}

function row(step: Step): string[] {
  const rows = step.rowsEstimate === undefined ? '' : `~${Math.round(step.rowsEstimate)}`;
  return [step.stage, step.table, step.title, step.lock, step.online ? 'yes' : 'NO', rows];
}

async function apply(io: CommandIo, client: Client, plan: Plan, options: ProtectInput) {
  const progress = io.progress('protect', plan.steps.length);
  const result = await applyProtection(client, plan, {
    signal: io.signal,
    until: options.prepare ? 'prepare' : 'contract',
    onProgress: ({ step, status, rows }: ProtectProgress) => {
      const what = `${step.table}: ${step.title}${rows === undefined ? '' : `, ${rows} rows`}`;
      progress.advance(
        status === 'done' || status === 'skipped' ? 1 : 0,
        status === 'waiting' ? `${what} (waiting for a lock)` : what,
      );
    },
  });
  progress.done();
  io.line(
    options.prepare
      ? 'Prepared. Deploy the app with bulkhead.protect(pool), then run the same command without --prepare.'
      : `Protected: ${plan.tables.join(', ')}.`,
  );
  return result;
}

async function write(io: CommandIo, plan: Plan, options: ProtectInput): Promise<string> {
  const folder = resolve(io.cwd, options.out);
  await mkdir(folder, { recursive: true });
  const numbers = (await readdir(folder)).map((name) => Number(/^(\d+)_/.exec(name)?.[1] ?? 0));
  const number = String(Math.max(0, ...numbers) + 1).padStart(4, '0');
  const names = plan.tables
    .map((name) => name.toLowerCase().replace(/[^a-z0-9]+/g, '_'))
    .join('_')
    .slice(0, 60);
  const file = join(folder, `${number}_protect_${names}.sql`);
  const sql = renderMigration(plan, { command: `bulkhead protect ${options.tables.join(' ')}` });
  // Never over a file that someone else just wrote.
  await writeFile(file, sql, { flag: 'wx' });
  io.line(
    `Wrote ${relative(io.cwd, file)}. Review it, then: psql "$BULKHEAD_ADMIN_URL" -X -v ON_ERROR_STOP=1 -f ${relative(io.cwd, file)}`,
  );
  return file;
}
