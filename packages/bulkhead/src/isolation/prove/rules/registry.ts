/**
 * The table that lists the tenants, where no row-level security guards it.
 *
 * Reading ids and names is taken as meant (sign-in needs it); writing another tenant's entry, or reading
 * what looks like its secrets, is not.
 */
import type { Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { sentinelLiteral } from '../sentinels.ts';
import type { Rule, World } from '../world.ts';
import { holders, onRelation, table } from './finding.ts';

const SECRET =
  /secret|token|passw|api_?key|private|credential|stripe|billing|iban|card|tax|vat|ssn|e?mail|phone|webhook|signing|encrypt/i;

/** A flag, a number or a date about something private gives it not away. */
const HOLDS_TEXT =
  /^(text|character|"?char|citext|[\w".]+\.citext|jsonb?|bytea|uuid|hstore|xml)|\[\]$/;

export const registry: Rule = (world) => {
  const findings: Finding[] = [];
  for (const reach of world.surface.relations.values()) {
    const { relation } = reach;
    if (world.tenancy.get(relation.oid)?.kind !== 'registry' || reach.rlsApplies) continue;
    const id = keyColumn(world, relation);
    const writes = (['UPDATE', 'DELETE'] as const).filter(
      (privilege) => reach.privileges.has(privilege) || reach.columns.has(privilege),
    );
    if (writes.length > 0) {
      const changed = [...(reach.columns.get('UPDATE') ?? [])]
        .map((number) => relation.columns.find((column) => column.number === number))
        .find((column) => column !== undefined && column.name !== id?.name && !column.generated);
      const where = id && `where ${ident(id.name)} = ${sentinelLiteral(id.type, 'a')}`;
      findings.push(
        onRelation(relation, {
          kind: 'registry-writable',
          severity: 'high',
          why: `${world.surface.role.name} may ${writes.join(' and ')} the entries of every tenant: the registry has no row-level security.`,
          exploit:
            where === undefined
              ? null
              : changed === undefined
                ? `delete from ${table(relation)} ${where};`
                : `update ${table(relation)} set ${ident(changed.name)} = ${ident(changed.name)} ${where};`,
          fix: revoke(world, relation, writes),
        }),
      );
    }
    const secrets = relation.columns.filter(
      ({ number, name, type }) =>
        SECRET.test(name) && HOLDS_TEXT.test(type) && reach.columns.get('SELECT')?.has(number),
    );
    if (secrets.length > 0) {
      const names = secrets.map(({ name }) => name);
      findings.push(
        onRelation(relation, {
          kind: 'registry-secrets',
          severity: 'medium',
          why: `The registry has no row-level security, and every tenant reads what looks private of the others: ${names.join(', ')}.`,
          exploit: id
            ? `select ${names.map(ident).join(', ')} from ${table(relation)} where ${ident(id.name)} = ${sentinelLiteral(id.type, 'a')};`
            : null,
          fix: id && enable(world, relation, id.name),
        }),
      );
    }
  }
  return findings;
};

function keyColumn(world: World, relation: Relation) {
  const key = (world.catalog.constraints.get(relation.oid) ?? []).find(
    ({ kind, columns }) => kind === 'primary' && columns.length === 1,
  );
  return relation.columns.find(({ number }) => number === key?.columns[0]);
}

function enable(world: World, relation: Relation, id: string): string | null {
  const { expression } = world.convention;
  if (expression === null) return null;
  return `alter table ${table(relation)} enable row level security;\ncreate policy own_tenant on ${table(relation)} using (${ident(id)} = ${expression});`;
}

function revoke(
  world: World,
  relation: Relation,
  writes: readonly ('UPDATE' | 'DELETE')[],
): string | null {
  const from = new Set(
    writes.flatMap((privilege) => [
      ...holders(world, relation.acl, privilege),
      ...relation.columns.flatMap(({ acl }) => holders(world, acl, privilege)),
    ]),
  );
  return from.size === 0
    ? null
    : `revoke ${writes.join(', ').toLowerCase()} on ${table(relation)} from ${[...from].sort().join(', ')};`;
}
