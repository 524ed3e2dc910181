/**
 * Sequences that the role may set: one tenant's `setval` makes every other tenant's inserts collide.
 *
 * Drawing numbers (USAGE) and reading the last one (SELECT) are what any use of a serial column needs.
 */
import type { Finding } from '../model.ts';
import { literal } from '../names.ts';
import type { Rule } from '../world.ts';
import { holders, onRelation, table } from './finding.ts';

export const sequences: Rule = (world) => {
  const findings: Finding[] = [];
  for (const { relation, privileges, owned } of world.surface.relations.values()) {
    if (relation.kind !== 'sequence' || relation.extension !== null) continue;
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
