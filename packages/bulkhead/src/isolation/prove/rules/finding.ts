/**
 * How rules make findings: one wording for objects, exploits and the people involved.
 */
import type { Column, Oid, Privilege, Relation, Routine } from '../catalog/model.ts';
import type { Finding, ObjectType } from '../model.ts';
import { ident, objectName, qualified, roleObject } from '../names.ts';
import { sentinelLiteral } from '../sentinels.ts';
import type { TenantKind, World } from '../world.ts';

/** What a rule must say; the rest has a usual value. */
export type Fault = Pick<Finding, 'kind' | 'why' | 'severity'> &
  Partial<Pick<Finding, 'exploit' | 'fix' | 'verdict'>>;

function finding(object: string, type: ObjectType, fault: Fault): Finding {
  return {
    object,
    type,
    exploit: null,
    confirmed: false,
    fix: null,
    verdict: 'leak',
    ...fault,
  };
}

const TYPES = {
  table: 'table',
  'partitioned-table': 'table',
  view: 'view',
  matview: 'matview',
  'foreign-table': 'foreign-table',
  sequence: 'sequence',
} as const;

export function relationType(relation: Relation): ObjectType {
  return relation.isPartition ? 'partition' : TYPES[relation.kind];
}

export function onRelation(relation: Relation, fault: Fault): Finding {
  return finding(objectName(relation.schema, relation.name), relationType(relation), fault);
}

export function onRoutine(routine: Routine, fault: Fault): Finding {
  const type = routine.kind === 'procedure' ? 'procedure' : 'function';
  return finding(objectName(routine.schema, routine.name), type, fault);
}

export function onRole(name: string, fault: Fault): Finding {
  return finding(roleObject(name), 'role', fault);
}

/** For what has no schema: servers, large objects, schemas themselves. */
export function onOther(object: string, type: ObjectType, fault: Fault): Finding {
  return finding(object, type, fault);
}

export function table(relation: Relation): string {
  return qualified(relation.schema, relation.name);
}

/** Does the relation hold rows of tenants (its own, its parent's, or what its policies guard)? */
export function isTenantData(kind: TenantKind | undefined): boolean {
  return kind !== undefined && kind.kind !== 'shared' && kind.kind !== 'registry';
}

export function roleName(world: World, oid: Oid): string {
  return world.catalog.roles.get(oid)?.name ?? String(oid);
}

/** A query that shows a row of tenant A; null where the role may not read the relation. */
export function readExploit(world: World, relation: Relation): string | null {
  const readable = world.surface.relations.get(relation.oid)?.columns.get('SELECT');
  if (readable === undefined) return null;
  const kind = world.tenancy.get(relation.oid);
  if (kind?.kind === 'tenant' && readable.has(kind.column.number)) {
    return `select exists (select 1 from ${table(relation)} where ${isOfTenantA(world, kind.column)}) as leaked;`;
  }
  const first = relation.columns.find(({ number }) => readable.has(number));
  return first === undefined ? null : `select ${ident(first.name)} from ${table(relation)};`;
}

export function isOfTenantA(world: World, column: Column): string {
  return `${ident(column.name)} = ${sentinelLiteral(baseOf(world, column.type), 'a')}`;
}

/** What a domain is made of; other types are their own base. */
function baseOf({ catalog }: World, type: string): string {
  for (const { kind, schema, name, base } of catalog.types.values()) {
    if (kind === 'domain' && base !== null && qualified(schema, name) === type) return base;
  }
  return type;
}

/** The SQL of the context, guessed where the database has none yet. */
export function contextExpression(world: World, type: string): string {
  const { expression } = world.convention;
  if (expression !== null) return expression;
  const cast = type === 'text' || type.startsWith('character') ? '' : `::${type}`;
  return `nullif(current_setting('app.tenant_id', true), '')${cast}`;
}

/** Who the role has a privilege from: itself, PUBLIC or roles it inherits; for `revoke … from`. */
export function holders(
  world: World,
  acl: Relation['acl'],
  privilege: Privilege,
): readonly string[] {
  const found = new Set<string>();
  for (const item of acl) {
    if (item.privilege !== privilege) continue;
    if (item.grantee === 0) found.add('public');
    else if (world.surface.inherited.has(item.grantee)) {
      found.add(ident(roleName(world, item.grantee)));
    }
  }
  return [...found];
}

/** The call with tenant A's id wherever an argument could take it. */
export function callOf(routine: Routine): string {
  const inputs = routine.arguments.filter((a) => a.mode === 'in' || a.mode === 'inout');
  const values = inputs.map((a) => {
    if (a.type === 'uuid' || a.type === 'text') return sentinelLiteral(a.type, 'a');
    if (/^(integer|bigint|smallint|numeric)/.test(a.type)) return sentinelLiteral(a.type, 'a');
    return `null::${a.type}`;
  });
  return `${ident(routine.schema)}.${ident(routine.name)}(${values.join(', ')})`;
}
