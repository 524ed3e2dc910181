/**
 * Sequences that the role may set, or read: one tenant's `setval` makes every other tenant's inserts
 * collide, and the last value tells how much all of them together have made.
 *
 * Drawing numbers (USAGE) is all that a serial column needs; what a tenant learns from the gaps in its own
 * is not reported.
 */
import type { Relation } from '../catalog/model.ts';
import type { Finding } from '../model.ts';
import { literal } from '../names.ts';
import type { Rule, World } from '../world.ts';
import { holders, onRelation, table } from './finding.ts';

export const sequences: Rule = (world) => {
  const findings: Finding[] = [];
  for (const { relation, privileges, owned } of world.surface.relations.values()) {
    if (relation.kind !== 'sequence' || relation.extension !== null) continue;
    if (privileges.has('SELECT') && !owned) findings.push(readable(world, relation));
    if (!privileges.has('UPDATE') && !owned) continue;
    const from = holders(world, relation.acl, 'UPDATE');
    findings.push(
      onRelation(relation, {
        kind: 'sequence-setval',
        severity: 'medium',
        why: `${world.surface.role.name} may set the sequence, which all tenants draw from: one of them can make the others' inserts fail or repeat numbers.`,
        exploit: `select setval(${literal(table(relation))}, 1);`,
        fix:
          from.length > 0 && !owned
            ? `revoke update on sequence ${table(relation)} from ${from.join(', ')};`
            : null,
      }),
    );
  }
  return findings;
};

function readable(world: World, relation: Relation): Finding {
  const from = holders(world, relation.acl, 'SELECT');
  return onRelation(relation, {
    kind: 'sequence-last-value',
    severity: 'low',
    why: `${world.surface.role.name} may read the last number drawn, which counts what all tenants together have made; a serial column needs USAGE alone.`,
    exploit: `select last_value from ${table(relation)};`,
    fix:
      from.length > 0
        ? `revoke select on sequence ${table(relation)} from ${from.join(', ')};`
        : null,
  });
}
