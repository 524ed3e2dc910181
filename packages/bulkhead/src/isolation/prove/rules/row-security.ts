/**
 * Tables of tenants that row-level security does not guard at all: never enabled, or passed by an owner.
 *
 * Covers partitions and inheritance children too: their parents' policies do not apply when they are named
 * directly. What the policies of a guarded table mean is decided elsewhere.
 */
import type { Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident, roleObject } from '../names.ts';
import type { Reach, Rule, TenantKind, World } from '../world.ts';
import {
  contextExpression,
  type Fault,
  holders,
  isTenantData,
  onRelation,
  readExploit,
  roleName,
  table,
} from './finding.ts';

const DATA = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;

export const rowSecurity: Rule = (world) => {
  const findings: Finding[] = [];
  for (const reach of world.surface.relations.values()) {
    const { relation } = reach;
    const kind = world.tenancy.get(relation.oid);
    if (relation.kind !== 'table' && relation.kind !== 'partitioned-table') continue;
    if (
      !DATA.some((privilege) => reach.privileges.has(privilege) || reach.columns.has(privilege))
    ) {
      continue;
    }
    if (kind !== undefined && isTenantData(kind)) {
      const fault = relation.rlsEnabled ? passed(world, reach) : unguarded(world, reach, kind);
      if (fault !== null) {
        findings.push(onRelation(relation, { exploit: readExploit(world, relation), ...fault }));
      }
    } else if (!reach.rlsApplies) {
      const child = tenantDescendant(world, relation);
      if (child !== null) findings.push(onRelation(relation, overChildren(world, relation, child)));
    }
  }
  return findings;
};

/** Enabled, but the role owns the table (or has its owner's privileges) and the owner is not bound. */
function passed(world: World, { relation, owned, rlsApplies }: Reach): Fault | null {
  if (rlsApplies) return null;
  const role = world.surface.role.name;
  if (!owned || world.surface.role.superuser || world.surface.role.bypassRls) {
    return {
      kind: 'bypassed-by-role',
      severity: 'high',
      why: `No policy applies to ${role}: see ${roleObject(role)}.`,
    };
  }
  const isOwner = relation.owner === world.surface.role.oid;
  return {
    kind: isOwner ? 'owner-not-forced' : 'reached-as-owner',
    severity: 'high',
    why: isOwner
      ? `${role} owns the table, and row-level security does not bind an owner unless it is forced.`
      : `${role} has the privileges of ${roleName(world, relation.owner)}, which owns the table, and row-level security does not bind an owner unless it is forced.`,
    fix: isOwner
      ? `alter table ${table(relation)} force row level security;`
      : `revoke ${ident(roleName(world, relation.owner))} from ${ident(role)};`,
  };
}

function unguarded(world: World, { relation }: Reach, kind: TenantKind): Fault {
  const role = world.surface.role.name;
  const parent = guardedParent(world, relation);
  if (parent !== null) {
    const what = relation.isPartition ? 'partition' : 'inheritance child';
    return {
      kind: relation.isPartition ? 'partition-direct-access' : 'child-direct-access',
      severity: 'high',
      why: `${role} may name this ${what} directly, and the policies of ${parent.schema}.${parent.name} do not apply there.`,
      fix: revokeData(world, relation) ?? enable(world, relation, kind),
    };
  }
  const policies = world.catalog.policies.get(relation.oid) ?? [];
  return {
    kind: 'rls-not-enabled',
    severity: 'high',
    why:
      policies.length > 0
        ? `The table has ${policies.length === 1 ? 'a policy' : 'policies'}, but row-level security was never enabled, so ${role} gets every tenant's rows.`
        : `The table holds tenants' rows${heldBy(world, kind)} and ${role} may use it, but row-level security was never enabled.`,
    fix: enable(world, relation, kind),
  };
}

function heldBy(world: World, kind: TenantKind): string {
  if (kind.kind === 'tenant') return ` (${kind.column.name})`;
  const parent = kind.kind === 'child' ? world.catalog.relations.get(kind.parent) : undefined;
  return parent === undefined ? '' : ` (through ${parent.schema}.${parent.name})`;
}

function enable(world: World, relation: Relation, kind: TenantKind): string {
  const enabling = `alter table ${table(relation)} enable row level security;\nalter table ${table(relation)} force row level security;`;
  if ((world.catalog.policies.get(relation.oid) ?? []).length > 0) return enabling;
  const condition = belongs(world, relation, kind);
  return condition === null
    ? enabling
    : `${enabling}\ncreate policy tenant_isolation on ${table(relation)} using (${condition}) with check (${condition});`;
}

/** The row's tenant is the context's; for a child, its parent row is visible, which the parent's policies decide. */
function belongs(world: World, relation: Relation, kind: TenantKind): string | null {
  if (kind.kind === 'tenant') {
    return `${ident(kind.column.name)} = ${contextExpression(world, kind.column.type)}`;
  }
  if (kind.kind !== 'child') return null;
  const parent = world.catalog.relations.get(kind.parent);
  const key = (world.catalog.constraints.get(relation.oid) ?? []).find(
    ({ references, columns }) =>
      references?.relation === kind.parent && columns.join() === kind.columns.join(),
  );
  if (parent === undefined || !key?.references) return null;
  const name = (of: Relation, number: number | undefined) =>
    ident(of.columns.find((column) => column.number === number)?.name ?? '');
  const joined = key.columns.map(
    (number, at) =>
      `parent.${name(parent, key.references?.columns[at])} = ${ident(relation.name)}.${name(relation, number)}`,
  );
  return `exists (select 1 from ${table(parent)} parent where ${joined.join(' and ')})`;
}

function revokeData(world: World, relation: Relation): string | null {
  const from = new Set(DATA.flatMap((privilege) => holders(world, relation.acl, privilege)));
  return from.size === 0
    ? null
    : `revoke all on ${table(relation)} from ${[...from].sort().join(', ')};`;
}

/** The nearest ancestor that has row-level security. */
function guardedParent(world: World, relation: Relation, depth = 0): Relation | null {
  for (const oid of relation.parents) {
    const parent = world.catalog.relations.get(oid);
    if (parent === undefined || depth > 8) continue;
    if (parent.rlsEnabled) return parent;
    const above = guardedParent(world, parent, depth + 1);
    if (above !== null) return above;
  }
  return null;
}

/** A query of a parent reads its children too, under the parent's policies alone. */
function tenantDescendant(world: World, relation: Relation, depth = 0): Relation | null {
  for (const oid of relation.children) {
    const child = world.catalog.relations.get(oid);
    if (child === undefined || depth > 8) continue;
    if (isTenantData(world.tenancy.get(oid))) return child;
    const below = tenantDescendant(world, child, depth + 1);
    if (below !== null) return below;
  }
  return null;
}

function overChildren(world: World, relation: Relation, child: Relation): Fault {
  return {
    kind: 'inheritance-parent',
    severity: 'high',
    why: `A query of this table also reads its child ${child.schema}.${child.name}, which holds tenants' rows, and only this table's policies would apply; it has none.`,
    exploit: readExploit(world, relation),
    fix: revokeData(world, relation),
  };
}
