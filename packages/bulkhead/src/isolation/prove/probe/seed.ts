/**
 * Puts planned rows into the tables, inside the probe's transaction.
 *
 * Promises: fires no trigger: where triggers cannot be switched off for the transaction, tables that have any are left
 * out. A row that does not fit is left out too, and costs nothing but its finding's confirmation.
 */
import { type ClientBase, DatabaseError } from 'pg';
import type { Catalog, Oid } from '../catalog/model.ts';
import { insertStatement, type PlannedRow, type RowPlan } from './plan-rows.ts';

/** True if from here on no trigger and no foreign key fires; asks for a superuser or the right to set it. */
export async function silenceTriggers(client: ClientBase): Promise<boolean> {
  return attempt(client, () => client.query('set local session_replication_role = replica'));
}

export async function wakeTriggers(client: ClientBase): Promise<void> {
  await client.query('set local session_replication_role = origin');
}

export async function insertPlan(
  client: ClientBase,
  catalog: Catalog,
  plan: RowPlan,
  options: { readonly isSilent: boolean; readonly until: number },
): Promise<ReadonlySet<Oid>> {
  const inserted = new Set<Oid>();
  for (const row of new Set(plan.values())) {
    if (performance.now() > options.until) break;
    if (!options.isSilent && hasTriggers(catalog, row)) continue;
    const statement = insertStatement(row);
    if (await attempt(client, () => client.query(statement))) inserted.add(row.relation.oid);
  }
  return inserted;
}

/** `ENABLE ALWAYS` and `ENABLE REPLICA` triggers fire all the same; their definition does not tell, so look for effects. */
function hasTriggers(catalog: Catalog, { relation }: PlannedRow): boolean {
  return (catalog.triggers.get(relation.oid) ?? []).some(({ enabled }) => enabled);
}

/** Inside a savepoint, so that a failure spoils nothing. */
export async function attempt(client: ClientBase, work: () => Promise<unknown>): Promise<boolean> {
  await client.query('savepoint bulkhead_attempt');
  try {
    await work();
    await client.query('release savepoint bulkhead_attempt');
    return true;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    await client.query(
      'rollback to savepoint bulkhead_attempt; release savepoint bulkhead_attempt',
    );
    return false;
  }
}
