/** The isolation section of the configuration. A missing key refuses to start; there is no weaker default. */
import { z } from 'zod';
import { databaseUrlSchema } from '../kernel/config/index.ts';

/** The database refuses longer ones as well. */
const TOKEN_LIFETIME_SECONDS_MAX = 900;
const IN_FLIGHT_MAX = 32;

/** The commonest fault of a first run: the key lies in `.env`, and whoever starts the app did not read it. */
const KEY_MISSING =
  'is missing: set BULKHEAD_CONTEXT_KEY. `bulkhead init` and `bulkhead key generate` write it to .env, which the app must read as well (node --env-file=.env …)';

const contextKeySchema = z
  .string({ error: ({ input }) => (input === undefined ? KEY_MISSING : undefined) })
  .min(1, { error: KEY_MISSING, abort: true })
  .regex(/^bhk1_[A-Za-z0-9_-]{43}$/, 'must be a context key: bhk1_ and 43 base64url characters');

const sqlNameSchema = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_$]{0,62}(\.[a-z_][a-z0-9_$]{0,62})?$/,
    'must be a name, or schema.name, in lower case',
  );

/** Exceptions that would take the wall down whole are not to be had. */
const functionSchema = sqlNameSchema.refine(
  (name) => !/(?:^|\.)(?:set_config|pg_read_.*file|dblink.*)$/.test(name),
  'would let a statement change its own context or leave the database; it cannot be listed',
);

export const isolationSection = z.strictObject({
  contextKeys: z
    .array(contextKeySchema, {
      error: ({ input }) => (input === undefined ? KEY_MISSING : undefined),
    })
    .min(1, 'must hold at least one key; run `bulkhead key generate`')
    .max(8, 'must hold at most 8 keys')
    .describe(
      'Keys that sign the tenant context, newest first: the first signs, all are published by `bulkhead migrate`. Secrets; take them from `BULKHEAD_CONTEXT_KEY`.',
    ),
  tokenLifetimeSeconds: z
    .int('must be a whole number of seconds')
    .min(1, 'must be at least 1')
    .max(TOKEN_LIFETIME_SECONDS_MAX, `must be at most ${TOKEN_LIFETIME_SECONDS_MAX}`)
    .default(300)
    .describe('How long a signed context is good for. The database refuses more than 900.'),
  searchPath: z
    .array(z.string().regex(/^[a-z_][a-z0-9_$]{0,62}$/, 'must be a schema name in lower case'))
    .min(1, 'must name at least one schema')
    .max(16, 'must name at most 16 schemas')
    .default(['public'])
    .describe(
      'The schemas in which the names of scoped statements are looked up, pinned for each statement.',
    ),
  pooler: z
    .enum(['detect', 'none', 'transaction'])
    .default('detect')
    .describe(
      'Whether a pooler in transaction mode stands between app and server. `detect` asks each connection.',
    ),
  allow: z
    .strictObject({
      functions: z
        .array(functionSchema)
        .default([])
        .describe('Functions that the guard lets through although it refuses them by default.'),
      relations: z
        .array(sqlNameSchema)
        .default([])
        .describe('Relations that the guard lets through although it refuses them by default.'),
      statements: z
        .array(z.enum(['DO', 'CALL']))
        .default([])
        .describe(
          'Statement kinds that the guard lets through although it refuses them by default.',
        ),
    })
    .prefault({})
    .describe(
      'What the statement guard makes an exception for. Each is a hole: `doctor` lists them.',
    ),
  inFlightMax: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(IN_FLIGHT_MAX, `must be at most ${IN_FLIGHT_MAX}`)
    .default(1)
    .describe(
      'How many statements of one tenant may be under way on one connection. More raises throughput.',
    ),
  prepareStatements: z
    .boolean()
    .default(true)
    .describe(
      'Parse a statement that comes again under a name, so that it skips parsing and planning from then on. Never done behind a pooler.',
    ),
  operatorUrl: databaseUrlSchema
    .optional()
    .describe(
      "Where `asOperator` connects, as the operator's role. Without it `asOperator` is refused.",
    ),
});
