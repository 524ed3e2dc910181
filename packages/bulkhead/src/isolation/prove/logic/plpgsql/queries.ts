/** Statements in a body that yield rows, and the variables, records and cursors these go into. */

import { runDynamic } from '../dynamic-sql.ts';
import type { Row } from '../environment.ts';
import { FALSE, least, TRUE } from '../outcome.ts';
import { anyRow } from '../query.ts';
import { as, list, statementsOf, type Tree, textOf } from '../tree.ts';
import { join, NULL_VALUE, only, type Possible, truth } from '../value.ts';
import { runStatement } from '../write-statement.ts';
import { elements, expression, queryOf } from './expressions.ts';
import { at, led, once, type Run, type State, setVariable } from './state.ts';

/** The rows of a statement. */
export function rowsOfText(run: Run, state: State, sql: string): readonly Row[] {
  const parsed = statementsOf(sql)?.[0];
  if (parsed === undefined) return [];
  return once(run, state, sql, (env) => runStatement(env, parsed), 'rows');
}

export function dynamic(run: Run, body: Tree, state: State): readonly Row[] {
  const env = at(run, state);
  const params = list(body.params).map((item) => expression(env, item));
  return runDynamic(env, expression(env, body.query), params);
}

/** SELECT … INTO: one path for each row it may find, one for none. Sets FOUND. */
export function into(
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

/** Puts a row into a record or a list of variables. */
export function store(run: Run, target: unknown, state: State, row: Row | null): State {
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

/** A cursor holds its query's rows; who gets the cursor gets them. */
export function opened(run: Run, body: Tree, state: State): State {
  const name = run.names[Number(body.curvar ?? 0)] ?? '';
  const own = as(list(run.datums)[Number(body.curvar ?? 0)], 'PLpgSQL_var')?.cursor_explicit_expr;
  const rows =
    body.dynquery === undefined
      ? rowsOfText(run, state, queryOf(body.query ?? own))
      : dynamic(run, { ...body, query: body.dynquery }, state);
  const elements = rows.map((row) => ({
    value: { kind: 'record' as const, fields: row.columns },
    chance: row.chance,
  }));
  return setVariable(state, name, only({ kind: 'array', elements: join(elements) }));
}

export function cursorRows(run: Run, body: Tree, state: State): readonly Row[] {
  const name = run.names[Number(body.curvar ?? 0)] ?? '';
  const held = elements(state.variables.get(name) ?? []);
  return held.flatMap(({ value, chance }) =>
    value.kind === 'record'
      ? [{ columns: value.fields, chance, colour: null, from: null, planted: null, because: null }]
      : [],
  );
}
