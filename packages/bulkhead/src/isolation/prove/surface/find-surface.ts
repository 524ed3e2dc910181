/**
 * Everything a role reaches, and by which privilege.
 *
 * Promises: what PostgreSQL's own privilege checks would allow, computed from the access lists at once
 * instead of asked object by object: PUBLIC, inherited roles, ownership, column grants, the predefined
 * roles that read or write everything, superusers.
 */
import {
  type Acl,
  type Catalog,
  type Command,
  type Oid,
  type Privilege,
  PUBLIC,
  type Relation,
  type Role,
} from '../catalog/model.ts';
import { isSystemSchema } from '../system-schema.ts';
import type { Reach, Surface } from '../world.ts';
import { roleGraph } from './role-graph.ts';

const BY_COMMAND = {
  select: 'SELECT',
  insert: 'INSERT',
  update: 'UPDATE',
  delete: 'DELETE',
} as const;
const OF_COLUMNS = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES'] as const;
const OF_OWNER = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'TRUNCATE',
  'REFERENCES',
  'TRIGGER',
] as const;

export function findSurface(catalog: Catalog, role: Role): Surface {
  const graph = roleGraph(catalog);
  const inherited = graph.inheritedBy(role.oid);
  const holds = (acl: Acl, privilege: Privilege) => holdsAny(acl, privilege, inherited);
  const readsAll = role.superuser || hasPredefined(catalog, inherited, 'pg_read_all_data');
  const writesAll = role.superuser || hasPredefined(catalog, inherited, 'pg_write_all_data');
  const isBound = !role.superuser && !role.bypassRls;

  const usableSchemas = new Set<Oid>();
  for (const schema of catalog.schemas.values()) {
    if (readsAll || writesAll || inherited.has(schema.owner) || holds(schema.acl, 'USAGE')) {
      usableSchemas.add(schema.oid);
    }
  }
  const relations = new Map<Oid, Reach>();
  for (const relation of catalog.relations.values()) {
    if (relation.temporary || !usableSchemas.has(relation.schemaOid)) continue;
    const isUsers = !isSystemSchema(relation.schema);
    const reach = reachOf(relation, {
      inherited,
      readsAll: isUsers && readsAll,
      writesAll: isUsers && writesAll,
      isBound,
    });
    if (reach !== null) relations.set(relation.oid, reach);
  }
  const routines = new Set<Oid>();
  for (const routine of catalog.routines.values()) {
    if (!usableSchemas.has(routine.schemaOid)) continue;
    if (inherited.has(routine.owner) || holds(routine.acl, 'EXECUTE')) routines.add(routine.oid);
  }
  return {
    role,
    inherited,
    settable: graph.settableBy(role.oid),
    relations,
    routines,
    usableSchemas,
    can: (relation: Oid, command: Command) => {
      const reach = relations.get(relation);
      const privilege = BY_COMMAND[command];
      return (
        reach !== undefined &&
        (reach.privileges.has(privilege) || (reach.columns.get(privilege)?.size ?? 0) > 0)
      );
    },
  };
}

/** One of `roles`, or PUBLIC, holds the privilege. */
export function holdsAny(acl: Acl, privilege: Privilege, roles: ReadonlySet<Oid>): boolean {
  return acl.some(
    (item) => item.privilege === privilege && (item.grantee === PUBLIC || roles.has(item.grantee)),
  );
}

export function hasPredefined(catalog: Catalog, roles: ReadonlySet<Oid>, name: string): boolean {
  for (const oid of roles) if (catalog.roles.get(oid)?.name === name) return true;
  return false;
}

interface Powers {
  readonly inherited: ReadonlySet<Oid>;
  readonly readsAll: boolean;
  readonly writesAll: boolean;
  /** Row-level security binds the role: it is neither superuser nor BYPASSRLS, which are never inherited. */
  readonly isBound: boolean;
}

function reachOf(
  relation: Relation,
  { inherited, readsAll, writesAll, isBound }: Powers,
): Reach | null {
  const owned = inherited.has(relation.owner);
  const privileges = new Set<Privilege>();
  for (const { grantee, privilege } of relation.acl) {
    if (grantee === PUBLIC || inherited.has(grantee)) privileges.add(privilege);
  }
  // An owner may grant itself whatever it lacks.
  if (owned && relation.kind !== 'sequence') for (const one of OF_OWNER) privileges.add(one);
  if (readsAll) privileges.add('SELECT');
  if (writesAll) for (const one of ['INSERT', 'UPDATE', 'DELETE'] as const) privileges.add(one);

  const columns = new Map<Privilege, ReadonlySet<number>>();
  for (const privilege of OF_COLUMNS) {
    const numbers = relation.columns
      .filter(({ acl }) => privileges.has(privilege) || holdsAny(acl, privilege, inherited))
      .map(({ number }) => number);
    if (numbers.length > 0) columns.set(privilege, new Set(numbers));
  }
  if (privileges.size === 0 && columns.size === 0) return null;
  return {
    relation,
    owned,
    privileges,
    columns,
    rlsApplies: isBound && relation.rlsEnabled && (!owned || relation.rlsForced),
  };
}
