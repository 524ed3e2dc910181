/**
 * Unique and exclusion constraints over tenants' rows that leave the tenant out: a refused insert tells
 * that another tenant has the value.
 *
 * Surrogate keys are left alone: nobody guesses a UUID, and a number from a sequence says nothing but that
 * it was drawn.
 */
import type { Column, Constraint, Index, Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import type { Reach, Rule, TenantKind, World } from '../world.ts';
import { isTenantData, onRelation, table } from './finding.ts';

export const uniqueKeys: Rule = (world) => {
  const findings: Finding[] = [];
  for (const reach of world.surface.relations.values()) {
    const kind = world.tenancy.get(reach.relation.oid);
    if (kind === undefined || !isTenantData(kind) || !reach.rlsApplies) continue;
    for (const index of world.catalog.indexes.get(reach.relation.oid) ?? []) {
      if (!(index.unique || index.exclusion) || !index.valid) continue;
      const key = keyOf(world, reach, kind, index);
      if (key !== null) findings.push(oracle(world, reach.relation, kind, index, key));
    }
  }
  return findings;
};

/** The columns of a key that tells something, or null. */
function keyOf(
  world: World,
  { relation, columns }: Reach,
  kind: TenantKind,
  index: Index,
): readonly Column[] | null {
  if (kind.kind === 'tenant' && index.columns.includes(kind.column.number)) return null;
  const key = index.columns.flatMap(
    (number) => relation.columns.find((one) => one.number === number) ?? [],
  );
  const expressions = index.expressions ?? '';
  if (kind.kind === 'tenant' && new RegExp(`\\b${kind.column.name}\\b`).test(expressions))
    return null;
  if (key.some((column) => isUnguessable(world, relation, column))) return null;
  // A child's key under its parent is its tenant's too.
  if (kind.kind === 'child' && kind.columns.some((number) => index.columns.includes(number)))
    return null;
  if (key.some(({ number }) => refersToTenantData(world, relation, number))) return null;
  const isWritten = (['INSERT', 'UPDATE'] as const).some((privilege) => {
    const writable = columns.get(privilege);
    return (
      writable !== undefined &&
      (key.length === 0 || key.some((column) => writable.has(column.number) && !column.generated))
    );
  });
  return isWritten ? key : null;
}

function isUnguessable(world: World, relation: Relation, column: Column): boolean {
  if (column.type === 'uuid' || column.identity !== null) return true;
  if (/\bnextval\(|\bgen_random_|\buuid/.test(column.default ?? '')) return true;
  // A key without default whose name says it is the surrogate, numbered by the app.
  const primary = (world.catalog.constraints.get(relation.oid) ?? []).find(
    ({ kind }) => kind === 'primary',
  );
  return (
    /^(bigint|integer|smallint)$/.test(column.type) &&
    primary?.columns.length === 1 &&
    primary.columns[0] === column.number
  );
}

/** One-to-one tables: the row they belong to is the tenant's own. */
function refersToTenantData(world: World, relation: Relation, number: number): boolean {
  return (world.catalog.constraints.get(relation.oid) ?? []).some(
    ({ references, columns }) =>
      references !== null &&
      columns.includes(number) &&
      isTenantData(world.tenancy.get(references.relation)),
  );
}

function oracle(
  world: World,
  relation: Relation,
  kind: TenantKind,
  index: Index,
  key: readonly Column[],
): Finding {
  const what = key.length > 0 ? key.map(({ name }) => name).join(', ') : (index.expressions ?? '');
  const constraint = (world.catalog.constraints.get(relation.oid) ?? []).find(
    (one) => one.index === index.oid && one.kind !== 'foreign',
  );
  return onRelation(relation, {
    kind: index.exclusion ? 'exclusion-without-tenant' : 'unique-without-tenant',
    severity: 'medium',
    why: `${index.name} is ${index.exclusion ? 'an exclusion constraint' : 'unique'} over (${what}) across all tenants: a refused insert tells that another tenant has the value.`,
    fix:
      kind.kind === 'tenant' && !index.exclusion
        ? withTenant(relation, kind.column, index, key, constraint)
        : null,
  });
}

function withTenant(
  relation: Relation,
  tenant: Column,
  index: Index,
  key: readonly Column[],
  constraint: Constraint | undefined,
): string | null {
  if (constraint?.kind === 'primary') return null;
  const columns = [tenant.name, ...key.map(({ name }) => name)].map(ident).join(', ');
  if (constraint !== undefined) {
    return `alter table ${table(relation)} drop constraint ${ident(constraint.name)}, add constraint ${ident(constraint.name)} unique (${columns});`;
  }
  const parts = [ident(tenant.name), ...key.map(({ name }) => ident(name))];
  if (index.expressions !== null) parts.push(`(${index.expressions})`);
  const where = index.predicate === null ? '' : ` where ${index.predicate}`;
  return `drop index ${ident(index.schema)}.${ident(index.name)};\ncreate unique index ${ident(index.name)} on ${table(relation)} (${parts.join(', ')})${where};`;
}
