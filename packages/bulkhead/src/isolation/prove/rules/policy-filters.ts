/**
 * Policies that let other tenants' rows through, for reading or for writing.
 */
import type { Command, Relation } from '../catalog/model.ts';
import { type Opening, openingsOf } from '../logic/decide-row-filter.ts';
import { newSession, SCENARIOS, type Scenario, type Session } from '../logic/environment.ts';
import type { Finding, Severity } from '../model.ts';
import { ident } from '../names.ts';
import { sentinelLiteral } from '../sentinels.ts';
import type { Rule, World } from '../world.ts';
import { contextExpression, isOfTenantA, onRelation, readExploit, table } from './finding.ts';

export const policyFilters: Rule = function* (world) {
  const sessions = new Map<Scenario, Session>(SCENARIOS.map((s) => [s, newSession(world, s)]));
  for (const reach of world.surface.relations.values()) {
    const { relation } = reach;
    if (!reach.rlsApplies || relation.kind === 'view' || relation.kind === 'sequence') continue;
    const kind = world.tenancy.get(relation.oid)?.kind;
    if (kind === undefined || kind === 'shared') continue;
    yield null;
    const openings = openingsOf(world, relation, sessions);
    // A table that says all it knows once is easier to read than one finding a command.
    const leaks = openings.filter((opening) => opening.chance === 2);
    for (const group of grouped(leaks)) yield* leakOf(world, relation, group);
    if (leaks.length === 0 && openings.length > 0) yield unknownOf(relation, openings);
  }
};

