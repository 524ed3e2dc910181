/** `bulkhead attack`: the attack on a running app's database, from the command line. */
import pg from 'pg';
import { z } from 'zod';
import { type CommandIo, defineCommand, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import type { Progress } from '../../kernel/terminal/index.ts';
import { isolationSection } from '../config.ts';
import { attack, attackFamilies } from './attack.ts';
import type { AttackOptions } from './attack-options.ts';
import { presentReport } from './present.ts';
import type { AttackReport } from './report.ts';

const POOL_CONNECTIONS_MAX = 4;
const SEED_MAX = 2 ** 31 - 1;

const familyNames = attackFamilies.map(({ name }) => name);

const wholeNumber = (max: number) =>
  z.coerce.number().int('must be a whole number').min(1, 'must be at least 1').max(max);

const input = z.strictObject({
  tenant: z.string().min(1).max(200).optional(),
  tenantColumn: z
    .string()
    .regex(/^[^\s"']{1,63}$/, 'must be a column name')
    .optional(),
  driver: z.enum(['pool', 'raw', 'both']).default('both'),
  seconds: wholeNumber(86_400).optional(),
  statements: wholeNumber(100_000_000).optional(),
  seed: z.coerce.number().int('must be a whole number').min(0).max(SEED_MAX).optional(),
  family: z.array(z.enum(familyNames as [string, ...string[]])).optional(),
  list: z.boolean().optional(),
  destructive: z.boolean().optional(),
});

type AttackInput = z.output<typeof input>;

export const attackCommand = defineCommand({
  name: 'attack',
  summary: 'Attack the app’s protected pool and raw role, and report what crosses.',
  description:
    'Sends thousands of hostile and random statements as one tenant, through the protected pool and in a plain session as the app’s role, and looks for any byte or row of another tenant’s. What writes is rolled back. Run it on a copy or a staging system: rows that others change meanwhile count as changed. Ends with 1 when something crossed.',
  arguments: [],
  options: [
    {
      flags: '--tenant <id>',
      summary: 'Attack as this tenant (id or slug); else one with rows in most tables.',
    },
    {
      flags: '--tenant-column <name>',
      summary: 'The column that says whose a row is (default: tenant_id).',
    },
    {
      flags: '--driver <which>',
      summary: 'Through the pool, as the raw role, or both.',
      choices: ['pool', 'raw', 'both'],
      default: 'both',
    },
    {
      flags: '--seconds <number>',
      summary: 'Go on for so long (default: until done, at most 60).',
    },
    { flags: '--statements <number>', summary: 'Make so many attempts.' },
    { flags: '--seed <number>', summary: 'Repeat a run: the same seed makes the same attempts.' },
    {
      flags: '--family <name>',
      summary: 'Only this family; may be given several times.',
      repeatable: true,
    },
    { flags: '--list', summary: 'List the families and attack nothing.' },
    {
      flags: '--destructive',
      summary: 'Also end this command’s own database sessions while they are used.',
    },
  ],
  examples: [
    { command: 'bulkhead attack', summary: 'Tries everything, by both ways in.' },
    {
      command: 'bulkhead attack --tenant acme --seconds 300',
      summary: 'Attacks as acme for five minutes.',
    },
    {
      command: 'bulkhead attack --driver raw --family "function abuse"',
      summary: 'Only calls functions, as a stolen credential.',
    },
    { command: 'bulkhead attack --json > attack.json', summary: 'Keeps the whole report.' },
  ],
  input,
  run: async (io, given) => {
    if (given.list) return listFamilies(io);
    const report = await run(io, given);
    presentReport(io, report);
    io.result(report);
    if (io.signal.aborted) return exitCodes.interrupted;
    return report.verdict === 'held' ? exitCodes.done : exitCodes.found;
  },
});

function listFamilies(io: CommandIo) {
  io.table(
    ['family', 'what it tries'],
    attackFamilies.map(({ name, description }) => [name, description]),
  );
  io.result({ families: attackFamilies });
  return exitCodes.done;
}

async function run(io: CommandIo, given: AttackInput): Promise<AttackReport> {
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
  // Loaded here: the guard's parser is slow to load, and other commands need none of it.
  const { Isolation } = await import('../isolate.ts');
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
