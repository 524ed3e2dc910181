/**
 * Which role the app connects as, when nobody says.
 *
 * Promises: an explicit name is taken as it is or refused; a guess is the least privileged role that can
 * log in and was granted something, and the report names it, so a wrong guess is seen.
 */
import { isolationError } from '../../errors.ts';
import { type Catalog, type Oid, PUBLIC, type Role } from '../catalog/model.ts';
import { isSystemSchema } from '../system-schema.ts';

/** @throws isolation.prove_role_absent */
export function findRole(catalog: Catalog, explicit: string | undefined): Role {
  const roles = [...catalog.roles.values()];
  if (explicit !== undefined) {
    const role = roles.find((candidate) => candidate.name === explicit);
    if (role !== undefined) return role;
    throw isolationError('isolation.prove_role_absent', {
      message: `The database has no role named ${JSON.stringify(explicit)}.`,
    });
  }
  if (isSupabase(catalog)) {
    const authenticated = roles.find((role) => role.name === 'authenticated');
    if (authenticated !== undefined) return authenticated;
  }
  const granted = grantedTables(catalog);
  const ranked = roles
    .filter((role) => !role.name.startsWith('pg_') && (granted.get(role.oid)?.size ?? 0) > 0)
    .sort((a, b) => compare(rank(a, catalog, granted), rank(b, catalog, granted)));
  const best = ranked[0];
  if (best === undefined) throw isolationError('isolation.prove_role_absent');
  return best;
}

export function isSupabase(catalog: Catalog): boolean {
  return [...catalog.routines.values()].some(
    (routine) => routine.schema === 'auth' && (routine.name === 'uid' || routine.name === 'jwt'),
  );
}

/** Smaller is likelier; compared part by part. */
function rank(role: Role, catalog: Catalog, granted: ReadonlyMap<Oid, ReadonlySet<Oid>>) {
  const owns = [...catalog.relations.values()].some(
    (relation) => relation.owner === role.oid && !isSystemSchema(relation.schema),
  );
  return [
    // An app that logs in as too much is what the report is about; nobody logs in as NOLOGIN.
    Number(!role.canLogin),
    Number(owns),
    Number(role.superuser),
    Number(role.bypassRls),
    Number(!/app|web|api|user|client|service/i.test(role.name)),
    -(granted.get(role.oid)?.size ?? 0),
    role.oid,
  ];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [at, value] of a.entries()) {
    const difference = value - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Tables on which a role holds something: granted to it, to a group it is in, to everyone, or its own. */
function grantedTables(catalog: Catalog): ReadonlyMap<Oid, ReadonlySet<Oid>> {
  const direct = new Map<Oid, Set<Oid>>();
  const add = (role: Oid, relation: Oid) => {
    const known = direct.get(role);
    if (known === undefined) direct.set(role, new Set([relation]));
    else known.add(relation);
  };
  for (const relation of catalog.relations.values()) {
    if (isSystemSchema(relation.schema) || relation.extension !== null) continue;
    for (const { grantee } of relation.acl) add(grantee, relation.oid);
    for (const column of relation.columns) {
      for (const { grantee } of column.acl) add(grantee, relation.oid);
    }
  }
  for (const { oid, canLogin, superuser } of catalog.roles.values()) {
    if (!canLogin || superuser) continue;
    for (const relation of direct.get(PUBLIC) ?? []) add(oid, relation);
  }
  for (const { role, member } of catalog.memberships) {
    for (const relation of direct.get(role) ?? []) add(member, relation);
  }
  return direct;
}
