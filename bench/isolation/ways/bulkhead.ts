/** Bulkhead as it comes: plain `pg` on the protected pool. */
import type pg from 'pg';
import { BODY, sqlFor, type Way, type WayOptions } from '../way.ts';
import { asTenant, openProtectedPool, type ProtectedPoolOptions } from './protected-pool.ts';

export interface BulkheadWay extends ProtectedPoolOptions {
  readonly key: string;
  readonly label: string;
  readonly oneTenant?: boolean;
}

export function openBulkhead(options: WayOptions, way: BulkheadWay): Way {
  const { pool, bulkhead } = openProtectedPool(options, way);
  return { ...queriesOn(pool, ''), ...way, close: () => bulkhead.close() };
}

/** The three operations on a protected pool, over the tables of one suffix. */
export function queriesOn(
  pool: pg.Pool,
  suffix: string,
): Pick<Way, 'readOne' | 'readProject' | 'insert'> {
  const sql = sqlFor(suffix);
  return {
    readOne: (tenant, id) =>
      asTenant(tenant, async () => (await pool.query(sql.readOne, [id])).rows[0]?.title),
    readProject: (tenant, project) =>
      asTenant(tenant, async () => (await pool.query(sql.readProject, [project])).rows.length),
    insert: (tenant, title) =>
      asTenant(tenant, async () => {
        await pool.query(sql.insert, [title, BODY]);
      }),
  };
}
