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
  const owners = new Set(
    [...catalog.relations.values()]
      .filter(({ schema }) => !isSystemSchema(schema))
      .map(({ owner }) => owner),
  );
  const ranked = roles
    .filter(({ name }) => !name.startsWith('pg_'))
    .map((role) => ({ role, rank: rank(role, granted.get(role.oid) ?? 0, owners.has(role.oid)) }))
    .filter(({ rank: [tier] }) => tier !== HOPELESS)
    .sort((a, b) => compare(a.rank, b.rank));
  const best = ranked[0];
  if (best === undefined) throw isolationError('isolation.prove_role_absent');
  return best.role;
}

export function isSupabase(catalog: Catalog): boolean {
  return [...catalog.routines.values()].some(
    (routine) => routine.schema === 'auth' && (routine.name === 'uid' || routine.name === 'jwt'),
  );
}

const HOPELESS = 5;

/** Smaller is likelier; compared part by part. */
function rank(role: Role, granted: number, owns: boolean): readonly [number, ...number[]] {
  const { canLogin } = role;
  // An app that logs in as too much is what the report is about; nobody logs in as NOLOGIN.
  const tier =
    granted > 0
      ? canLogin
        ? 0
        : 1
      : owns && canLogin
        ? 2
        : canLogin && !role.superuser
          ? 3
          : owns
            ? 4
            : HOPELESS;
  return [
    tier,
    Number(owns),
    Number(role.superuser),
    Number(role.bypassRls),
    Number(!/app|web|api|user|client|service/i.test(role.name)),
    -granted,
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

/** On how many tables a role holds what does not come of owning them: granted to it, a group of its, everyone. */
function grantedTables(catalog: Catalog): ReadonlyMap<Oid, number> {
  const tables = new Map<Oid, Set<Oid>>();
  const add = (role: Oid, relation: Oid) => {
    const known = tables.get(role);
    if (known === undefined) tables.set(role, new Set([relation]));
    else known.add(relation);
  };
  for (const relation of catalog.relations.values()) {
    if (isSystemSchema(relation.schema) || relation.extension !== null) continue;
    for (const { grantee } of [relation.acl, ...relation.columns.map(({ acl }) => acl)].flat()) {
      if (grantee !== relation.owner) add(grantee, relation.oid);
    }
  }
  for (const { oid, canLogin, superuser } of catalog.roles.values()) {
    if (!canLogin || superuser) continue;
    for (const relation of tables.get(PUBLIC) ?? []) add(oid, relation);
  }
  for (const { role, member } of catalog.memberships) {
    for (const relation of tables.get(role) ?? []) add(member, relation);
  }
  return new Map([...tables].map(([role, { size }]) => [role, size]));
}
