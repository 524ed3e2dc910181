/**
 * Foreign keys between rows of tenants that leave the tenant out. Their checks and actions run past
 * row-level security: an insert tells which keys of other tenants exist, and a cascade writes other
 * tenants' rows.
 */
import type { Constraint, Oid, Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import type { Rule, TenantKind, World } from '../world.ts';
import { type Fault, isTenantData, onRelation, table } from './finding.ts';

export const foreignKeys: Rule = (world) => {
  const findings: Finding[] = [];
  for (const reach of world.surface.relations.values()) {
    for (const constraint of world.catalog.constraints.get(reach.relation.oid) ?? []) {
      const fault = judge(world, reach.relation, constraint);
      if (fault !== null) findings.push(onRelation(reach.relation, fault));
    }
  }
  // The cascades into tables that the role was never granted.
  for (const [oid, constraints] of world.catalog.constraints) {
    const relation = world.catalog.relations.get(oid);
    if (relation === undefined) continue;
    for (const constraint of constraints) {
      const fault = judgeCascade(world, relation, constraint);
      if (fault !== null) findings.push(onRelation(relation, fault));
    }
  }
  return findings;
};

function judge(world: World, relation: Relation, constraint: Constraint): Fault | null {
  const { references, enforced } = constraint;
  const kind = world.tenancy.get(relation.oid);
  if (!references || !enforced || !isTenantData(kind) || kind === undefined) return null;
  const parentKind = world.tenancy.get(references.relation);
  const parent = world.catalog.relations.get(references.relation);
  if (parent === undefined || !isTenantData(parentKind)) return null;
  if (carriesTenant(constraint, kind, parentKind)) return null;
  // A child's parent decides whose the row is; whether it is one's own is for the policy's check.
  if (kind.kind === 'child' && kind.columns.join() === constraint.columns.join()) return null;
  if (!writes(world, relation, constraint.columns)) return null;
  if (asksForParent(world, relation, references.relation)) return null;
  const name = `${parent.schema}.${parent.name}`;
  return {
    kind: 'fk-without-tenant',
    severity: 'medium',
    why: `${constraint.name} references ${name} without its tenant; foreign keys ignore row-level security, so one tenant may refer to another's rows and learn which exist.`,
    fix: composite(relation, constraint, kind, parent, parentKind),
  };
}

/** Tenant column beside tenant column, at the same place of the key. */
function carriesTenant(
  { columns, references }: Constraint,
  kind: TenantKind,
  parentKind: TenantKind | undefined,
): boolean {
  if (kind.kind !== 'tenant' || parentKind?.kind !== 'tenant') return false;
  const at = columns.indexOf(kind.column.number);
  return at >= 0 && references?.columns[at] === parentKind.column.number;
}

function writes(world: World, relation: Relation, columns: readonly number[]): boolean {
  const reach = world.surface.relations.get(relation.oid);
  if (reach === undefined) return false;
  return (['INSERT', 'UPDATE'] as const).some((privilege) => {
    const writable = reach.columns.get(privilege);
    return writable !== undefined && columns.some((number) => writable.has(number));
  });
}

/** Every policy that lets a row in also looks for the parent, under the parent's own policies. */
function asksForParent(world: World, relation: Relation, parent: Oid): boolean {
  // Every policy depends on its own table, and none may read it.
  if (parent === relation.oid) return false;
  const policies = world.catalog.policies.get(relation.oid) ?? [];
  const asks = (oid: Oid) => world.catalog.dependencies.get(oid)?.relations.has(parent) === true;
  const writing = policies.filter(({ command }) => command !== 'select' && command !== 'delete');
  const restrictive = writing.some(
    (policy) => !policy.permissive && policy.command === 'all' && asks(policy.oid),
  );
  const permissive = writing.filter((policy) => policy.permissive);
  return restrictive || (permissive.length > 0 && permissive.every((policy) => asks(policy.oid)));
}

/** Deleting or changing a parent that nobody owns, or whose key leaves the tenant out, reaches every tenant's rows. */
function judgeCascade(world: World, relation: Relation, constraint: Constraint): Fault | null {
  const { references } = constraint;
  const kind = world.tenancy.get(relation.oid);
  if (!references || kind === undefined || !isTenantData(kind)) return null;
  const parentKind = world.tenancy.get(references.relation);
  const reach = world.surface.relations.get(references.relation);
  if (reach === undefined) return null;
  const isShared = !isTenantData(parentKind);
  if (isShared ? reach.rlsApplies : isOfItsTenant(world, relation, constraint, kind)) return null;
  const deletes = acts(references.onDelete) && reach.privileges.has('DELETE');
  const updated = reach.columns.get('UPDATE');
  const updates =
    acts(references.onUpdate) && references.columns.some((number) => updated?.has(number));
  if (!deletes && !updates) return null;
  const parent = reach.relation;
  const whose = isShared ? 'belongs to no tenant' : 'the key names without its tenant';
  return {
    kind: 'cascade-across-tenants',
    severity: isShared ? 'high' : 'medium',
    why: `${world.surface.role.name} may ${deletes ? 'delete from' : 'update keys of'} ${parent.schema}.${parent.name}, which ${whose}, and ${constraint.name} then ${ACTS[deletes ? references.onDelete : references.onUpdate]} this table's rows past row-level security.`,
    exploit: deletes && isShared ? `delete from ${table(parent)};` : null,
    fix:
      isShared || parentKind === undefined
        ? null
        : composite(relation, constraint, kind, parent, parentKind),
  };
}

/** The key carries the tenant, or what it lets through is the finding of the key itself. */
function isOfItsTenant(
  world: World,
  relation: Relation,
  constraint: Constraint,
  kind: TenantKind,
): boolean {
  const { references, columns } = constraint;
  return (
    references === null ||
    carriesTenant(constraint, kind, world.tenancy.get(references.relation)) ||
    (kind.kind === 'child' && kind.columns.join() === columns.join()) ||
    writes(world, relation, columns)
  );
}

const ACTS = {
  cascade: 'changes',
  'set-null': 'clears',
  'set-default': 'resets',
  'no-action': 'checks',
  restrict: 'checks',
} as const;

function acts(action: keyof typeof ACTS): boolean {
  return action === 'cascade' || action === 'set-null' || action === 'set-default';
}

function composite(
  relation: Relation,
  constraint: Constraint,
  kind: TenantKind,
  parent: Relation,
  parentKind: TenantKind | undefined,
): string | null {
  if (kind.kind !== 'tenant' || parentKind?.kind !== 'tenant' || !constraint.references)
    return null;
  const names = (of: Relation, numbers: readonly number[]) =>
    numbers.map((number) =>
      ident(of.columns.find((column) => column.number === number)?.name ?? ''),
    );
  const own = [ident(kind.column.name), ...names(relation, constraint.columns)].join(', ');
  const others = [
    ident(parentKind.column.name),
    ...names(parent, constraint.references.columns),
  ].join(', ');
  const rest = /\) (MATCH .*|ON .*|DEFERRABLE.*|NOT VALID.*)$/.exec(constraint.definition)?.[1];
  return [
    `alter table ${table(parent)} add unique (${others});`,
    `alter table ${table(relation)} drop constraint ${ident(constraint.name)};`,
    `alter table ${table(relation)} add constraint ${ident(constraint.name)} foreign key (${own}) references ${table(parent)} (${others})${rest ? ` ${setNullOf(rest, relation, constraint)}` : ''};`,
  ].join('\n');
}

/** A composite key must not clear the tenant with the rest. */
function setNullOf(rest: string, relation: Relation, { columns }: Constraint): string {
  const own = columns.map((number) =>
    ident(relation.columns.find((column) => column.number === number)?.name ?? ''),
  );
  return rest.replace(/ON DELETE SET NULL(?! \()/, `ON DELETE SET NULL (${own.join(', ')})`);
}
