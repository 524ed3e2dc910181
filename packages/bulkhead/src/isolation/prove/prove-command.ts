/** `bulkhead prove`: from the words of the command line to a proof, its documents and an exit code. */
import { Client } from 'pg';
import { z } from 'zod';
import { type CommandIo, defineCommand, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { isBulkheadError } from '../../kernel/errors.ts';
import { connectionError } from '../../kernel/migrations/index.ts';
import { deliver, formats } from './deliver.ts';
import { type ProvedDatabase, provedSubject } from './documents.ts';
import { provedFromMigrations } from './from-migrations/prove-migrations.ts';
import type { Verdict } from './model.ts';
import { type ProveOptions, prove } from './prove.ts';
import { compareWithBaseline, readBaseline } from './report/baseline.ts';
import { readSigningKey } from './report/dsse.ts';
import { overallVerdict } from './report/in-toto.ts';
import { showProgress } from './show-progress.ts';

const input = z
  .strictObject({
    url: z.string().min(1).optional(),
    databaseUrl: z.string().min(1).optional(),
    role: z.string().min(1).optional(),
    tenantSetting: z
      .string()
      .regex(
        /^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)+$/,
        'is not the name of a setting, as app.tenant_id',
      )
      .optional(),
    tenantExpression: z.string().min(1).optional(),
    schema: z.array(z.string().min(1)).default([]),
    format: z.enum(formats).default('text'),
    out: z.string().min(1).optional(),
    fix: z.string().min(1).optional(),
    baseline: z.string().min(1).optional(),
    migrations: z.string().min(1).optional(),
    key: z.string().min(1).optional(),
    probe: z.boolean().default(true),
  })
  .refine(({ tenantSetting, tenantExpression }) => !(tenantSetting && tenantExpression), {
    message: 'give one of --tenant-setting and --tenant-expression',
    path: ['tenantSetting'],
  })
  .refine(({ url, databaseUrl }) => !(url && databaseUrl), {
    message: 'the database is named twice',
    path: ['databaseUrl'],
  })
  .refine(({ migrations, url, databaseUrl }) => !(migrations && (url || databaseUrl)), {
    message: 'proves a database made from the folder, so no other can be named',
    path: ['migrations'],
  })
  .refine(({ key, format }) => !key || format === 'intoto', {
    message: 'signs an attestation: add --format intoto',
    path: ['key'],
  });
export type ProveInput = z.output<typeof input>;

const CONNECT_TIMEOUT_MS = 10_000;

export const proveCommand = defineCommand({
  name: 'prove',
  summary: "Show that tenants cannot reach each other's data, or the SQL by which they can.",
  description:
    "Reads the catalog of any PostgreSQL 15 to 18 and says of every object that the app's role reaches whether " +
    'tenant isolation is proven, a leak (with the SQL that shows it) or unknown. Needs no configuration and no Bulkhead ' +
    'in the database. Leaks are confirmed with two made-up tenants in a transaction that is always rolled back. Ends ' +
    'with 0 when all is proven, 1 for a leak, 2 when something is unknown.',
  arguments: [
    {
      name: 'url',
      summary:
        'The database; else --database-url, BULKHEAD_ADMIN_URL, DATABASE_URL or the configuration.',
    },
  ],
  options: [
    { flags: '--database-url <url>', summary: 'The database, as a PostgreSQL URL.' },
    {
      flags: '--role <role>',
      summary:
        "The role the app connects as; found by itself where the grants tell. Supabase's are authenticated and anon.",
    },
    {
      flags: '--tenant-setting <name>',
      summary: 'The setting that holds the tenant, as app.tenant_id; found by itself in policies.',
    },
    {
      flags: '--tenant-expression <sql>',
      summary: 'SQL that yields the tenant, where it is no plain setting.',
    },
    { flags: '--schema <name>', summary: 'Report only objects of this schema.', repeatable: true },
    {
      flags: '--format <format>',
      summary: 'How to say it.',
      choices: formats,
      default: 'text',
    },
    {
      flags: '--out <file>',
      summary: 'Write what --format says into this file, and the text to the terminal.',
    },
    { flags: '--fix <file>', summary: 'Write the migration that closes what was found.' },
    {
      flags: '--baseline <file>',
      summary: 'A report of --format json: fail only on what is not in it.',
    },
    {
      flags: '--migrations <folder>',
      summary:
        'Build a throw-away database from these .sql migrations (Prisma, Drizzle, Supabase, plain) and prove that.',
    },
    {
      flags: '--key <file>',
      summary: 'Private Ed25519 key in PEM that signs --format intoto; else one made for this run.',
    },
    { flags: '--no-probe', summary: 'Do not confirm leaks by running them.' },
  ],
  examples: [
    {
      command: 'bulkhead prove "$DATABASE_URL" --role app_user',
      summary: 'Proves a database, whoever made it.',
    },
    {
      command: 'bulkhead prove --migrations supabase/migrations --role authenticated',
      summary: 'Proves what the migrations make, before they reach any database.',
    },
    {
      command: 'bulkhead prove "$DATABASE_URL" --fix close-leaks.sql',
      summary: 'Writes one migration with every fix, to be read before it is run.',
    },
    {
      command: 'bulkhead prove "$DATABASE_URL" --format sarif --out prove.sarif',
      summary: 'For code scanning, with the report on the terminal.',
    },
  ],
  input,
  run: async (io, options) => {
    // Whatever the user got wrong is told before the long work.
    const baseline =
      options.baseline === undefined ? undefined : await readBaseline(options.baseline);
    const key = options.key === undefined ? undefined : await readSigningKey(options.key);
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
  },
});

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
