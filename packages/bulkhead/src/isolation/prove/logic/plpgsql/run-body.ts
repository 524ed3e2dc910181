/**
 * Runs a PL/pgSQL body over abstract values, along every path that its conditions leave open.
 *
 * Promises: a guard (`IF … THEN RAISE`) counts exactly as far as three-valued logic lets it: a condition
 * that is NULL does not raise. What is not understood gives an opaque value; what is too large, `TooLarge`.
 */
import type { Routine } from '../../catalog/model.ts';
import { conditionOf } from '../compare.ts';
import type { Environment } from '../environment.ts';
import { least } from '../outcome.ts';
import { bodyOf } from '../plpgsql-parser.ts';
import type { Results } from '../routine-call.ts';
import { spend } from '../too-large.ts';
import { as, list, statementsOf, type Tree, tagOf, textOf } from '../tree.ts';
import { join, NULL_VALUE, only, opaque } from '../value.ts';
import { branch, caseOf, loop, unknownLoopVariable } from './branches.ts';
import { endsWith, finish, returned, returnedNext, tellsApart, told } from './ends.ts';
import { expression, queryOf } from './expressions.ts';
import { cursorRows, dynamic, into, opened, rowsOfText } from './queries.ts';
import {
  at,
  joined,
  nameOfDatum,
  once,
  type Run,
  START,
  type State,
  setVariable,
  type Variables,
} from './state.ts';

export function runBody(env: Environment, routine: Routine): Results {
  const tree = bodyOf(routine);
  if (tree === undefined)
    return { kind: 'value', value: opaque(`the body of ${routine.schema}.${routine.name}`) };
  const datums = list(tree.datums);
  const variables: Variables = new Map(env.scope?.variables ?? []);
  const run: Run = {
    env,
    routine,
    names: datums.map(nameOfDatum(datums)),
    datums,
    rows: [],
    values: [],
    raised: [],
    ends: [],
    left: new Map(),
    // The outermost body alone is called again and again.
    answers: env.within.length === 1 ? env.session.answers : new Map(),
  };
  if (!declare(run, variables, tree.action)) {
    return routine.returnsSet
      ? { kind: 'rows', rows: [], always: false }
      : { kind: 'value', value: [] };
  }
  const ended = statements(run, [tree.action], [{ variables, ...START }]);
  for (const state of ended) finish(run, state);
  for (const failed of run.raised) endsWith(run, failed, `error ${failed.error ?? ''}`);
  // Scopes are read only but for what the session's settings have become.
  const outside = env.scope?.variables as Variables | undefined;
  for (const [name, value] of run.left) outside?.set(name, value);
  // Of a function called on the way only the answer counts, which its caller may keep to itself.
  if (env.within.length === 1 && tellsApart(run.ends)) {
    const because = 'whether it fails, or what it answers, tells if other tenants have such a row';
    env.effects?.push({ what: 'answer', relation: null, chance: 2, because });
  }
  if (routine.returnsSet) return { kind: 'rows', rows: run.rows, always: false };
  return { kind: 'value', value: join(...run.values) };
}

/** Gives variables their first values; false when doing so fails whatever happens, which ends the call. */
function declare(run: Run, variables: Variables, action: unknown): boolean {
  const begin = Number(as(action, 'PLpgSQL_stmt_block')?.lineno ?? 0);
  for (const datum of run.datums) {
    const declared = as(datum, 'PLpgSQL_var') ?? as(datum, 'PLpgSQL_rec');
    const name = textOf(declared?.refname);
    if (declared === undefined || name === undefined) continue;
    if (declared.default_val !== undefined) {
      const value = once(run, { variables, ...START }, queryOf(declared.default_val), (env) =>
        expression(env, declared.default_val),
      );
      // No handler of the body's is around its own declarations; there may be one around a block's inside it.
      if (value.length === 0 && Number(declared.lineno ?? begin) < begin) return false;
      variables.set(name, value);
    } else if (!variables.has(name))
      variables.set(
        name,
        name.startsWith('tg_')
          ? only({ kind: 'free', identity: name, type: 'text', colour: null, nullable: false })
          : NULL_VALUE,
      );
  }
  return true;
}

export function statements(
  run: Run,
  items: readonly unknown[],
  from: readonly State[],
): readonly State[] {
  let states = from;
  for (const item of items) {
    if (states.length === 0) break;
    states = states.flatMap((state) => statement(run, item, state));
    spend(run.env, states.length);
    states = joined(states);
  }
  return states;
}

/** What a statement does has at most the chance of the path that leads to it. */
function statement(run: Run, node: unknown, state: State): readonly State[] {
  const { effects } = run.env;
  const before = effects?.length ?? 0;
  const ended = execute(run, node, state);
  for (let index = before; state.chance < 2 && index < (effects?.length ?? 0); index += 1) {
    const found = effects?.[index];
    if (found !== undefined && effects !== null)
      effects[index] = { ...found, chance: least(found.chance, state.chance) };
  }
  return ended;
}

