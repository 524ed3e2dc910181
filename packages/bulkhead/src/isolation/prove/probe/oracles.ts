/**
 * Exploits for constraints: what an INSERT of B's answers tells whether A has a certain row.
 *
 * Promises: the row is B's own in every column but those of the constraint, which hold A's values; so a foreign key is met
 * only if A's row is there, and a unique key is violated only if it is.
 */
import type { Constraint, Index, Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident, literal, objectName, qualified } from '../names.ts';
import type { World } from '../world.ts';
import type { PlannedRow, RowPlan } from './plan-rows.ts';

/** B's row to insert, not yet in any table, and both tenants' rows that are. */
export interface OracleRows {
  readonly fresh: RowPlan;
  readonly victim: RowPlan;
}

const ABOUT_CONSTRAINTS = /^(fk|foreign|unique|exclusion|primary|constraint|key|cross-tenant)/;

export function isOracle({ kind }: Finding): boolean {
  return ABOUT_CONSTRAINTS.test(kind);
}

export function oracleExploits(world: World, finding: Finding, rows: OracleRows): string[] {
  if (!isOracle(finding)) return [];
  const relation = [...world.catalog.relations.values()].find(
    ({ schema, name }) => objectName(schema, name) === finding.object,
  );
  if (relation === undefined) return [];
  const own = rows.fresh.get(relation.oid);
  if (own === undefined) return [];
  const constraints = world.catalog.constraints.get(relation.oid) ?? [];
  const foreign = constraints.flatMap((one) => metOnlyByVictim(one, own, rows, relation, world));
  const indexes = world.catalog.indexes.get(relation.oid) ?? [];
  const unique = indexes.flatMap((one) => takenByVictim(one, own, rows, relation));
  return /^(fk|foreign|cross-tenant)/.test(finding.kind) ? foreign : unique;
}

function metOnlyByVictim(
  { kind, columns, references }: Constraint,
  own: PlannedRow,
  { victim }: OracleRows,
  relation: Relation,
  { convention, tenancy }: World,
): string[] {
  const parent = references === null ? undefined : victim.get(references.relation);
  if (kind !== 'foreign' || references === null || parent === undefined) return [];
  // A foreign key to the register itself is the tenant's own name.
  if (convention.registries.has(references.relation)) return [];
  const tenantColumn = tenancy.get(relation.oid);
  const values = new Map(own.values);
  for (const [index, number] of columns.entries()) {
    if (tenantColumn?.kind === 'tenant' && tenantColumn.column.number === number) continue;
    const target = references.columns[index];
    const value = target === undefined ? undefined : parent.values.get(target);
    if (value !== undefined) values.set(number, value);
  }
  return [insertText({ relation, values })];
}

function takenByVictim(
  { unique, exclusion, columns }: Index,
  own: PlannedRow,
  { victim }: OracleRows,
  relation: Relation,
): string[] {
  const other = victim.get(relation.oid);
  if ((!unique && !exclusion) || other === undefined) return [];
  const values = new Map(own.values);
  // An index over an expression: the columns it reads are not told, so all texts are taken over.
  const taken = columns.includes(0)
    ? relation.columns
        .filter(({ type }) => /^(text|character|public\.citext)/.test(type))
        .map(({ number }) => number)
    : columns;
  for (const number of taken) {
    const value = other.values.get(number);
    if (value !== undefined) values.set(number, value);
  }
  return [insertText({ relation, values })];
}

function insertText({ relation, values }: PlannedRow): string {
  const columns = relation.columns.filter(
    ({ number, identity }) => values.has(number) && identity !== 'always',
  );
  const names = columns.map(({ name }) => ident(name)).join(', ');
  const texts = columns.map(({ number }) => {
    const value = values.get(number);
    return value === undefined || value === null ? 'null' : literal(value);
  });
  return `insert into ${qualified(relation.schema, relation.name)} (${names}) values (${texts.join(', ')})`;
}
