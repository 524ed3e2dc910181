/**
 * An app with permissions of its own and two tenants in which everybody has one role: what the tests of who may do
 * what begin with.
 */
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { type Access, publishCatalogue } from '../../packages/bulkhead/src/access/index.ts';
import {
  type Actor,
  createBulkhead,
  definePermissions,
  generateVaultKey,
} from '../../packages/bulkhead/src/index.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export const ACME = 'ac000000-0000-4000-8000-000000000001';
export const BORA = 'b0000000-0000-4000-8000-000000000002';

export const permissions = definePermissions({
  'invoice:read': { description: 'Reads invoices.', roles: ['member'] },
  'invoice:write': { description: 'Writes invoices.', roles: ['member'] },
  'invoice:void': { description: 'Voids invoices.', dangerous: true },
  'board:create': { description: 'Makes boards.', roles: ['member'] },
  'board:delete': { description: 'Deletes boards.' },
});

export const roles = ['owner', 'admin', 'member', 'viewer', 'auditor', 'billing'] as const;

export interface AccessApp {
  readonly database: TestDatabase;
  /** A superuser, to arrange and to look. */
  readonly admin: pg.Client;
  readonly pool: pg.Pool;
  readonly access: Access;
  /** Does something as somebody in a tenant; `system` unless said otherwise. */
  as<T>(actor: Actor | string, fn: () => Promise<T>, tenant?: string): Promise<T>;
  /** Makes a person a member, with a role on the tenant unless told otherwise. */
  join(id: string, role?: string, tenant?: string): Promise<void>;
  /** Events of changes in a tenant that wait to be sequenced, oldest first. */
  events(tenant?: string): Promise<Record<string, unknown>[]>;
}

export const user = (id: string): Actor => ({ type: 'user', id });
export const SYSTEM: Actor = { type: 'system', id: 'test' };

export async function createAccessApp(): Promise<AccessApp> {
  const database = await createTestDatabase();
  const admin = new pg.Client({ connectionString: database.superuserUrl });
  await admin.connect();
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name) values ($1, 'acme', 'Acme'), ($2, 'bora', 'Bora')`,
    [ACME, BORA],
  );
  const access = { permissions, kinds: ['board', 'card'] };
  await publishCatalogue(admin, { ...access, maxAgeMs: 1_000, cacheBytes: 1_000_000 });
  const bulkhead = createBulkhead({
    database: { appRole: 'test_app', operatorRole: 'test_operator' },
    isolation: { contextKeys: [database.contextKey] },
    identity: { tenantFrom: [{ from: 'header', name: 'x-tenant' }] },
    audit: { origin: 'audit.test', vaultKeys: [generateVaultKey()] },
    access,
  });
  const pool = bulkhead.protect(new pg.Pool({ connectionString: database.appUrl, max: 12 }));
  onTestFinished(async () => {
    await bulkhead.close();
    await admin.end();
    await database.drop();
  });
  const app: AccessApp = {
    database,
    admin,
    pool,
    // The tests name permissions that are not there, too.
    access: bulkhead.access as Access,
    as: (actor, fn, tenant = ACME) =>
      bulkhead.asTenant(tenant, fn, { actor: typeof actor === 'string' ? user(actor) : actor }),
    join: (id, role, tenant = ACME) =>
      app.as(
        SYSTEM,
        async () => {
          await app.access.members.add({ type: 'user', id, name: id });
          if (role !== undefined) {
            await app.access.grants.create({ holder: { type: 'user', id }, role });
          }
        },
        tenant,
      ),
    async events(tenant = ACME) {
      const { rows } = await admin.query(
        `select actor, event from bulkhead.audit_pending where tenant_id = $1 and source = 'operator' order by seq`,
        [tenant],
      );
      return rows.map(({ actor, event }) => ({ by: actor, ...JSON.parse(event) }));
    },
  };
  return app;
}

/** The same with one person for each built-in role in both tenants: `owner`, `admin` … and `nobody` without one. */
export async function createStaffedApp(): Promise<AccessApp> {
  const app = await createAccessApp();
  for (const tenant of [ACME, BORA]) {
    for (const role of roles) await app.join(role, role, tenant);
    await app.join('nobody', undefined, tenant);
  }
  return app;
}
