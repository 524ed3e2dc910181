/**
 * From an empty database to one the app can use: roles, Bulkhead's schema, the app's own, tenants, seed.
 *
 * Promises: safe to run at every start; what is there stays.
 */
import { migrate } from 'bulkhead';
import pg from 'pg';
import { tenantIdOf } from '../seed/rows.ts';
import { ORGANIZATIONS, seed } from '../seed/seed.ts';
import { migrateNotes } from './migrate.ts';
import { APP_ROLE, ensureRoles, grantOwner, OPERATOR_ROLE, type RolePasswords } from './roles.ts';

export interface PrepareOptions {
  /** An administrator's; the app itself never sees it. */
  readonly superuserUrl: string;
  readonly contextKey: string;
  readonly passwords: RolePasswords;
  readonly today: Date;
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
    const report = await migrate({
      connectionString: options.superuserUrl,
      appRole: APP_ROLE,
      operatorRole: OPERATOR_ROLE,
      contextKeys: [options.contextKey],
    });
    await grantOwner(client);
    const own = await migrateNotes(client);
    for (const organization of ORGANIZATIONS) {
      await client.query(
        'insert into bulkhead.tenant (id, slug, name) values ($1, $2, $3) on conflict (id) do nothing',
        [tenantIdOf(organization), organization.slug, organization.name],
      );
    }
    return {
      migrationsApplied: report.applied.length + own.length,
      organizationsAdded: await seed(client, options.today),
      warnings: report.warnings,
    };
  } finally {
    await client.end();
  }
}
