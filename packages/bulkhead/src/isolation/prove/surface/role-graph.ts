/**
 * Which roles a role acts as: always (INHERIT), or after `SET ROLE`.
 *
 * ADMIN OPTION counts as the latter, since its holder may grant the role to itself in any way it likes.
 * CREATEROLE is left to `rules/role-attributes.ts`.
 */
import type { Catalog, Oid } from '../catalog/model.ts';

export interface RoleGraph {
  /** Roles whose privileges `role` has, itself included. */
  inheritedBy(role: Oid): ReadonlySet<Oid>;
  /** Roles that `role` may become, itself included. */
  settableBy(role: Oid): ReadonlySet<Oid>;
}

export function roleGraph(catalog: Catalog): RoleGraph {
  const inheritEdges = new Map<Oid, Oid[]>();
  const setEdges = new Map<Oid, Oid[]>();
  for (const { role, member, inherit, set, admin } of catalog.memberships) {
    if (inherit) append(inheritEdges, member, role);
    if (set || admin) append(setEdges, member, role);
  }
  const databaseOwner = [...catalog.roles.values()].find(
    ({ name }) => name === 'pg_database_owner',
  );
  if (databaseOwner !== undefined) {
    append(inheritEdges, catalog.server.databaseOwner, databaseOwner.oid);
  }
  return {
    inheritedBy: (role) => closure(role, inheritEdges),
    settableBy: (role) => closure(role, setEdges),
  };
}

function closure(start: Oid, edges: ReadonlyMap<Oid, readonly Oid[]>): ReadonlySet<Oid> {
  const reached = new Set([start]);
  // A Set's iteration visits what is added on the way.
  for (const role of reached) for (const next of edges.get(role) ?? []) reached.add(next);
  return reached;
}

function append(map: Map<Oid, Oid[]>, key: Oid, value: Oid): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
