/** A PostgreSQL of its own with Bulkhead in it, and an authorizer over it as `createBulkhead` makes one. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dist = new URL('../../packages/bulkhead/dist/', import.meta.url);
const { createAuthorizer, definePermissions } = await import(new URL('access/index.js', dist).href);
const { publishCatalogue } = await import(new URL('access/permissions/publish.js', dist).href);
const { capabilities } = await import(new URL('capabilities.js', dist).href);
const { generateContextKey, Isolation, publishContextKey, parseTenantId, runInContext } =
  await import(new URL('isolation/index.js', dist).href);
const { startEmbeddedPostgres } = await import(new URL('kernel/embedded/index.js', dist).href);
const { migrate } = await import(new URL('kernel/migrations/index.js', dist).href);

// The product's own copy: the peers bring another one.
const pg = createRequire(new URL('../package.json', dist))('pg');

const ROOMS = ['kernel', 'isolation', 'audit', 'access'];

export async function openGround({ cacheBytes = 512_000_000 } = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: { shared_buffers: '256MB', max_wal_size: '4GB' },
  });
  const admin = new pg.Client({ connectionString: server.superuserUrl });
  await admin.connect();
  const password = randomBytes(12).toString('hex');
  await admin.query('create role bulkhead nologin');
  await admin.query(`create role bench_app login password '${password}'`);
  await migrate({
    connectionString: server.superuserUrl,
    capabilities: capabilities.filter(({ name }) => ROOMS.includes(name)),
    appRole: 'bench_app',
  });
  const contextKey = generateContextKey();
  await publishContextKey(admin, contextKey);
  const isolation = new Isolation({
    contextKeys: [contextKey],
    tokenLifetimeSeconds: 300,
    searchPath: ['public'],
    pooler: 'none',
    allow: { functions: [], relations: [], statements: [] },
    inFlightMax: 1,
    prepareStatements: true,
    operatorUrl: undefined,
  });
  isolation.protect(new pg.Pool({ connectionString: server.url({ user: 'bench_app', password }) }));
  const authorizer = createAuthorizer(
    {
      systemQuery: (text, values) => isolation.systemQuery(text, values),
      contextToken: (tenant, actor) => isolation.contextToken(tenant, actor),
      systemConnection: (events) => isolation.systemConnection(events),
    },
    // Slots block the loop for longer than an app does; what is measured is deciding, not hearing of changes.
    { maxAgeMs: 60_000, cacheBytes },
  );
  const insert = (table, columns, rows) =>
    admin.query(
      `insert into bulkhead.${table} (${columns}) select ${columns} from json_populate_recordset(null::bulkhead.${table}, $1)`,
      [JSON.stringify(rows)],
    );
  return {
    admin,
    authorizer,
    insert,
    publish: (permissions) =>
      publishCatalogue(admin, {
        permissions: definePermissions(
          Object.fromEntries(permissions.map((name) => [name, { description: `${name}.` }])),
        ),
        kinds: ['resource'],
      }),
    async store({ tenant, nodes, roles, permissions, people }) {
      await this.publish(permissions);
      const tenant_id = tenant;
      await admin.query('select bulkhead.access_changed($1)', [tenant]);
      await insert(
        'node',
        'tenant_id, id, parent, kind, name, ancestors',
        nodes.map(({ id, parent, kind, path }) => ({
          tenant_id,
          id,
          parent,
          kind,
          name: 'n',
          ancestors: path.slice(0, -1),
        })),
      );
      await insert(
        'membership',
        'tenant_id, type, id, name, status',
        people.map(({ id }) => ({ tenant_id, type: 'user', id, name: id, status: 'active' })),
      );
      await insert(
        'role',
        'tenant_id, key, name',
        roles.map(({ key }) => ({ tenant_id, key, name: key })),
      );
      await insert(
        'role_permission',
        'tenant_id, role, permission',
        roles.flatMap(({ key, permissions: held }) =>
          held.map((permission) => ({ tenant_id, role: key, permission })),
        ),
      );
      await insert(
        'access_grant',
        'tenant_id, holder_type, holder_id, role, node, granted_by',
        people.flatMap(({ id, grants }) =>
          grants.map(({ role, node }) => ({
            tenant_id,
            holder_type: 'user',
            holder_id: id,
            role: role.key,
            node,
            granted_by: 'system:bench',
          })),
        ),
      );
      await admin.query('analyze');
    },
    contextOf: (tenant, user) =>
      Object.freeze({
        kind: 'tenant',
        tenant: Object.freeze({ id: parseTenantId(tenant) }),
        actor: { type: 'user', id: user },
        expiresAtMs: Date.now() + 3_600_000,
      }),
    async checkerOf(tenant, user) {
      const context = this.contextOf(tenant, user);
      await authorizer.preload(context);
      return authorizer.checker(context);
    },
    /** What a statement of somebody's carries. */
    tokenOf: (tenant, user) => isolation.contextToken(tenant, { type: 'user', id: user }),
    within: runInContext,
    async close() {
      authorizer.close();
      await isolation.close();
      await admin.end();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
