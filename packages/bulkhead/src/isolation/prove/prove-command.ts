/** `bulkhead prove` as the command line knows it: its words and what they may be. `run-prove.ts` does the work. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';
import { formats } from './report/formats.ts';

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
  // Loaded when it runs: the prover is the largest part of the house, and every other command starts without it.
  run: async (io, options) => (await import('./run-prove.ts')).runProve(io, options),
});
