/**
 * Access lists as values; where the catalog holds NULL, PostgreSQL's built-in default is written out.
 */
import { type Acl, type AclItem, type Oid, type Privilege, PUBLIC } from './model.ts';

/** As `aclexplode` hands it over: grantee, grantor, privilege, grantable. */
export type AclRow = readonly [number, number, Privilege, boolean];

type ObjectClass =
  | 'table'
  | 'column'
  | 'sequence'
  | 'schema'
  | 'routine'
  | 'language'
  | 'server'
  | 'database'
  | 'large-object'
  | 'parameter';

/** What the owner of a new object holds, and what everyone does (`acldefault`). */
const DEFAULTS: Readonly<
  Record<ObjectClass, { owner: readonly Privilege[]; everyone: readonly Privilege[] }>
> = {
  table: {
    owner: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'],
    everyone: [],
  },
  column: { owner: [], everyone: [] },
  sequence: { owner: ['SELECT', 'UPDATE', 'USAGE'], everyone: [] },
  schema: { owner: ['USAGE', 'CREATE'], everyone: [] },
  routine: { owner: ['EXECUTE'], everyone: ['EXECUTE'] },
  language: { owner: ['USAGE'], everyone: ['USAGE'] },
  server: { owner: ['USAGE'], everyone: [] },
  database: { owner: ['CREATE', 'CONNECT', 'TEMPORARY'], everyone: ['CONNECT', 'TEMPORARY'] },
  'large-object': { owner: ['SELECT', 'UPDATE'], everyone: [] },
  parameter: { owner: [], everyone: [] },
};

export function aclOf(rows: readonly AclRow[] | null, object: ObjectClass, owner: Oid): Acl {
  if (rows !== null) {
    return rows.map(([grantee, grantor, privilege, grantable]) => ({
      grantee,
      grantor,
      privilege,
      grantable,
    }));
  }
  const item = (grantee: Oid, privilege: Privilege, grantable: boolean): AclItem => ({
    grantee,
    grantor: owner,
    privilege,
    grantable,
  });
  return [
    ...DEFAULTS[object].owner.map((privilege) => item(owner, privilege, true)),
    ...DEFAULTS[object].everyone.map((privilege) => item(PUBLIC, privilege, false)),
  ];
}
