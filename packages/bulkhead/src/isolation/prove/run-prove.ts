/** What `bulkhead prove` does: from the words of the command line to a proof, its documents and an exit code. */
import { resolve } from 'node:path';
import { Client } from 'pg';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { isBulkheadError } from '../../kernel/errors.ts';
import { connectionError } from '../../kernel/migrations/index.ts';
import { deliver } from './deliver.ts';
import { type ProvedDatabase, provedSubject } from './documents.ts';
import { provedFromMigrations } from './from-migrations/prove-migrations.ts';
import type { Verdict } from './model.ts';
import { type ProveOptions, prove } from './prove.ts';
import type { ProveInput } from './prove-command.ts';
import { compareWithBaseline, readBaseline } from './report/baseline.ts';
import { readSigningKey } from './report/dsse.ts';
import { overallVerdict } from './report/in-toto.ts';
import { showProgress } from './show-progress.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export async function runProve(io: CommandIo, options: ProveInput): Promise<ExitCode> {
  // Whatever the user got wrong is told before the long work.
  const baseline =
    options.baseline === undefined
      ? undefined
      : await readBaseline(resolve(io.cwd, options.baseline));
  const key =
    options.key === undefined ? undefined : await readSigningKey(resolve(io.cwd, options.key));
  const startedMs = performance.now();
  const proved = await proveWhatWasNamed(io, options);
  const comparison =
    baseline === undefined ? undefined : compareWithBaseline(proved.proof, baseline);
  await deliver(io, proved, {
    ...options,
    elapsedMs: performance.now() - startedMs,
    ...(comparison === undefined ? {} : { comparison }),
    ...(key === undefined ? {} : { signingKey: key }),
  });
  return exitCodeFor(comparison?.verdict ?? overallVerdict(proved.proof));
}

function exitCodeFor(verdict: Verdict): ExitCode {
  if (verdict === 'leak') return exitCodes.found;
  return verdict === 'unknown' ? exitCodes.undecided : exitCodes.done;
}

async function proveWhatWasNamed(io: CommandIo, options: ProveInput): Promise<ProvedDatabase> {
  const progress = showProgress(io);
  const isAttested = options.format === 'intoto';
  const wishes: ProveOptions = {
    role: options.role,
    tenantSetting: options.tenantSetting,
    tenantExpression: options.tenantExpression,
    schemas: options.schema.length === 0 ? undefined : options.schema,
    probe: options.probe,
    signal: io.signal,
    onProgress: progress.onStep,
  };
  try {
    if (options.migrations !== undefined) {
      return await provedFromMigrations(io, options.migrations, wishes);
    }
    const url = options.url ?? options.databaseUrl;
    if (url !== undefined) return await proveUrl(url, wishes, isAttested);
    const role = options.role ?? (await configuredRole(io));
    return await proveUrl(await usualUrl(io), { ...wishes, role }, isAttested);
  } finally {
    progress.done();
  }
}

async function proveUrl(
  url: string,
  options: ProveOptions,
  isAttested: boolean,
): Promise<ProvedDatabase> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A killed backend also rejects the query under way, and that is what is told.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, url);
  }
  try {
    const proof = await prove(client, options);
    return { proof, ...(await provedSubject(client, proof, isAttested)) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function usualUrl(io: CommandIo): Promise<string> {
  const { adminUrl, databaseUrl } = io.environment;
  const url = adminUrl ?? databaseUrl;
  if (url !== undefined) return url;
  try {
    return await io.adminUrl();
  } catch (error) {
    if (
      !isBulkheadError(error, 'kernel.config_missing') &&
      !isBulkheadError(error, 'kernel.setting_missing')
    )
      throw error;
    throw kernelError('kernel.usage', {
      message: 'No database was named: bulkhead prove "$DATABASE_URL", or --migrations <folder>.',
    });
  }
}

/** A project that has a configuration has said already which role is the app's. */
async function configuredRole(io: CommandIo): Promise<string | undefined> {
  try {
    const { database } = await io.config();
    return (database as { appRole?: string } | undefined)?.appRole;
  } catch (error) {
    if (isBulkheadError(error, 'kernel.config_missing')) return undefined;
    throw error;
  }
}
