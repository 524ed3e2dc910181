/**
 * What the role owns or may act as the owner of. An owner may switch row-level security off, drop policies
 * and replace functions: any SQL as the role includes that.
 */
import type { Oid } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident, qualified } from '../names.ts';
import { isSystemSchema } from '../system-schema.ts';
import type { Rule, World } from '../world.ts';
import {
  isTenantData,
  onOther,
  onRelation,
  onRole,
  onRoutine,
  roleName,
  table,
} from './finding.ts';

export const ownership: Rule = (world) => [
  ...ownedTables(world),
  ...ownersReached(world),
  ...ownedGuards(world),
  ...ownedSchemas(world),
];

/** Tables that the role itself owns: forcing row-level security binds it only until it says otherwise. */
function ownedTables(world: World): readonly Finding[] {
  const { role } = world.surface;
  const owned = guarded(world).filter(({ owner }) => owner === role.oid);
  const first = owned[0];
  // One that is not forced is a leak by itself, and its own finding.
  if (first === undefined || owned.some(({ rlsForced }) => !rlsForced)) return [];
  return [
    onRole(role.name, {
      kind: 'owns-tables',
      severity: 'high',
      why: `${role.name} owns ${counted(owned.length)} of tenants (${first.schema}.${first.name}${owned.length > 1 ? ', …' : ''}) and may switch row-level security off.`,
      exploit: `alter table ${table(first)} no force row level security, disable row level security;\nselect * from ${table(first)};`,
      fix: null,
    }),
  ];
}

function counted(count: number): string {
  return count === 1 ? 'a table' : `${count} tables`;
}

/** Owners of tenants' tables that the role inherits from, or may become. */
function ownersReached(world: World): readonly Finding[] {
  const { role, inherited, settable } = world.surface;
  const owners = new Map<Oid, string>();
  for (const relation of allGuarded(world)) {
    const { owner } = relation;
    if (owner === role.oid || owners.has(owner)) continue;
    if (inherited.has(owner) || settable.has(owner)) owners.set(owner, table(relation));
  }
  const findings: Finding[] = [];
  for (const [owner, example] of owners) {
    const name = roleName(world, owner);
    const fault = {
      kind: 'member-of-owner',
      severity: 'high',
      why: `${role.name} ${inherited.has(owner) ? 'inherits' : 'may become'} ${name}, which owns tables of tenants (${example}); an owner passes row-level security, or switches it off.`,
      exploit: `set role ${ident(name)};\nalter table ${example} no force row level security, disable row level security;\nselect * from ${example};`,
      fix: `revoke ${ident(name)} from ${ident(role.name)};`,
    } as const;
    findings.push(onRole(role.name, fault), onRole(name, fault));
  }
  return findings;
}

function guarded(world: World) {
  return [...world.surface.relations.values()]
    .map(({ relation }) => relation)
    .filter((relation) => holdsTenants(world, relation.oid));
}

/** Reachable or not: a role that may become the owner reaches them all. */
function allGuarded(world: World) {
  return [...world.catalog.relations.values()].filter(({ oid }) => holdsTenants(world, oid));
}

function holdsTenants(world: World, oid: Oid): boolean {
  const relation = world.catalog.relations.get(oid);
  return (
    relation !== undefined &&
    relation.kind !== 'foreign-table' &&
    isTenantData(world.tenancy.get(oid))
  );
}

/** Whoever owns a schema may drop what others own in it, rows of every tenant with it. */
function ownedSchemas(world: World): readonly Finding[] {
  const { catalog, surface } = world;
  const { role, inherited, settable } = surface;
  const findings: Finding[] = [];
  for (const schema of catalog.schemas.values()) {
    if (!inherited.has(schema.owner) && !settable.has(schema.owner)) continue;
    const held = allGuarded(world).filter((relation) => relation.schema === schema.name);
    // What the role owns, or is said to be the owner of, is said there.
    const others = held.filter(({ owner }) => !inherited.has(owner) && !settable.has(owner));
    const [first] = others;
    if (first === undefined) continue;
    const owner =
      schema.owner === role.oid
        ? 'owns'
        : `may act as ${roleName(world, schema.owner)}, which owns`;
    const fault = {
      kind: 'owns-schema',
      severity: 'high',
      why: `${role.name} ${owner} the schema ${schema.name}, and so may drop what others own in it, tables of all tenants among it.`,
      exploit: `drop table ${table(first)} cascade;`,
      fix: null,
    } as const;
    findings.push(onRole(role.name, fault), onOther(schema.name, 'schema', fault));
    for (const relation of others) findings.push(onRelation(relation, fault));
  }
  return findings;
}

/** Functions and views of the role's that other people's policies, triggers or views rely on. */
function ownedGuards(world: World): readonly Finding[] {
  const { catalog, surface } = world;
  const findings: Finding[] = [];
  for (const routine of catalog.routines.values()) {
    if (!surface.inherited.has(routine.owner) || isSystemSchema(routine.schema)) continue;
    const user = reliedOnBy(world, routine.oid);
    if (user === null) continue;
    findings.push(
      onRoutine(routine, {
        kind: 'guard-owned-by-app',
        severity: 'high',
        why: `${surface.role.name} owns this function, which ${user} relies on, and may replace its body.`,
        fix: null,
      }),
    );
  }
  for (const { relation, owned } of surface.relations.values()) {
    if (!owned || (relation.kind !== 'view' && relation.kind !== 'matview')) continue;
    const user = policyOver(world, relation.oid);
    if (user === null) continue;
    findings.push(
      onRelation(relation, {
        kind: 'guard-owned-by-app',
        severity: 'high',
        why: `${surface.role.name} owns this view, which ${user} relies on, and may replace it.`,
        fix: null,
      }),
    );
  }
  return findings;
}

function reliedOnBy(world: World, routine: Oid): string | null {
  const { catalog, surface } = world;
  for (const policies of catalog.policies.values()) {
    for (const policy of policies) {
      if (!catalog.dependencies.get(policy.oid)?.routines.has(routine)) continue;
      return `the policy ${policy.name} of ${nameOf(world, policy.relation)}`;
    }
  }
  for (const triggers of catalog.triggers.values()) {
    for (const trigger of triggers) {
      const relation = catalog.relations.get(trigger.relation);
      if (trigger.function !== routine || !trigger.enabled || relation === undefined) continue;
      if (surface.inherited.has(relation.owner)) continue;
      return `the trigger ${trigger.name} of ${nameOf(world, relation.oid)}`;
    }
  }
  const event = catalog.eventTriggers.find((one) => one.function === routine && one.enabled);
  return event === undefined ? null : `the event trigger ${event.name}`;
}

function policyOver(world: World, relation: Oid): string | null {
  for (const policies of world.catalog.policies.values()) {
    for (const policy of policies) {
      if (!world.catalog.dependencies.get(policy.oid)?.relations.has(relation)) continue;
      return `the policy ${policy.name} of ${nameOf(world, policy.relation)}`;
    }
  }
  return null;
}

function nameOf(world: World, oid: Oid): string {
  const relation = world.catalog.relations.get(oid);
  return relation === undefined ? String(oid) : qualified(relation.schema, relation.name);
}
