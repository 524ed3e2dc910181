/**
 * CREATE on a schema that statements resolve names in: an object planted there runs in other tenants'
 * statements, which look it up unqualified.
 */
import type { Oid } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { holdsAny } from '../surface/find-surface.ts';
import { isSystemSchema } from '../system-schema.ts';
import type { Rule, World } from '../world.ts';
import { holders, onOther, onRole } from './finding.ts';

export const schemaPrivileges: Rule = (world) => {
  const { catalog, surface } = world;
  const path = searchPath(world);
  const own = withoutOwners(world);
  const findings: Finding[] = [];
  for (const schema of catalog.schemas.values()) {
    if (isSystemSchema(schema.name) || schema.extension !== null) continue;
    const owned = own.has(schema.owner);
    if (!owned && !holdsAny(schema.acl, 'CREATE', own)) continue;
    if (!path.includes(schema.name)) continue;
    const from = holders(world, schema.acl, 'CREATE');
    findings.push(
      onOther(schema.name, 'schema', {
        kind: 'schema-create',
        severity: 'high',
        why: `${surface.role.name} may create objects in ${schema.name}, where every tenant's statements look up names: a planted function or operator runs in their context.`,
        exploit: `create function ${ident(schema.name)}.lower(character varying) returns text language sql as 'select ''planted''';`,
        fix:
          from.length > 0
            ? `revoke create on schema ${ident(schema.name)} from ${from.join(', ')};`
            : null,
      }),
    );
  }
  findings.push(...ownSchema(world, path));
  return findings;
};

/** `"$user"` comes first in the usual path: who may create schemas makes one that is found before all others. */
function ownSchema({ catalog, surface }: World, path: readonly string[]): readonly Finding[] {
  const { role } = surface;
  const exists = [...catalog.schemas.values()].some(({ name }) => name === role.name);
  if (exists || !path.includes(role.name)) return [];
  const own = new Set([role.oid, ...surface.inherited]);
  if (!holdsAny(catalog.server.databaseAcl, 'CREATE', own)) return [];
  return [
    onRole(role.name, {
      kind: 'schema-of-its-own-name',
      severity: 'high',
      why: `${role.name} may create schemas, and one of its own name comes first where every tenant's statements look up names: a table or function planted there is taken for the real one.`,
      exploit: `create schema ${ident(role.name)};`,
      fix: `revoke create on database ${ident(catalog.server.database)} from public, ${ident(role.name)};`,
    }),
  ];
}

/** Inheriting an owner of tables is its own finding, and includes what the owner may create. */
function withoutOwners({ catalog, surface }: World): ReadonlySet<Oid> {
  const owners = new Set(
    [...catalog.relations.values()].flatMap(({ kind, owner }) => (kind === 'table' ? owner : [])),
  );
  return new Set(
    [...surface.inherited].filter((oid) => oid === surface.role.oid || !owners.has(oid)),
  );
}

/** The role's default search_path: set for it, for the database, or the server's. */
function searchPath(world: World): readonly string[] {
  const { role } = world.surface;
  const { roleSettings } = world.catalog.server;
  const setting =
    roleSettings.find((one) => one.role === role.oid && one.name === 'search_path') ??
    roleSettings.find((one) => one.role === 0 && one.name === 'search_path');
  return (setting?.value ?? '"$user", public')
    .split(',')
    .map((part) => part.trim().replace(/^"(.*)"$/, '$1'))
    .map((part) => (part === '$user' ? role.name : part));
}
