/**
 * The signed context's own guards: the keys that it is verified with, and the function that verifies it.
 */
import { checksSignature, isGenuine } from '../genuine-context.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import type { Rule } from '../world.ts';
import { onRelation, onRoutine, table } from './finding.ts';

export const signedContext: Rule = (world) => {
  if (world.convention.kind !== 'signed') return [];
  const findings: Finding[] = [];
  const { catalog, surface } = world;
  for (const { relation, columns } of surface.relations.values()) {
    if (relation.schema !== 'bulkhead' || relation.name !== 'context_key') continue;
    const held = (['SELECT', 'INSERT', 'UPDATE'] as const).filter((one) => columns.has(one));
    if (held.length === 0) continue;
    findings.push(
      onRelation(relation, {
        kind: 'signing-key-reachable',
        severity: 'critical',
        why: `${surface.role.name} may ${held.join(', ')} the keys that contexts are verified with, and so sign a context of any tenant.`,
        exploit: held.includes('SELECT') ? `select kid, ipad, opad from ${table(relation)};` : null,
        fix: `revoke all on ${table(relation)} from public, ${ident(surface.role.name)};`,
      }),
    );
  }
  for (const routine of catalog.routines.values()) {
    if (routine.signature !== 'bulkhead.tenant_id()' || isGenuine(routine)) continue;
    const checks = checksSignature(routine);
    findings.push(
      onRoutine(routine, {
        kind: 'context-not-verified',
        severity: 'critical',
        verdict: checks ? 'unknown' : 'leak',
        why: checks
          ? 'The function that tells the tenant is not the one that Bulkhead installs; whether it verifies the context could not be decided.'
          : 'The function that tells the tenant is not the one that Bulkhead installs and verifies no signature: whoever may set the context is any tenant.',
        exploit: null,
        fix: null,
      }),
    );
  }
  return findings;
};