/** Openings with one cause: the same policies, the same state of the context. */
function grouped(openings: readonly Opening[]): readonly (readonly Opening[])[] {
  const groups = new Map<string, Opening[]>();
  for (const opening of openings) {
    const key = `${kindOf(opening)} ${opening.policies.map((p) => p.name).join()}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [opening]);
    else group.push(opening);
  }
  return [...groups.values()];
}

function kindOf(opening: Opening): string {
  if (opening.plantedIn.length > 0) return 'policy-trusts-writable-table';
  if (opening.leanedOn.length > 0) return 'policy-leans-on-open-table';
  if (opening.rows === 'nobody')
    return opening.command === 'select'
      ? 'policy-shows-unowned-rows'
      : 'policy-writes-unowned-rows';
  if (opening.scenario !== 'present') return 'policy-fails-open';
  if (/^the caller chooses the (setting|claim)/.test(opening.because ?? ''))
    return 'policy-trusts-session';
  if (opening.command === 'insert' || opening.side === 'check') return 'policy-check-open';
  return 'policy-not-tenant-bound';
}

function leakOf(world: World, relation: Relation, group: readonly Opening[]): readonly Finding[] {
  const [first] = group;
  if (first === undefined) return [];
  const commands = [...new Set(group.map((opening) => opening.command))];
  const findings = [
    onRelation(relation, {
      kind: kindOf(first),
      severity: severityOf(first),
      why: sentence(relation, first, commands),
      exploit: exploitOf(world, relation, first),
      fix: fixOf(world, relation, group),
    }),
  ];
  for (const link of first.plantedIn) {
    if (link.oid === relation.oid) continue;
    findings.push(
      onRelation(link, {
        kind: 'trusted-table-writable',
        severity: 'high',
        why: `The policies of ${table(relation)} trust ${table(link)}, in which ${world.surface.role.name} may write a row that names another tenant.`,
        exploit: null,
        fix: `revoke insert, update on ${table(link)} from ${ident(world.surface.role.name)};`,
      }),
    );
  }
  return findings;
}

const severityOf = (opening: Opening): Severity =>
  opening.rows === 'nobody' ? 'medium' : opening.rows === 'mixed' ? 'medium' : 'high';

function sentence(relation: Relation, opening: Opening, commands: readonly Command[]): string {
  const names = opening.policies.map((policy) => `"${policy.name}"`).join(', ');
  const subject =
    opening.policies.length > 1
      ? `Policies ${names} let`
      : names === ''
        ? `The policies of ${relation.name} let`
        : `Policy ${names} lets`;
  const whose =
    opening.rows === 'nobody'
      ? 'rows without a tenant, which others see,'
      : opening.rows === 'mixed'
        ? "new rows in another tenant's name"
        : "other tenants' rows";
  const state =
    opening.scenario === 'present'
      ? ''
      : opening.scenario === 'absent'
        ? ' when no tenant is set'
        : ' when the tenant setting is empty';
  const doing = commands.join(', ').toUpperCase();
  const cause =
    opening.plantedIn.length > 0
      ? `: it trusts ${opening.plantedIn.map((r) => r.name).join(', ')}, which the role may write`
      : opening.leanedOn.length > 0
        ? `: it leans on ${opening.leanedOn.map((r) => r.name).join(', ')}, whose rows are not kept apart`
        : opening.because === null
          ? ''
          : `: ${opening.because}`;
  return `${subject} ${whose} through for ${doing}${state}${cause}.`;
}

function exploitOf(world: World, relation: Relation, opening: Opening): string | null {
  const kind = world.tenancy.get(relation.oid);
  const unset =
    opening.scenario === 'present' || world.convention.setting === null
      ? ''
      : `reset ${world.convention.setting};\n`;
  if (opening.rows === 'nobody' && kind?.kind === 'tenant' && opening.command === 'select') {
    return `${unset}select exists (select 1 from ${table(relation)} where ${ident(kind.column.name)} is null) as leaked;`;
  }
  if (kind?.kind !== 'tenant' || opening.rows === 'nobody')
    return opening.command === 'select' ? prefixed(unset, readExploit(world, relation)) : null;
  const isA = isOfTenantA(world, kind.column);
  const asA = sentinelLiteral(kind.column.type, 'a');
  const column = ident(kind.column.name);
  if (opening.side === 'check') {
    return opening.command === 'insert'
      ? `${unset}insert into ${table(relation)} (${insertColumns(world, relation, column, asA)};`
      : `${unset}update ${table(relation)} set ${column} = ${asA};`;
  }
  if (opening.command === 'select') return prefixed(unset, readExploit(world, relation));
  if (opening.command === 'delete') return `${unset}delete from ${table(relation)} where ${isA};`;
  const other = relation.columns.find((c) =>
    world.surface.relations.get(relation.oid)?.columns.get('UPDATE')?.has(c.number),
  );
  return other === undefined
    ? null
    : `${unset}update ${table(relation)} set ${ident(other.name)} = ${ident(other.name)} where ${isA};`;
}

const prefixed = (before: string, sql: string | null): string | null =>
  sql === null ? null : before + sql;

/** A row that satisfies NOT NULL as far as types tell. */
function insertColumns(world: World, relation: Relation, tenant: string, asA: string): string {
  void world;
  const needed = relation.columns.filter(
    (c) =>
      c.notNull &&
      c.default === null &&
      c.identity === null &&
      c.generated === null &&
      ident(c.name) !== tenant,
  );
  const names = [tenant, ...needed.map((c) => ident(c.name))];
  const values = [asA, ...needed.map((c) => sample(c.type))];
  return `${names.join(', ')}) values (${values.join(', ')})`;
}

function sample(type: string): string {
  if (type === 'uuid') return 'gen_random_uuid()';
  if (/^(integer|bigint|smallint|numeric|real|double|money)/.test(type)) return '1';
  if (type === 'boolean') return 'true';
  if (/^(date|timestamp|time)/.test(type)) return 'now()';
  if (/^jsonb?$/.test(type)) return "'{}'";
  return "'x'";
}

/** Binds the policies that open the table to the context. */
function fixOf(world: World, relation: Relation, group: readonly Opening[]): string | null {
  const [first] = group;
  const kind = world.tenancy.get(relation.oid);
  if (first === undefined || first.plantedIn.length > 0 || kind?.kind !== 'tenant') {
    const [link] = first?.plantedIn ?? [];
    return link === undefined
      ? null
      : `revoke insert, update on ${table(link)} from ${ident(world.surface.role.name)};`;
  }
  const bound = `${ident(kind.column.name)} = ${contextExpression(world, kind.column.type)}`;
  const policies = new Map(
    group.flatMap((opening) => opening.policies).map((policy) => [policy.oid, policy]),
  );
  const lines = [...policies.values()].map((policy) => {
    const using = policy.using === null ? '' : ` using (${bound})`;
    const check = policy.check === null ? '' : ` with check (${bound})`;
    return `alter policy ${ident(policy.name)} on ${table(relation)}${using}${check};`;
  });
  return lines.length === 0 ? null : lines.join('\n');
}

function unknownOf(relation: Relation, openings: readonly Opening[]): Finding {
  const [first] = openings;
  const names = first?.policies.map((policy) => `"${policy.name}"`).join(', ') ?? '';
  const what = names === '' ? 'what the policies let through' : `policy ${names}`;
  return onRelation(relation, {
    kind: 'policy-undecided',
    severity: 'medium',
    verdict: 'unknown',
    why: `Could not decide ${what}: ${first?.because ?? 'it is not understood'}.`,
  });
}
