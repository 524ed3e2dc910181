/**
 * What a superuser sees of tenant A's rows: their number and a digest, table by table.
 *
 * Promises: a row of A's that was changed, removed, or planted by someone else changes the answer.
 */
import type { ClientBase } from 'pg';
import type { Relation } from '../catalog/model.ts';
import { ident, literal, qualified } from '../names.ts';
import type { World } from '../world.ts';
import type { RowPlan } from './plan-rows.ts';
import type { SyntheticTenant } from './tenants.ts';

/** A finding is about one table and its neighbours; more would make every exploit slow. */
const RELATIONS_MAX = 24;

export async function inspectRows(
  client: ClientBase,
  world: World,
  relations: readonly Relation[],
  tenant: SyntheticTenant,
  plan: RowPlan,
): Promise<string> {
  const parts = relations.flatMap((relation) => {
    const condition = rowsOf(world, relation, tenant, plan);
    if (condition === undefined) return [];
    const name = literal(qualified(relation.schema, relation.name));
    return [
      `select ${name}::text as name, pg_catalog.count(*)::text as count, pg_catalog.md5(pg_catalog.string_agg(pg_catalog.md5(t::text), '' order by pg_catalog.md5(t::text))) as digest from only ${qualified(relation.schema, relation.name)} t where ${condition}`,
    ];
  });
  if (parts.length === 0) return '';
  const { rows } = await client.query({
    text: parts.slice(0, RELATIONS_MAX).join(' union all '),
    rowMode: 'array',
  });
  return JSON.stringify(rows);
}

/** The condition by which a row is A's: its tenant, its parent, or its key. */
function rowsOf(
  { tenancy, convention, catalog }: World,
  relation: Relation,
  tenant: SyntheticTenant,
  plan: RowPlan,
): string | undefined {
  if (relation.kind !== 'table') return undefined;
  const kind = tenancy.get(relation.oid);
  if (kind?.kind === 'tenant') return equals(kind.column.name, kind.column.type, tenant.id);
  const planned = plan.get(relation.oid);
  const numbers =
    kind?.kind === 'child'
      ? kind.columns
      : (catalog.constraints.get(relation.oid) ?? []).find((one) => one.kind === 'primary')
          ?.columns;
  if (planned === undefined || numbers === undefined) return undefined;
  if (kind?.kind === 'shared' && !convention.memberships.has(relation.oid)) return undefined;
  const conditions = numbers.map((number) => {
    const column = relation.columns.find((one) => one.number === number);
    const value = planned.values.get(number);
    if (column === undefined || value === undefined || value === null) return 'false';
    return equals(column.name, column.type, value);
  });
  return conditions.join(' and ');
}

function equals(column: string, type: string, value: string): string {
  return `t.${ident(column)} = ${literal(value)}::${type}`;
}
