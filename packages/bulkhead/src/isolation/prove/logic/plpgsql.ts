/**
 * Runs a PL/pgSQL body over abstract values, along every path that its conditions leave open.
 *
 * Promises: a guard (`IF … THEN RAISE`) counts exactly as far as three-valued logic lets it: a condition
 * that is NULL does not raise. A body that is too large or not understood gives an opaque value.
 */
import type { Routine } from '../catalog/model.ts';
import { conditionOf } from './compare.ts';
import { scalar } from './context-values.ts';
import { runDynamic } from './dynamic-sql.ts';
import type { Environment, Row } from './environment.ts';
import { condition, evaluate } from './expression.ts';
import { type Chance, FALSE, least, most, TRUE } from './outcome.ts';
import { bodyOf } from './plpgsql-parser.ts';
import { anyRow, rowsOf } from './query.ts';
import type { Results } from './routine-call.ts';
import { spend } from './too-large.ts';
import { as, expressionOf, list, statementsOf, type Tree, tagOf, textOf } from './tree.ts';
import {
  capAll,
  foreignChance,
  join,
  keyOf,
  NULL_VALUE,
  only,
  opaque,
  type Possible,
  truth,
} from './value.ts';
import { runStatement } from './write-statement.ts';

type Variables = Map<string, Possible>;
interface State {
  readonly variables: Variables;
  readonly chance: Chance;
  /** Whether other tenants' rows led here, by being there or by being absent; null when neither did. */
  readonly after: 'hit' | 'miss' | null;
  /** The error that ended it. */
  readonly error?: string;
}

interface Run {
  readonly env: Environment;
  readonly routine: Routine;
  readonly names: readonly string[];
  readonly datums: readonly unknown[];
  readonly rows: Row[];
  readonly values: Possible[];
  /** Paths that an error ended, for the handler around them. */
  raised: State[];
  /** What the caller notices of each path's end. */
  readonly ends: { readonly after: State['after']; readonly seen: string }[];
  /** The context's settings as the body leaves them. */
  readonly left: Map<string, Possible>;
}

const STATES_MAX = 48;
const START = { chance: 2, after: null } as const;

function endsWith(run: Run, { after, chance }: State, seen: string): void {
  if (chance === 2) run.ends.push({ after, seen });
}

/** Do the ends differ between there being another tenant's row and there being none? */
function tellsApart(ends: Run['ends']): boolean {
  const of = (after: State['after']) =>
    new Set(ends.filter((end) => end.after === after).map((end) => end.seen));
  const [hit, miss] = [of('hit'), of('miss')];
  if (hit.size === 0 || miss.size === 0) return false;
  return [...hit].some((seen) => !miss.has(seen)) || [...miss].some((seen) => !hit.has(seen));
}

