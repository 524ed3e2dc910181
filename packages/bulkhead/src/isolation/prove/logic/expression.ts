/**
 * Evaluates an expression of PostgreSQL's own tree over abstract values.
 *
 * Promises: whatever it does not know becomes an opaque value that says what was not known; it throws nothing but
 * `TooLarge`.
 */

import { cast } from './cast.ts';
import { columnValue } from './columns.ts';
import { conditionOf, equal, indistinct, isNull, overEach } from './compare.ts';
import { contextValue, scalar, userValue } from './context-values.ts';
import { DEPTH_MAX, type Environment } from './environment.ts';
import { callFunction } from './function-call.ts';
import { isTooDeep } from './memory.ts';
import { binary, sortsFirst } from './operators.ts';
import { and, capped, ERROR, FALSE, not, type Outcome, or, TRUE, union } from './outcome.ts';
import { evaluateSubLink } from './sub-link.ts';
import { spend } from './too-large.ts';
import { as, constantOf, list, namesOf, stringOf, type Tree, tagOf, typeOf } from './tree.ts';
import { capAll, constant, join, NULL_VALUE, only, opaque, type Possible, truth } from './value.ts';
import { isWished } from './wished-context.ts';

export function evaluate(env: Environment, node: unknown): Possible {
  spend(env);
  if (isTooDeep(env, DEPTH_MAX)) return opaque('what is nested too deeply to follow');
  const fixed = constantOf(node);
  if (fixed !== undefined) {
    if (fixed === null) return NULL_VALUE;
    const boolean = as(node, 'A_Const')?.boolval !== undefined;
    return boolean ? truth(fixed === 'true' ? TRUE : FALSE) : constant(fixed);
  }
  if (isWished(env.session.world, node)) return contextValue(env, 'the tenant expression');
  const tag = tagOf(node) ?? '';
  const body = as(node, tag) ?? {};
  switch (tag) {
    case 'ColumnRef':
      return columnValue(env, body);
    case 'ParamRef':
      return parameter(env, Number(body.number ?? 0));
    case 'TypeCast':
      return cast(env, evaluate(env, body.arg), typeOf(body.typeName));
    case 'CollateClause':
      return evaluate(env, body.arg);
    case 'NamedArgExpr':
      return evaluate(env, body.arg);
    case 'FuncCall':
      return callFunction(env, body);
    case 'CoalesceExpr':
      return coalesce(env, list(body.args));
    case 'CaseExpr':
      return caseOf(env, body);
    case 'MinMaxExpr':
      return extreme(env, body);
    case 'SQLValueFunction':
      return sqlValue(env, String(body.op ?? ''));
    case 'A_ArrayExpr':
      return only({
        kind: 'array',
        elements: join(...list(body.elements).map((e) => scalar(env, evaluate(env, e)))),
      });
    case 'RowExpr':
      return only({
        kind: 'record',
        fields: new Map(list(body.args).map((arg, at) => [`f${at + 1}`, evaluate(env, arg)])),
      });
    case 'A_Indirection':
      return indirection(env, body);
    case 'A_Expr':
      return operatorExpression(env, body);
    case 'BoolExpr':
    case 'NullTest':
    case 'BooleanTest':
      return truth(condition(env, node));
    case 'SubLink':
      return evaluateSubLink(env, body);
    default:
      return opaque(`an expression of kind ${tag || 'unknown'}`);
  }
}

/** The expression as a condition. Connectives stop early, so that what cannot matter is not looked at. */
export function condition(env: Environment, node: unknown): Outcome {
  const connective = as(node, 'BoolExpr');
  if (connective !== undefined) return connected(env, connective);
  const nullTest = as(node, 'NullTest');
  if (nullTest !== undefined) {
    const tested = overEach(scalar(env, evaluate(env, nullTest.arg)), isNull);
    return nullTest.nulltesttype === 'IS_NOT_NULL' ? not(tested) : tested;
  }
  const booleanTest = as(node, 'BooleanTest');
  if (booleanTest !== undefined)
    return testOf(condition(env, booleanTest.arg), String(booleanTest.booltesttype));
  return conditionOf(scalar(env, evaluate(env, node)));
}

function connected(env: Environment, body: Tree): Outcome {
  const args = list(body.args);
  if (body.boolop === 'NOT_EXPR') return not(condition(env, args[0]));
  const conjunction = body.boolop === 'AND_EXPR';
  let all = conjunction ? TRUE : FALSE;
  for (const arg of args) {
    // A false side settles it, whatever the others are.
    if (conjunction ? all.t === 0 && all.n === 0 : all.t === 2 && all.f === 0 && all.n === 0) break;
    const one = condition(env, arg);
    all = conjunction ? and(all, one) : or(all, one);
  }
  return all;
}

