/**
 * A database with tenants, members and grants, and authorizers over it as processes have them.
 *
 * Rows are written as superuser, the way the operations would: these tests are about what decides by them.
 */
import pg from 'pg';
import { onTestFinished } from 'vitest';
import {
  type Authorizer,
  type AuthorizerOptions,
  type AuthorizerPorts,
  createAuthorizer,
} from '../../packages/bulkhead/src/access/authorizer/authorizer.ts';
import {
  type Actor,
  type Context,
  currentContext,
  Isolation,
  type IsolationOptions,
  type TenantContext,
} from '../../packages/bulkhead/src/isolation/index.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface ProcessOptions extends Partial<AuthorizerOptions> {
  readonly url?: string;
  readonly isolation?: Partial<IsolationOptions>;
  readonly ports?: (ports: AuthorizerPorts) => Partial<AuthorizerPorts>;
  readonly poolMax?: number;
}

/** One process's part: its pool, its authorizer, and ways into contexts. */
export interface AccessProcess {
  readonly isolation: Isolation;
  readonly authorizer: Authorizer;
  readonly pool: pg.Pool;
  as<T>(tenant: string, actor: Actor, fn: (context: TenantContext) => Promise<T> | T): Promise<T>;
}

export interface AccessGround {
  readonly database: TestDatabase;
  readonly admin: pg.Client;
  process(options?: ProcessOptions): AccessProcess;
  /** One statement of change and the tenant's epoch with it, in one transaction. */
  change(tenant: string, text: string, values?: unknown[]): Promise<void>;
  join(tenant: string, user: string): Promise<void>;
  node(tenant: string, id: string, parent: string): Promise<void>;
  grant(tenant: string, holder: string, role: string, node?: string): Promise<void>;
  revokeAll(tenant: string, holder: string): Promise<void>;
}

export const user = (id: string): Actor => ({ type: 'user', id });

export async function createAccessGround(): Promise<AccessGround> {
  const database = await createTestDatabase();
  const admin = new pg.Client({ connectionString: database.superuserUrl });
  await admin.connect();
  onTestFinished(async () => {
    await admin.end();
    await database.drop();
  });
  const change = async (tenant: string, text: string, values: unknown[] = []) => {
    await admin.query('begin');
    await admin.query('select bulkhead.access_changed($1)', [tenant]);
    await admin.query(text, values);
    await admin.query('commit');
  };
  const ground: AccessGround = {
    database,
    admin,
    process: (options) => startProcess(database, options),
    change,
    join: (tenant, id) =>
      change(
        tenant,
        `with root as (
           insert into bulkhead.node (tenant_id, id, kind, name, ancestors) values ($1, $1, 'tenant', 'root', '{}')
           on conflict do nothing)
         insert into bulkhead.membership (tenant_id, type, id, name) values ($1, 'user', $2, $2)`,
        [tenant, id],
      ),
    async node(tenant, id, parent) {
      await admin.query(
        `insert into bulkhead.node (tenant_id, id, parent, kind, name, ancestors)
         select $1, $2, p.id, 'project', 'node', p.ancestors || p.id from bulkhead.node p
          where p.tenant_id = $1 and p.id = $3`,
        [tenant, id, parent],
      );
    },
    grant: (tenant, holder, role, node = tenant) =>
      change(
        tenant,
        `insert into bulkhead.access_grant (tenant_id, holder_type, holder_id, role, node, granted_by)
         values ($1, 'user', $2, $3, $4, 'system:test')`,
        [tenant, holder, role, node],
      ),
    revokeAll: (tenant, holder) =>
      change(tenant, 'delete from bulkhead.access_grant where tenant_id = $1 and holder_id = $2', [
        tenant,
        holder,
      ]),
  };
  return ground;
}

function startProcess(database: TestDatabase, options: ProcessOptions = {}): AccessProcess {
  const isolation = new Isolation({
    contextKeys: [database.contextKey],
    tokenLifetimeSeconds: 300,
    searchPath: ['public'],
    pooler: 'detect',
    allow: { functions: [], relations: [], statements: [] },
    inFlightMax: 1,
    prepareStatements: true,
    operatorUrl: undefined,
    ...options.isolation,
  });
  const pool = isolation.protect(
    new pg.Pool({ connectionString: options.url ?? database.appUrl, max: options.poolMax ?? 2 }),
  );
  const ports: AuthorizerPorts = {
    systemQuery: (text, values) => isolation.systemQuery(text, values),
    contextToken: (tenant, actor) => isolation.contextToken(tenant, actor),
    systemConnection: (events) => isolation.systemConnection(events),
  };
  const authorizer = createAuthorizer(
    { ...ports, ...options.ports?.(ports) },
    { maxAgeMs: 1_000, cacheBytes: 64_000_000, ...options },
  );
  onTestFinished(async () => {
    authorizer.close();
    await isolation.close();
  });
  return {
    isolation,
    authorizer,
    pool,
    as: async (tenant, actor, fn) =>
      isolation.enterTenant({ id: tenant }, async () => fn(asTenant(currentContext())), { actor }),
  };
}

function asTenant(context: Context): TenantContext {
  if (context.kind === 'tenant') return context;
  throw new Error('not a tenant');
}
