/**
 * Whose rights count: does row-level security bind this role on that table, does this policy speak to it.
 *
 * Promises: as `has_privs_of_role` and `check_enable_rls` decide it, from the catalog alone.
 */
import type { Catalog, Command, Oid, Policy, Relation } from '../catalog/model.ts';
import { PUBLIC } from '../catalog/model.ts';
import type { World } from '../world.ts';

const inherited = new WeakMap<Catalog, Map<Oid, ReadonlySet<Oid>>>();

/** The role and every role whose privileges it has without `SET ROLE`. */
export function rolesOf(world: World, role: Oid): ReadonlySet<Oid> {
  if (role === world.surface.role.oid) return world.surface.inherited;
  let known = inherited.get(world.catalog);
  if (known === undefined) {
    known = new Map();
    inherited.set(world.catalog, known);
  }
  const cached = known.get(role);
  if (cached !== undefined) return cached;
  const all = new Set([role]);
  for (const member of all) {
    for (const membership of world.catalog.memberships) {
      if (membership.member === member && membership.inherit) all.add(membership.role);
    }
  }
  known.set(role, all);
  return all;
}

export function owns(world: World, role: Oid, relation: Relation): boolean {
  const found = world.catalog.roles.get(role);
  return found?.superuser === true || rolesOf(world, role).has(relation.owner);
}

export function isBoundByRowSecurity(world: World, role: Oid, relation: Relation): boolean {
  if (!relation.rlsEnabled) return false;
  const found = world.catalog.roles.get(role);
  if (found?.superuser === true || found?.bypassRls === true) return false;
  return relation.rlsForced || !owns(world, role, relation);
}

export function policiesFor(
  world: World,
  role: Oid,
  relation: Oid,
  command: Command,
): readonly Policy[] {
  const roles = rolesOf(world, role);
  return (world.catalog.policies.get(relation) ?? []).filter(
    (policy) =>
      (policy.command === 'all' || policy.command === command) &&
      policy.roles.some((granted) => granted === PUBLIC || roles.has(granted)),
  );
}

/** The app's role needs the privilege; a function's or view's owner is taken to have it. */
export function mayRead(world: World, role: Oid, relation: Relation): boolean {
  if (role !== world.surface.role.oid) return true;
  if (relation.schema === 'pg_catalog' || relation.schema === 'information_schema') return true;
  const reach = world.surface.relations.get(relation.oid);
  return reach !== undefined && (reach.owned || world.surface.can(relation.oid, 'select'));
}
