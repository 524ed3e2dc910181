/** What `bulkhead attack` does: the attack on a running app's database, its report and an exit code. */
import pg from 'pg';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import type { Progress } from '../../kernel/terminal/index.ts';
import { isolationSection } from '../config.ts';
import { Isolation } from '../isolate.ts';
import { attack, attackFamilies } from './attack.ts';
import type { AttackOptions } from './attack-options.ts';
import type { AttackInput } from './command.ts';
import { presentReport } from './present.ts';
import type { AttackReport } from './report.ts';

const POOL_CONNECTIONS_MAX = 4;

export async function runAttack(io: CommandIo, given: AttackInput): Promise<ExitCode> {
  refuseUnknownFamilies(given.family ?? []);
  if (given.list) return listFamilies(io);
  const report = await attackAsAsked(io, given);
  presentReport(io, report);
  io.result(report);
  if (io.signal.aborted) return exitCodes.interrupted;
  return report.verdict === 'held' ? exitCodes.done : exitCodes.found;
}

function refuseUnknownFamilies(asked: readonly string[]): void {
  const unknown = asked.find((name) => !attackFamilies.some((family) => family.name === name));
  if (unknown === undefined) return;
  throw kernelError('kernel.usage', {
    message: `There is no family ${JSON.stringify(unknown)}; \`bulkhead attack --list\` names them.`,
  });
}

function listFamilies(io: CommandIo) {
  io.table(
    ['family', 'what it tries'],
    attackFamilies.map(({ name, description }) => [name, description]),
  );
  io.result({ families: attackFamilies });
  return exitCodes.done;
}

async function attackAsAsked(io: CommandIo, given: AttackInput): Promise<AttackReport> {
  const section = await io.section('isolation', isolationSection);
  const adminUrl = await io.adminUrl();
  const appUrl = io.environment.databaseUrl;
  if (appUrl === undefined) {
    throw kernelError('kernel.setting_missing', {
      message:
        'DATABASE_URL is not set: the attack needs the URL that the app itself connects with.',
    });
  }
  const [firstKey, ...otherKeys] = section.contextKeys;
  // The schema asks for at least one key, which its type cannot say.
  if (firstKey === undefined) throw kernelError('kernel.config_invalid');
  const isolation = new Isolation({
    contextKeys: [firstKey, ...otherKeys],
    tokenLifetimeSeconds: section.tokenLifetimeSeconds,
    searchPath: section.searchPath,
    pooler: section.pooler,
    allow: section.allow,
    inFlightMax: section.inFlightMax,
    prepareStatements: true,
    operatorUrl: section.operatorUrl,
  });
  const pool = isolation.protect(
    new pg.Pool({
      connectionString: appUrl,
      max: POOL_CONNECTIONS_MAX,
      application_name: 'bulkhead attack: pool',
    }),
  );
  const watcher = watch(io);
  try {
    return await attack({
      adminUrl,
      appUrl,
      pool,
      asTenant: (id, fn) => isolation.enterTenant({ id }, fn),
      contextKey: firstKey,
      drivers: given.driver === 'both' ? ['pool', 'raw'] : [given.driver],
      signal: io.signal,
      onProgress: watcher.onProgress,
      ...optional(given),
    });
  } finally {
    watcher.end();
    await isolation.close();
  }
}

function optional(given: AttackInput): Partial<AttackOptions> {
  const { tenant, tenantColumn, seconds, statements, seed, family, destructive } = given;
  return {
    ...(tenant !== undefined && { tenant }),
    ...(tenantColumn !== undefined && { tenantColumn }),
    ...(seconds !== undefined && { seconds }),
    ...(statements !== undefined && { statements }),
    ...(seed !== undefined && { seed }),
    ...(family !== undefined && { families: family }),
    ...(destructive !== undefined && { destructive }),
  };
}

function watch(io: CommandIo): Required<Pick<AttackOptions, 'onProgress'>> & { end(): void } {
  let progress: Progress | undefined;
  let done = 0;
  return {
    onProgress(now) {
      progress ??= io.progress('Attacking', now.total);
      const found = now.findings === 0 ? '' : `, ${now.findings} found`;
      progress.advance(now.done - done, `${now.driver}: ${now.family}${found}`);
      done = now.done;
    },
    end: () => progress?.done(),
  };
}
