/**
 * From an empty database to one the app can use: roles, Bulkhead's schema, the app's own, tenants, seed.
 *
 * Promises: safe to run at every start; what is there stays.
 */
import pg from 'pg';
import { seedAccounts } from '../seed/accounts.ts';
import { tenantIdOf } from '../seed/rows.ts';
import { ORGANIZATIONS, seed } from '../seed/seed.ts';
import { migrateNotes } from './migrate.ts';
import { ensureRoles, grantOwner, type RolePasswords } from './roles.ts';

/** Brings Bulkhead's own schema up to date: by its command in the demo, from its sources in the tests. */
export type BulkheadMigration = (target: {
  readonly superuserUrl: string;
  readonly contextKey: string;
}) => Promise<{ readonly applied: number; readonly warnings: readonly string[] }>;

export interface PrepareOptions {
  /** An administrator's; the app itself never sees it. */
  readonly superuserUrl: string;
  readonly contextKey: string;
  readonly passwords: RolePasswords;
  readonly today: Date;
  readonly migrateBulkhead: BulkheadMigration;
}

export interface Prepared {
  /** Migration files that were new, Bulkhead's and the app's. */
  readonly migrationsApplied: number;
  /** Organizations that were new; 0 on a second start. */
  readonly organizationsAdded: number;
  /** What the server would not let Bulkhead do. */
  readonly warnings: readonly string[];
}

export async function prepareDatabase(options: PrepareOptions): Promise<Prepared> {
  const client = new pg.Client({ connectionString: options.superuserUrl });
  await client.connect();
  try {
    await ensureRoles(client, options.passwords);
    const report = await options.migrateBulkhead(options);
    await grantOwner(client);
    const own = await migrateNotes(client);
    for (const organization of ORGANIZATIONS) {
      await client.query(
        'insert into bulkhead.tenant (id, slug, name) values ($1, $2, $3) on conflict (id) do nothing',
        [tenantIdOf(organization), organization.slug, organization.name],
      );
    }
    const organizationsAdded = await seed(client, options.today);
    await seedAccounts(client);
    return {
      migrationsApplied: report.applied + own.length,
      organizationsAdded,
      warnings: report.warnings,
    };
  } finally {
    await client.end();
  }
}