function execute(run: Run, node: unknown, state: State): readonly State[] {
  const tag = tagOf(node) ?? '';
  const body = as(node, tag) ?? {};
  switch (tag) {
    case 'PLpgSQL_stmt_block':
      return block(run, body, state);
    case 'PLpgSQL_stmt_assign':
      return assign(run, body, state);
    case 'PLpgSQL_stmt_if':
      return branch(run, body, state);
    case 'PLpgSQL_stmt_case':
      return caseOf(run, body, state);
    case 'PLpgSQL_stmt_loop':
    case 'PLpgSQL_stmt_while':
    case 'PLpgSQL_stmt_fori':
    case 'PLpgSQL_stmt_foreach_a':
      return [state, ...statements(run, list(body.body), [unknownLoopVariable(run, body, state)])];
    case 'PLpgSQL_stmt_fors':
      return loop(run, body, state, rowsOfText(run, state, queryOf(body.query)));
    case 'PLpgSQL_stmt_dynfors':
      return loop(run, body, state, dynamic(run, body, state));
    case 'PLpgSQL_stmt_return':
      return returned(run, body, state);
    case 'PLpgSQL_stmt_return_next':
      return returnedNext(run, body, state);
    case 'PLpgSQL_stmt_return_query': {
      const rows =
        body.dynquery === undefined
          ? rowsOfText(run, state, queryOf(body.query))
          : dynamic(run, { ...body, query: body.dynquery }, state);
      for (const row of rows) run.rows.push({ ...row, chance: least(row.chance, state.chance) });
      return [state];
    }
    case 'PLpgSQL_stmt_raise':
      told(run, body, state);
      // ERROR, in the numbers of elog.h.
      if (Number(body.elog_level ?? 21) < 21) return [state];
      run.raised.push({ ...state, error: textOf(body.message) ?? textOf(body.condname) ?? '' });
      return [];
    case 'PLpgSQL_stmt_execsql': {
      const text = queryOf(body.sqlstmt);
      const parsed = statementsOf(text)?.[0];
      if (parsed === undefined) {
        run.values.push(opaque('a statement that could not be parsed'));
        return [state];
      }
      return into(run, body, state, rowsOfText(run, state, text), parsed);
    }
    case 'PLpgSQL_stmt_dynexecute':
      return into(run, body, state, dynamic(run, body, state), undefined);
    case 'PLpgSQL_stmt_perform':
      return into(run, body, state, rowsOfText(run, state, queryOf(body.expr)), undefined);
    case 'PLpgSQL_stmt_call':
      rowsOfText(run, state, `SELECT ${queryOf(body.expr).replace(/^\s*call\s+/i, '')}`);
      return [state];
    case 'PLpgSQL_stmt_assert': {
      const met = conditionOf(expression(at(run, state), body.cond));
      return met.t === 0 ? [] : [{ ...state, chance: least(state.chance, met.t) }];
    }
    case 'PLpgSQL_stmt_open':
      return [opened(run, body, state)];
    case 'PLpgSQL_stmt_forc':
      return loop(run, body, state, cursorRows(run, body, state));
    case 'PLpgSQL_stmt_fetch':
      return into(run, body, state, cursorRows(run, body, state), undefined);
    default:
      return [state];
  }
}

function block(run: Run, body: Tree, state: State): readonly State[] {
  const handlers = list(as(body.exceptions, 'PLpgSQL_exception_block')?.exc_list);
  if (handlers.length === 0) return statements(run, list(body.body), [state]);
  const outer = run.raised;
  run.raised = [];
  const ended = [...statements(run, list(body.body), [state])];
  const caught = run.raised;
  run.raised = outer;
  for (const handler of handlers) {
    const action = list(as(handler, 'PLpgSQL_exception')?.action);
    for (const failed of caught.slice(0, 8)) ended.push(...statements(run, action, [failed]));
  }
  return ended;
}

function assign(run: Run, body: Tree, state: State): readonly State[] {
  const text = queryOf(body.expr);
  const found =
    /^\s*((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)(?:\[[^\]]*\])?\s*:?=\s*([\s\S]*)$/.exec(text);
  const name = run.names[Number(body.varno ?? 0)] ?? found?.[1] ?? '';
  const query = found?.[2] ?? text;
  const value = once(run, state, query, (env) => expression(env, { PLpgSQL_expr: { query } }));
  // The expression fails: this path ends in an error.
  if (value.length === 0) {
    run.raised.push(state);
    return [];
  }
  return [setVariable(state, name, value)];
}
