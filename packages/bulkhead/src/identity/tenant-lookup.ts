/**
 * Asks the database for a tenant, as the app's role, through the one function it may call.
 *
 * Does not promise freshness policy: `tenant-cache.ts` stands in front of it.
 */
import { z } from 'zod';
import { parseTenantId } from '../isolation/tenant-context.ts';
import { type TenantLookup, tenantStatuses } from './tenant-record.ts';

/** The one method of a pool that a look-up needs. Give it the app's plain pool, not the protected one. */
export interface QueryPort {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

const FIND = 'select id, slug, status, external_id from bulkhead.find_tenant($1, $2)';

const foundRow = z.object({
  id: z.string(),
  slug: z.string(),
  status: z.enum(tenantStatuses),
  external_id: z.string().nullable(),
});

/** Makes the look-up that runs before any tenant context exists. */
export function createTenantLookup(pool: QueryPort): TenantLookup {
  return async (how, value) => {
    const { rows } = await pool.query(FIND, [how, value]);
    if (rows.length === 0) return null;
    const row = foundRow.parse(rows[0]);
    return Object.freeze({
      id: parseTenantId(row.id),
      slug: row.slug,
      status: row.status,
      ...(row.external_id === null ? {} : { externalId: row.external_id }),
    });
  };
}