function testOf(a: Outcome, test: string): Outcome {
  const of = (yes: Outcome['t'], no: Outcome['t']): Outcome => ({ ...a, t: yes, f: no, n: 0 });
  const most = (x: Outcome['t'], y: Outcome['t']) => (x > y ? x : y);
  switch (test) {
    case 'IS_TRUE':
      return of(a.t, most(a.f, a.n));
    case 'IS_NOT_TRUE':
      return of(most(a.f, a.n), a.t);
    case 'IS_FALSE':
      return of(a.f, most(a.t, a.n));
    case 'IS_NOT_FALSE':
      return of(most(a.t, a.n), a.f);
    case 'IS_UNKNOWN':
      return of(a.n, most(a.t, a.f));
    default:
      return of(most(a.t, a.f), a.n);
  }
}

function parameter(env: Environment, number: number): Possible {
  for (let scope = env.scope; scope !== null; scope = scope.parent) {
    const found = scope.variables.get(`$${number}`);
    if (found !== undefined) return found;
  }
  return opaque(`the parameter $${number}`);
}

function coalesce(env: Environment, args: readonly unknown[]): Possible {
  let all: Possible = [];
  let reach: 0 | 1 | 2 = 2;
  for (const arg of args) {
    if (reach === 0) break;
    const here: 0 | 1 | 2 = reach;
    let nullChance: 0 | 1 | 2 = 0;
    for (const alternative of scalar(env, evaluate(env, arg))) {
      const nil = isNull(alternative.value);
      if (nil.f > 0) {
        all = join(all, capAll([alternative], capped(nil, here).f));
      }
      const chance = capped(nil, alternative.chance).t;
      if (chance > nullChance) nullChance = chance;
    }
    reach = here < nullChance ? here : nullChance;
  }
  return reach === 0 ? all : join(all, capAll(NULL_VALUE, reach));
}

function caseOf(env: Environment, body: Tree): Possible {
  const subject = body.arg === undefined ? undefined : scalar(env, evaluate(env, body.arg));
  let all: Possible = [];
  let reach: 0 | 1 | 2 = 2;
  for (const item of list(body.args)) {
    if (reach === 0) break;
    const when = as(item, 'CaseWhen');
    if (when === undefined) continue;
    const matched =
      subject === undefined
        ? condition(env, when.expr)
        : equal(subject, scalar(env, evaluate(env, when.expr)));
    if (matched.t > 0) {
      all = join(
        all,
        capAll(noted(evaluate(env, when.result), matched), reach < matched.t ? reach : matched.t),
      );
    }
    const missed = matched.f > matched.n ? matched.f : matched.n;
    reach = reach < missed ? reach : missed;
  }
  if (reach > 0) {
    const rest = body.defresult === undefined ? NULL_VALUE : evaluate(env, body.defresult);
    all = join(all, capAll(rest, reach));
  }
  return all;
}

/** Lets a truth say what led to it. */
function noted(possible: Possible, why: Outcome): Possible {
  if (why.because === null) return possible;
  return possible.map((a) =>
    a.value.kind === 'truth' && a.value.outcome.because === null
      ? {
          value: { kind: 'truth', outcome: { ...a.value.outcome, because: why.because } },
          chance: a.chance,
        }
      : a,
  );
}

/** GREATEST or LEAST, which leave NULL out. */
function extreme(env: Environment, body: Tree): Possible {
  const args = list(body.args).map((arg) => scalar(env, evaluate(env, arg)));
  return args.reduce((one, other) => {
    const [a, b] = [one[0]?.value, other[0]?.value];
    if (one.length === 1 && a?.kind === 'null') return other;
    if (other.length === 1 && b?.kind === 'null') return one;
    if (
      one.length === 1 &&
      other.length === 1 &&
      a?.kind === 'coloured' &&
      b?.kind === 'coloured'
    ) {
      const known = a.colour === b.colour ? true : sortsFirst(env, a, b);
      if (known !== null) return known === (body.op === 'IS_LEAST') ? one : other;
    }
    return join(one, other);
  });
}

function sqlValue(env: Environment, op: string): Possible {
  if (op.includes('SESSION_USER')) return userValue(env, 'session');
  if (op.includes('CURRENT_USER') || op.includes('CURRENT_ROLE') || op === 'SVFOP_USER') {
    return userValue(env, 'current');
  }
  return only({
    kind: 'free',
    identity: op.replace('SVFOP_', '').toLowerCase(),
    type: 'timestamp',
    colour: null,
    nullable: false,
  });
}

