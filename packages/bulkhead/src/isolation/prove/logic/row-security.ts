/**
 * May this role see, write or change such a row, by the policies of its table.
 *
 * Promises: permissive policies joined by OR, restrictive by AND, per command, as PostgreSQL 15 to 18 apply
 * them. A policy that leads back to its own table fails, as it does in the server.
 */
import type { Command, Policy, Relation } from '../catalog/model.ts';
import type { Environment, Row } from './environment.ts';
import { settingsOf, withSources } from './environment.ts';
import { condition } from './expression.ts';
import { circumstances, Shape } from './identities.ts';
import { isUnderWay, remembered } from './memory.ts';
import { and, ERROR, FALSE, type Outcome, or, TRUE, undecided } from './outcome.ts';
import { leadsInCircles } from './policy-circles.ts';
import { isBoundByRowSecurity, policiesFor } from './role-rights.ts';
import { shapeOfTableRow } from './table-rows.ts';
import { expressionOf } from './tree.ts';

export type Side = 'using' | 'check';

/** Whether the policies let the row pass; TRUE where row-level security does not bind the role. */
export function rowPasses(
  env: Environment,
  relation: Relation,
  row: Row,
  command: Command,
  side: Side,
): Outcome {
  if (!isBoundByRowSecurity(env.session.world, env.role, relation)) return TRUE;
  // Writing leads to reading the same table, which is no circle yet.
  const mark = `policy ${relation.oid} ${command}`;
  // PostgreSQL answers "infinite recursion detected in policy": nothing is shown.
  if (leadsInCircles(env.session.world, env.role, relation, command, side)) return ERROR;
  // Through a function it is seen only when the stack is full.
  if (isUnderWay(env, mark)) return ERROR;
  const inside: Environment = {
    ...withSources({ ...env, scope: null, ctes: new Map(), searchPath: null }, [
      { alias: relation.name, row },
    ]),
    within: [...env.within, mark],
    settings: settingsOf(env),
    effects: null,
  };
  const shape = shapeOfTableRow(row) ?? new Shape().ofAll(row.columns);
  const key = `${mark} ${side} ${circumstances(inside)} ${shape}`;
  return remembered(inside, key, () => allPass(inside, relation, command, side));
}

function allPass(inside: Environment, relation: Relation, command: Command, side: Side): Outcome {
  const policies = policiesFor(inside.session.world, inside.role, relation.oid, command);
  let opened: Outcome = FALSE;
  for (const policy of policies) {
    if (policy.permissive) opened = or(opened, passes(inside, policy, side));
  }
  for (const policy of policies) {
    if (opened.t === 0) break;
    if (!policy.permissive) opened = and(opened, passes(inside, policy, side));
  }
  return opened;
}

export function passes(env: Environment, policy: Policy, side: Side): Outcome {
  const text = side === 'check' ? (policy.check ?? policy.using) : policy.using;
  if (text === null) return TRUE;
  const node = expressionOf(text);
  if (node === undefined) return undecided(`policy ${policy.name} could not be parsed`);
  return condition(env, node);
}
