/**
 * Functions whose labels promise the planner what they do not keep: IMMUTABLE ones that read the context,
 * LEAKPROOF ones that tell what they were given.
 */
import type { Routine } from '../catalog/model.ts';
import { routinesInPolicies } from '../logic/policy-routines.ts';
import { statementsOfSql } from '../logic/routine-call.ts';
import { as, list, namesOf, walk } from '../logic/tree.ts';
import type { Finding } from '../model.ts';
import { objectName } from '../names.ts';
import type { Rule, World } from '../world.ts';
import { onRelation, onRoutine } from './finding.ts';

export const mislabelledRoutines: Rule = (world) => {
  const findings: Finding[] = [];
  const asked = routinesInPolicies(world);
  for (const routine of world.catalog.routines.values()) {
    if (routine.extension !== null || routine.schema === 'pg_catalog') continue;
    const tables = asked.get(routine.oid);
    if (routine.volatility === 'immutable' && tables !== undefined && readsContext(routine)) {
      const kind = 'immutable-reads-context';
      const fix = `alter function ${routine.signature} stable;`;
      findings.push(
        onRoutine(routine, {
          kind,
          severity: 'medium',
          why: 'The function is marked IMMUTABLE but reads the session: a cached plan keeps the tenant it was made for and shows it to the next.',
          fix,
        }),
      );
      for (const relation of tables) {
        const why = `A policy asks ${objectName(routine.schema, routine.name)}, which is marked IMMUTABLE but reads the session: a cached plan keeps the tenant it was made for.`;
        findings.push(onRelation(relation, { kind, severity: 'medium', why, fix }));
      }
    }
    if (routine.leakproof && world.surface.routines.has(routine.oid))
      findings.push(...leakproof(world, routine));
  }
  return findings;
};

const readsContext = (routine: Routine): boolean =>
  /current_setting|current_user|session_user|auth\.(uid|jwt|role)|tenant_id\s*\(|\bfrom\b/i.test(
    routine.sqlBody ?? routine.source,
  );

function leakproof(world: World, routine: Routine): readonly Finding[] {
  if (isQuiet(routine)) return [];
  const guarded = [...world.surface.relations.values()].some((reach) => reach.rlsApplies);
  const views = [...world.surface.relations.values()].some(
    (reach) => reach.relation.kind === 'view',
  );
  if (!guarded && !views) return [];
  return [
    onRoutine(routine, {
      kind: 'leakproof-lie',
      severity: 'high',
      why: `The function is marked LEAKPROOF, so the planner may run it before the policies, on every tenant's rows; its body is not one that keeps to itself what it sees.`,
      fix: `alter function ${routine.signature} not leakproof;`,
    }),
  ];
}

const QUIET = /^(=|<>|!=|<|>|<=|>=|\|\||~~|!~~)$/;

/** A body that compares its arguments and does nothing else: no cast, no call, no message, no error. */
function isQuiet(routine: Routine): boolean {
  if (routine.language === 'internal') return true;
  if (routine.language !== 'sql') return false;
  const statements = statementsOfSql(routine) ?? [];
  const select = as(statements[0], 'SelectStmt');
  if (statements.length !== 1 || select === undefined || list(select.fromClause).length > 0)
    return false;
  let quiet = true;
  walk(select, (tag, body) => {
    if (tag === 'FuncCall' || tag === 'TypeCast' || tag === 'SubLink') quiet = false;
    if (tag === 'A_Expr' && !namesOf(body.name).every((name) => QUIET.test(name))) quiet = false;
    return undefined;
  });
  return quiet;
}
