/**
 * Tables that belong to no tenant, where the role both writes and reads: what one tenant leaves there,
 * every other finds.
 *
 * Look-up tables that the role only reads are shared on purpose; tables it only appends to show nothing.
 */
import type { Finding } from '../model.ts';
import type { Rule } from '../world.ts';
import { onRelation, table } from './finding.ts';

export const sharedTables: Rule = (world) => {
  const findings: Finding[] = [];
  for (const reach of world.surface.relations.values()) {
    const { relation } = reach;
    if (world.tenancy.get(relation.oid)?.kind !== 'shared' || reach.rlsApplies) continue;
    if (relation.kind !== 'table' && relation.kind !== 'partitioned-table') continue;
    if (relation.extension !== null) continue;
    const writes = (['INSERT', 'UPDATE', 'DELETE'] as const).filter(
      (privilege) => reach.privileges.has(privilege) || reach.columns.has(privilege),
    );
    const changes = writes.filter((privilege) => privilege !== 'INSERT');
    const reads = reach.columns.has('SELECT');
    if (writes.length === 0 || (changes.length === 0 && !reads)) continue;
    findings.push(
      onRelation(relation, {
        kind: 'shared-table-writable',
        severity: 'medium',
        why: `Nothing in the table says whose a row is, and ${world.surface.role.name} may ${writes.join(', ')}${reads ? ' and SELECT' : ''} it: what one tenant ${changes.length > 0 ? 'writes or deletes' : 'writes'}, all others ${reads ? 'read' : 'lose'}.`,
        exploit: reads ? `select * from ${table(relation)};` : null,
      }),
    );
  }
  return findings;
};