function indirection(env: Environment, body: Tree): Possible {
  const field = stringOf(list(body.indirection)[0]);
  return evaluate(env, body.arg).flatMap((a) => {
    if (field !== undefined && a.value.kind === 'record') {
      return capAll(a.value.fields.get(field) ?? opaque(`the field ${field}`), a.chance);
    }
    if (field === undefined && a.value.kind === 'array')
      return capAll(join(a.value.elements, NULL_VALUE), a.chance);
    if (a.value.kind === 'null') return [a];
    if (a.value.kind === 'free') return [a];
    return opaque('a part of a value');
  });
}

function operatorExpression(env: Environment, body: Tree): Possible {
  const kind = String(body.kind ?? 'AEXPR_OP');
  const names = namesOf(body.name);
  const operator = names[names.length - 1] ?? '';
  const schema = names.length > 1 ? names[0] : undefined;
  const right = body.rexpr;
  if (kind === 'AEXPR_NULLIF') {
    // A JSON document stays one, for the path that follows.
    const value = evaluate(env, body.lexpr);
    const other = scalar(env, evaluate(env, right));
    return join(
      ...value.map((a): Possible => {
        const hit = equal(scalar(env, [a]), other);
        const miss = hit.f > hit.n ? hit.f : hit.n;
        return [...capAll([a], miss), ...capAll(NULL_VALUE, capped(hit, a.chance).t)].filter(
          (x) => x.chance > 0,
        );
      }),
    );
  }
  if (body.lexpr === undefined) {
    return binary(env, operator, schema, [], scalar(env, evaluate(env, right)));
  }
  const left =
    operator.startsWith('-') ||
    operator.startsWith('#') ||
    operator === '?' ||
    operator === '@>' ||
    operator === '<@' ||
    operator === '?|'
      ? evaluate(env, body.lexpr)
      : scalar(env, evaluate(env, body.lexpr));
  switch (kind) {
    case 'AEXPR_DISTINCT':
      return truth(not(indistinct(left, scalar(env, evaluate(env, right)))));
    case 'AEXPR_NOT_DISTINCT':
      return truth(indistinct(left, scalar(env, evaluate(env, right))));
    case 'AEXPR_IN': {
      const any = list(right)
        .map((item) => equal(left, scalar(env, evaluate(env, item))))
        .reduce(or, FALSE);
      return truth(operator === '<>' ? not(any) : any);
    }
    case 'AEXPR_OP_ANY':
    case 'AEXPR_OP_ALL':
      return truth(
        overArray(env, operator, schema, left, evaluate(env, right), kind === 'AEXPR_OP_ALL'),
      );
    case 'AEXPR_BETWEEN':
    case 'AEXPR_NOT_BETWEEN':
    case 'AEXPR_BETWEEN_SYM':
    case 'AEXPR_NOT_BETWEEN_SYM': {
      const [low, high] = list(right).map((item) => scalar(env, evaluate(env, item)));
      const within = and(
        conditionOf(binary(env, '>=', undefined, left, low ?? [])),
        conditionOf(binary(env, '<=', undefined, left, high ?? [])),
      );
      return truth(kind.includes('NOT') ? not(within) : within);
    }
    default:
      return binary(env, operator, schema, left, evaluateRight(env, operator, right));
  }
}

function evaluateRight(env: Environment, operator: string, node: unknown): Possible {
  const value = evaluate(env, node);
  return operator === '@>' || operator === '<@' ? value : scalar(env, value);
}

/** `x op ANY (array)`: over its elements; an empty array is false for ANY, true for ALL. */
function overArray(
  env: Environment,
  operator: string,
  schema: string | undefined,
  left: Possible,
  arrays: Possible,
  every: boolean,
): Outcome {
  let all: Outcome = ERROR;
  for (const { value, chance } of arrays) {
    let one: Outcome;
    if (value.kind === 'array') {
      one = every ? TRUE : FALSE;
      for (const element of value.elements) {
        const met = conditionOf(binary(env, operator, schema, left, scalar(env, [element])));
        one = every ? and(one, met) : or(one, met);
      }
      if (value.sparse === true) one = union(one, every ? TRUE : FALSE);
      else if (value.elements.some((e) => e.chance < 2))
        one = union(one, capped(every ? TRUE : FALSE, 1));
    } else if (value.kind === 'null') one = conditionOf(NULL_VALUE);
    else if (value.kind === 'claims') {
      one = conditionOf(binary(env, operator, schema, left, scalar(env, [{ value, chance: 2 }])));
    } else one = conditionOf(binary(env, operator, schema, left, [{ value, chance: 2 }]));
    all = union(all, capped(one, chance));
  }
  return all;
}
