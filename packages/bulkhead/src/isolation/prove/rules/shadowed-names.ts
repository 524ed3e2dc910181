/**
 * Functions that others trust (they run as their owner, or policies ask them) and whose names the app's
 * role can make mean something of its own.
 */
import type { Routine } from '../catalog/model.ts';
import { routinesInPolicies } from '../logic/policy-routines.ts';
import { type Shadow, shadowOf } from '../logic/shadowing.ts';
import type { Finding } from '../model.ts';
import type { Rule, World } from '../world.ts';
import { onRoutine } from './finding.ts';

export const shadowedNames: Rule = (world) => {
  const findings: Finding[] = [];
  const asked = routinesInPolicies(world);
  for (const routine of world.catalog.routines.values()) {
    if (routine.extension !== null || routine.schema === 'pg_catalog') continue;
    const trusted = (routine.securityDefiner && mayRun(world, routine)) || asked.has(routine.oid);
    if (!trusted) continue;
    const shadow = shadowOf(world, routine);
    if (shadow !== null) findings.push(found(world, routine, shadow, asked.has(routine.oid)));
  }
  return findings;
};

function mayRun(world: World, routine: Routine): boolean {
  if (world.surface.routines.has(routine.oid)) return true;
  return (
    routine.returns === 'trigger' &&
    [...world.surface.relations.keys()].some((oid) =>
      (world.catalog.triggers.get(oid) ?? []).some(
        (t) =>
          t.function === routine.oid &&
          t.enabled &&
          t.events.some((e) => e !== 'truncate' && world.surface.can(oid, e)),
      ),
    )
  );
}

function found(world: World, routine: Routine, shadow: Shadow, inPolicy: boolean): Finding {
  const role = world.surface.role.name;
  const trust = routine.securityDefiner
    ? 'runs as its owner'
    : inPolicy
      ? 'is asked by policies'
      : '';
  const way =
    shadow.how === 'temporary-table'
      ? `a temporary table ${shadow.name} of ${role} stands in front of the real one`
      : `${role} may create ${shadow.name} in ${shadow.schema}, which is searched before the real one`;
  return onRoutine(routine, {
    kind: 'search-path-shadowed',
    severity: 'high',
    why: `The function ${trust} and looks names up on a path where ${way}.`,
    exploit: shadow.how === 'temporary-table' ? `create temp table ${shadow.name} ();` : null,
    fix: `alter ${routine.kind === 'procedure' ? 'procedure' : 'function'} ${routine.signature} set search_path = pg_catalog, ${routine.schema}, pg_temp;`,
  });
}
