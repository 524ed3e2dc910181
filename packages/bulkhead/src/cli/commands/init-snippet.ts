/** The lines that `init` tells a person to add: how the pool is wrapped and the requests are identified. */
import type { DetectedProject, Framework, QueryLayer } from './detect-project.ts';

export interface InitSnippet {
  /** Lines that set Bulkhead up once. */
  readonly setup: readonly string[];
  /** The two lines: the pool and the middleware. */
  readonly lines: readonly string[];
  readonly note: string | undefined;
}

const MIDDLEWARE: Readonly<Record<Framework, string>> = {
  express: 'app.use(bulkhead.express());',
  fastify: 'app.register(bulkhead.fastify());',
  hono: "app.use('*', bulkhead.hono());",
  next: 'export const GET = bulkhead.next(async (request) => Response.json(await list()));',
  fetch: 'const handler = bulkhead.fetch(async (request) => route(request));',
};

const HANDOVER: Readonly<Record<QueryLayer, string | undefined>> = {
  pg: undefined,
  kysely: 'Give it to Kysely: new PostgresDialect({ pool }).',
  drizzle: 'Give it to Drizzle: drizzle(pool).',
  prisma: 'Give it to Prisma: new PrismaClient({ adapter: new PrismaPg(pool) }).',
  typeorm: 'TypeORM makes its own pool, which Bulkhead does not see; there is no guide for it yet.',
};

export function initSnippet(project: DetectedProject & { framework: Framework }): InitSnippet {
  const setup =
    project.modules === 'esm'
      ? [
          "import { createBulkhead } from 'bulkhead';",
          "import pg from 'pg';",
          "import config from './bulkhead.config.mjs';",
          'const bulkhead = createBulkhead(config);',
        ]
      : [
          "const pg = require('pg');",
          "const { createBulkhead } = await import('bulkhead');",
          "const { default: config } = await import('./bulkhead.config.mjs');",
          'const bulkhead = createBulkhead(config);',
        ];
  return {
    setup,
    lines: [
      'const pool = bulkhead.protect(new pg.Pool({ connectionString: process.env.DATABASE_URL }));',
      MIDDLEWARE[project.framework],
    ],
    note: project.queryLayer === undefined ? undefined : HANDOVER[project.queryLayer],
  };
}

/** The configuration file; secrets stay in the environment. */
export function configFileText(options: {
  readonly appRole: string;
  readonly tenantFrom: string;
}): string {
  return `// Every key: npx bulkhead explain config
import { defineConfig } from 'bulkhead';

export default defineConfig({
  database: {
    // The role that the app logs in as. It owns nothing and has no BYPASSRLS.
    appRole: '${options.appRole}',
  },
  isolation: {
    // Signs the tenant context. Never commit it.
    contextKeys: [process.env.BULKHEAD_CONTEXT_KEY ?? ''],
  },
  identity: {
    // Where a request names its tenant.
    tenantFrom: [${options.tenantFrom}],
    // Who vouches for the user: issuers of JWTs, or authenticate: (request) => user.
    // jwt: [{ issuer: 'https://…', audience: '…', jwksUrl: 'https://…' }],
  },
});
`;
}