/** Noted at each end of a path, since another path may leave it differently. */
function noteSettings(run: Run, state: State): void {
  for (const [name, value] of state.variables) {
    if (!name.startsWith('set ')) continue;
    run.left.set(name, join(run.left.get(name) ?? [], capAll(value, state.chance)));
  }
}

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
  };
  for (const datum of datums) {
    const declared = as(datum, 'PLpgSQL_var') ?? as(datum, 'PLpgSQL_rec');
    const name = textOf(declared?.refname);
    if (declared === undefined || name === undefined) continue;
    if (declared.default_val !== undefined)
      variables.set(name, expression(at(run, { variables, ...START }), declared.default_val));
    else if (!variables.has(name))
      variables.set(
        name,
        name.startsWith('tg_')
          ? only({ kind: 'free', identity: name, type: 'text', colour: null, nullable: false })
          : NULL_VALUE,
      );
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

/** The end of a body: OUT parameters are the answer. */
function finish(run: Run, state: State): void {
  noteSettings(run, state);
  endsWith(run, state, 'end');
  const outs = run.routine.arguments.filter((a) => a.mode === 'out' || a.mode === 'inout');
  if (run.routine.returnsSet) return;
  if (outs.length === 1)
    run.values.push(capAll(state.variables.get(outs[0]?.name ?? '') ?? NULL_VALUE, state.chance));
  else if (outs.length > 1)
    run.values.push(
      capAll(
        record(
          state,
          outs.map((a) => a.name ?? ''),
        ),
        state.chance,
      ),
    );
}

const record = (state: State, names: readonly string[]): Possible =>
  only({
    kind: 'record',
    fields: new Map(names.map((name) => [name, state.variables.get(name) ?? NULL_VALUE] as const)),
  });

const nameOfDatum =
  (datums: readonly unknown[]) =>
  (datum: unknown): string => {
    const field = as(datum, 'PLpgSQL_recfield');
    if (field !== undefined) {
      const parent = datums[Number(field.recparentno ?? 0)];
      return `${textOf(as(parent, 'PLpgSQL_rec')?.refname) ?? ''}.${textOf(field.fieldname) ?? ''}`;
    }
    return textOf((as(datum, 'PLpgSQL_var') ?? as(datum, 'PLpgSQL_rec'))?.refname) ?? '';
  };

function at(run: Run, state: State): Environment {
  return { ...run.env, scope: { sources: [], variables: state.variables, parent: null } };
}

function queryOf(node: unknown): string {
  return textOf(as(node, 'PLpgSQL_expr')?.query) ?? '';
}

function expression(env: Environment, node: unknown): Possible {
  const text = queryOf(node);
  const parsed = expressionOf(text) ?? undefined;
  if (parsed !== undefined) return scalar(env, evaluate(env, parsed));
  // `RETURN count(*) FROM …`: anything that may follow SELECT.
  const select = as(statementsOf(`SELECT ${text}`)?.[0], 'SelectStmt');
  if (select === undefined) return opaque(`the expression ${text.slice(0, 60)}`);
  const rows = rowsOf(env, select);
  const columns = rows.map((row) => capAll([...row.columns.values()][0] ?? [], row.chance));
  return join(...columns, NULL_VALUE);
}

function statements(run: Run, items: readonly unknown[], from: readonly State[]): readonly State[] {
  let states = from;
  for (const item of items) {
    if (states.length === 0) break;
    states = states.flatMap((state) => statement(run, item, state));
    if (states.length > STATES_MAX) states = [merged(states)];
    spend(run.env, states.length);
  }
  return states;
}

function merged(states: readonly State[]): State {
  const variables: Variables = new Map();
  for (const state of states) {
    for (const [name, value] of state.variables) {
      variables.set(name, join(variables.get(name) ?? [], capAll(value, state.chance)));
    }
  }
  const [first] = states;
  const after = states.every((state) => state.after === first?.after)
    ? (first?.after ?? null)
    : null;
  return { variables, chance: states.reduce<Chance>((best, s) => most(best, s.chance), 0), after };
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
      return loop(run, body, state, rowsOfText(at(run, state), queryOf(body.query)));
    case 'PLpgSQL_stmt_dynfors':
      return loop(run, body, state, dynamic(run, body, state));
    case 'PLpgSQL_stmt_return':
      return returned(run, body, state);
    case 'PLpgSQL_stmt_return_next':
      return returnedNext(run, body, state);
    case 'PLpgSQL_stmt_return_query': {
      const rows =
        body.dynquery === undefined
          ? rowsOfText(at(run, state), queryOf(body.query))
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
      const parsed = statementsOf(queryOf(body.sqlstmt))?.[0];
      const here = at(run, state);
      if (parsed === undefined) {
        run.values.push(opaque('a statement that could not be parsed'));
        return [state];
      }
      return into(run, body, state, runStatement(here, parsed), parsed);
    }
    case 'PLpgSQL_stmt_dynexecute':
      return into(run, body, state, dynamic(run, body, state), undefined);
    case 'PLpgSQL_stmt_perform':
      return into(run, body, state, rowsOfText(at(run, state), queryOf(body.expr)), undefined);
    case 'PLpgSQL_stmt_call':
      rowsOfText(at(run, state), `SELECT ${queryOf(body.expr).replace(/^\s*call\s+/i, '')}`);
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

/** What a message shows of other tenants' rows reaches the caller too. */
function told(run: Run, body: Tree, state: State): void {
  if (run.env.effects === null) return;
  const env = at(run, state);
  const options = list(body.options).map((item) => as(item, 'PLpgSQL_raise_option')?.expr);
  for (const param of [...list(body.params), ...options]) {
    const chance = least(state.chance, foreignChance(expression(env, param)));
    if (chance > 0) {
      const because = "its messages show values of other tenants' rows";
      run.env.effects.push({ what: 'message', relation: null, chance, because });
    }
  }
}

function rowsOfText(env: Environment, sql: string): readonly Row[] {
  const parsed = statementsOf(sql)?.[0];
  if (parsed === undefined) return [];
  return runStatement(env, parsed);
}

function dynamic(run: Run, body: Tree, state: State): readonly Row[] {
  const env = at(run, state);
  const params = list(body.params).map((item) => expression(env, item));
  return runDynamic(env, expression(env, body.query), params);
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
  const value = expression(at(run, state), { PLpgSQL_expr: { query: found?.[2] ?? text } });
  // The expression fails: this path ends in an error.
  if (value.length === 0) {
    run.raised.push(state);
    return [];
  }
  return [setVariable(state, name, value)];
}

function setVariable(state: State, name: string, value: Possible): State {
  const variables: Variables = new Map(state.variables);
  const [record_, field] = name.toLowerCase().split('.');
  if (field !== undefined && record_ !== undefined) {
    const fields = new Map<string, Possible>();
    for (const { value: known } of variables.get(record_) ?? []) {
      if (known.kind === 'record') for (const [key, inner] of known.fields) fields.set(key, inner);
    }
    fields.set(field, value);
    variables.set(record_, only({ kind: 'record', fields }));
  } else variables.set(name, value);
  return { ...state, variables };
}

function branch(run: Run, body: Tree, state: State): readonly State[] {
  const arms: { readonly cond: unknown; readonly body: readonly unknown[] }[] = [
    { cond: body.cond, body: list(body.then_body) },
    ...list(body.elsif_list).flatMap((item) => {
      const arm = as(item, 'PLpgSQL_if_elsif');
      return arm === undefined ? [] : [{ cond: arm.cond, body: list(arm.stmts) }];
    }),
  ];
  const ended: State[] = [];
  let open: readonly State[] = [state];
  for (const arm of arms) {
    const next: State[] = [];
    for (const one of open.flatMap((s) => split(s, queryOf(arm.cond)))) {
      const met = conditionOfText(at(run, one), queryOf(arm.cond));
      if (met.t === 0 && met.f === 0 && met.n === 0) run.raised.push(one);
      const missed = most(met.f, met.n);
      const tells = met.foreign === 2 && met.t === 2 && missed === 2;
      if (met.t > 0) {
        const taken: State = { ...copied(one), chance: least(one.chance, met.t) };
        ended.push(...statements(run, arm.body, [tells ? led(taken, 'hit') : taken]));
      }
      if (missed > 0) {
        const passed: State = { ...copied(one), chance: least(one.chance, missed) };
        next.push(tells ? led(passed, 'miss') : passed);
      }
    }
    open = next;
  }
  return [...ended, ...statements(run, list(body.else_body), open)];
}

/** `set_config` writes into the variables at hand, which two paths must not share. */
const copied = (state: State): State => ({ ...state, variables: new Map(state.variables) });

/** What happened first is what the caller can arrange. */
const led = (state: State, after: 'hit' | 'miss'): State =>
  state.after === null ? { ...state, after } : state;

function conditionOfText(env: Environment, text: string) {
  const parsed = expressionOf(text);
  return parsed === undefined
    ? conditionOf(expression(env, { PLpgSQL_expr: { query: text } }))
    : condition(env, parsed);
}

/** One state for each value of the variables that a condition names, so that passing it says something. */
function split(state: State, text: string): readonly State[] {
  let states: readonly State[] = [state];
  for (const [name, value] of state.variables) {
    if (value.length < 2 || value.length > 6 || states.length > 12) continue;
    if (!new RegExp(`(^|[^\\w.])${name.replace(/[^\w]/g, '.')}([^\\w]|$)`, 'i').test(text))
      continue;
    states = states.flatMap((one) =>
      value.map((alternative) => ({
        ...one,
        variables: new Map(one.variables).set(name, [{ ...alternative, chance: 2 as const }]),
        chance: least(one.chance, alternative.chance),
      })),
    );
  }
  return states;
}

function caseOf(run: Run, body: Tree, state: State): readonly State[] {
  const arms = list(body.case_when_list).flatMap((item): readonly Tree[] => {
    const arm = as(item, 'PLpgSQL_case_when');
    return arm === undefined ? [] : [arm];
  });
  const ended: State[] = [];
  let open: State | undefined = state;
  if (body.t_expr !== undefined) {
    const name = run.names[Number(body.t_varno ?? 0)] ?? '';
    if (name !== '') open = setVariable(open, name, expression(at(run, open), body.t_expr));
  }
  for (const arm of arms) {
    if (open === undefined) break;
    const met = conditionOf(expression(at(run, open), arm.expr));
    if (met.t > 0)
      ended.push(
        ...statements(run, list(arm.stmts), [{ ...open, chance: least(open.chance, met.t) }]),
      );
    const missed = most(met.f, met.n);
    open = missed === 0 ? undefined : { ...open, chance: least(open.chance, missed) };
  }
  return open === undefined ? ended : [...ended, ...statements(run, list(body.else_stmts), [open])];
}

function unknownLoopVariable(run: Run, body: Tree, state: State): State {
  const name = textOf(as(body.var, 'PLpgSQL_var')?.refname) ?? run.names[Number(body.varno ?? -1)];
  if (name === undefined) return state;
  const value: Possible =
    body.expr === undefined
      ? only({ kind: 'free', identity: name, type: 'integer', colour: null, nullable: false })
      : elements(expression(at(run, state), body.expr));
  return setVariable(state, name, value);
}

const elements = (possible: Possible): Possible =>
  join(...possible.map((a): Possible => (a.value.kind === 'array' ? a.value.elements : [a])));

function loop(run: Run, body: Tree, state: State, rows: readonly Row[]): readonly State[] {
  const ended: State[] = [state];
  for (const row of rows) {
    const set = store(run, body.var, state, row);
    ended.push(
      ...statements(run, list(body.body), [{ ...set, chance: least(state.chance, row.chance) }]),
    );
  }
  return ended;
}

/** A cursor holds its query's rows; who gets the cursor gets them. */
function opened(run: Run, body: Tree, state: State): State {
  const name = run.names[Number(body.curvar ?? 0)] ?? '';
  const own = as(list(run.datums)[Number(body.curvar ?? 0)], 'PLpgSQL_var')?.cursor_explicit_expr;
  const rows =
    body.dynquery === undefined
      ? rowsOfText(at(run, state), queryOf(body.query ?? own))
      : dynamic(run, { ...body, query: body.dynquery }, state);
  const elements = rows.map((row) => ({
    value: { kind: 'record' as const, fields: row.columns },
    chance: row.chance,
  }));
  return setVariable(state, name, only({ kind: 'array', elements: join(elements) }));
}

function cursorRows(run: Run, body: Tree, state: State): readonly Row[] {
  const name = run.names[Number(body.curvar ?? 0)] ?? '';
  const held = elements(state.variables.get(name) ?? []);
  return held.flatMap(({ value, chance }) =>
    value.kind === 'record'
      ? [{ columns: value.fields, chance, colour: null, from: null, planted: null, because: null }]
      : [],
  );
}

/** Puts a row into a record or a list of variables. */
function store(run: Run, target: unknown, state: State, row: Row | null): State {
  void run;
  const rec = as(target, 'PLpgSQL_rec') ?? as(target, 'PLpgSQL_var');
  if (rec !== undefined) {
    const name = textOf(rec.refname) ?? '';
    const single = as(target, 'PLpgSQL_var') !== undefined;
    const value: Possible =
      row === null
        ? NULL_VALUE
        : single
          ? ([...row.columns.values()][0] ?? [])
          : only({ kind: 'record', fields: row.columns });
    return setVariable(state, name, value);
  }
  let next = state;
  const values = row === null ? [] : [...row.columns.values()];
  list(as(target, 'PLpgSQL_row')?.fields).forEach((field, index) => {
    const name = textOf((field as Tree).name) ?? '';
    const single = list(as(target, 'PLpgSQL_row')?.fields).length === 1;
    const value = values[index] ?? NULL_VALUE;
    const whole =
      single && row !== null && values.length > 1
        ? only({ kind: 'record' as const, fields: row.columns })
        : value;
    next = setVariable(next, name, row === null ? NULL_VALUE : whole);
  });
  return next;
}

/** SELECT … INTO: one path for each row it may find, one for none. Sets FOUND. */
function into(
  run: Run,
  body: Tree,
  state: State,
  rows: readonly Row[],
  parsed: unknown,
): readonly State[] {
  const found = anyRow(rows);
  const select = as(parsed, 'SelectStmt');
  const always =
    select !== undefined &&
    list(select.fromClause).length === 0 &&
    select.whereClause === undefined;
  const counted =
    rows.length === 1 &&
    rows[0]?.colour === null &&
    rows[0].from === null &&
    select !== undefined &&
    always === false &&
    JSON.stringify(select.targetList ?? '').includes('"count"');
  const after: State[] = [];
  for (const row of rows.slice(0, 12)) {
    const stored = body.target === undefined ? state : store(run, body.target, state, row);
    const mark = truth({ ...TRUE, foreign: row.colour === 'A' ? 2 : 0 });
    const here: State = {
      ...setVariable(stored, 'found', mark),
      chance: least(state.chance, row.chance),
    };
    after.push(row.colour === 'A' ? led(here, 'hit') : here);
  }
  const mayMiss = !(always || counted) || rows.length === 0;
  if (mayMiss && body.strict === true)
    run.raised.push({ ...(found.foreign === 2 ? led(state, 'miss') : state), error: 'no row' });
  else if (mayMiss) {
    const stored = body.target === undefined ? state : store(run, body.target, state, null);
    const here = setVariable(stored, 'found', truth({ ...FALSE, foreign: found.foreign }));
    after.push(found.foreign === 2 ? led(here, 'miss') : here);
  }
  return after;
}

function returned(run: Run, body: Tree, state: State): readonly State[] {
  const name = run.names[Number(body.retvarno ?? -1)];
  if (body.expr === undefined && (name === undefined || body.retvarno === -1)) {
    finish(run, state);
    return [];
  }
  const value =
    body.expr !== undefined
      ? expression(at(run, state), body.expr)
      : name?.includes('.') === true
        ? NULL_VALUE
        : (state.variables.get(name ?? '') ?? NULL_VALUE);
  if (value.length === 0) run.raised.push(state);
  else {
    noteSettings(run, state);
    endsWith(run, state, `answer ${value.map(answerOf).sort().join()}`);
    run.values.push(capAll(value, state.chance));
  }
  return [];
}

/** What else other tenants' values tell is seen in the value itself. */
const answerOf = ({ value }: Possible[number]): string =>
  value.kind === 'constant' || value.kind === 'null'
    ? keyOf(value)
    : value.kind === 'truth'
      ? `${value.outcome.t > 0}${value.outcome.f > 0}`
      : value.kind;

function returnedNext(run: Run, body: Tree, state: State): readonly State[] {
  const outs = run.routine.arguments
    .filter((a) => a.mode === 'out' || a.mode === 'table')
    .map((a) => a.name ?? '');
  const name =
    body.retvarno === undefined || Number(body.retvarno) < 0
      ? undefined
      : run.names[Number(body.retvarno)];
  const value =
    body.expr !== undefined
      ? expression(at(run, state), body.expr)
      : name !== undefined && name !== ''
        ? (state.variables.get(name) ?? NULL_VALUE)
        : record(state, outs);
  for (const alternative of value) {
    const columns =
      alternative.value.kind === 'record'
        ? alternative.value.fields
        : new Map([[run.routine.name, [alternative]]]);
    run.rows.push({
      columns,
      chance: least(state.chance, alternative.chance),
      colour: null,
      from: null,
      planted: null,
      because: null,
    });
  }
  return [state];
}
