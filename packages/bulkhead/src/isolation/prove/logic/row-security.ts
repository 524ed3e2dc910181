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
import { and, ERROR, FALSE, type Outcome, or, TRUE, undecided } from './outcome.ts';
import { isBoundByRowSecurity, policiesFor } from './role-rights.ts';
import { expressionOf } from './tree.ts';
import type { Value } from './value.ts';

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
  const mark = `policy ${relation.oid}`;
  // PostgreSQL answers "infinite recursion detected in policy": nothing is shown.
  if (env.within.includes(mark)) return ERROR;
  const key = `${mark} ${command} ${side} ${env.role} ${env.routine?.oid ?? ''} ${shapeOf(row)}`;
  const settings = settingsOf(env);
  const known = settings.size === 0 ? env.session.visible.get(key) : undefined;
  if (known !== undefined) return known;
  const inside: Environment = {
    ...withSources({ ...env, scope: null, ctes: new Map(), searchPath: null }, [
      { alias: relation.name, row },
    ]),
    within: [...env.within, mark],
    settings,
    effects: null,
  };
  const policies = policiesFor(env.session.world, env.role, relation.oid, command);
  let opened: Outcome = FALSE;
  for (const policy of policies) {
    if (policy.permissive) opened = or(opened, passes(inside, policy, side));
  }
  for (const policy of policies) {
    if (opened.t === 0) break;
    if (!policy.permissive) opened = and(opened, passes(inside, policy, side));
  }
  // Inside a circle the answer depends on where it was entered; keep only answers that hold anywhere.
  if (settings.size === 0 && env.within.every((entered) => !entered.startsWith('policy')))
    env.session.visible.set(key, opened);
  return opened;
}

export function passes(env: Environment, policy: Policy, side: Side): Outcome {
  const text = side === 'check' ? (policy.check ?? policy.using) : policy.using;
  if (text === null) return TRUE;
  const node = expressionOf(text);
  if (node === undefined) return undecided(`policy ${policy.name} could not be parsed`);
  return condition(env, node);
}

function shapeOf(row: Row): string {
  let shape = `${row.colour}${row.planted === null ? '' : 'planted'}`;
  for (const [name, possible] of row.columns) {
    shape += `,${name}=${possible.map((a) => `${marked(a.value)}${a.chance}`).join('|')}`;
  }
  return shape;
}

/** Enough of a value to tell two rows apart, without the instance they come from. */
function marked(value: Value): string {
  switch (value.kind) {
    case 'coloured':
      return value.colour;
    case 'constant':
      return `'${value.text}`;
    case 'chosen':
      return `x${value.colour ?? ''}`;
    default:
      return value.kind[0] ?? '';
  }
}
