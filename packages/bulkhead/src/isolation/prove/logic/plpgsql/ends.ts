/**
 * How paths end, by RETURN, by an error or by the body's last line, and what the caller notices of it.
 */
import { least } from '../outcome.ts';
import { as, list, type Tree } from '../tree.ts';
import { capAll, foreignChance, join, keyOf, NULL_VALUE, type Possible } from '../value.ts';
import { expression, queryOf } from './expressions.ts';
import { at, once, type Run, record, type State } from './state.ts';

/** The end of a body: OUT parameters are the answer. */
export function finish(run: Run, state: State): void {
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

export function returned(run: Run, body: Tree, state: State): readonly State[] {
  const name = run.names[Number(body.retvarno ?? -1)];
  const outs = run.routine.arguments.some((a) => a.mode === 'out' || a.mode === 'inout');
  if (body.expr === undefined && (outs || name === undefined || body.retvarno === -1)) {
    finish(run, state);
    return [];
  }
  const value =
    body.expr !== undefined
      ? once(run, state, queryOf(body.expr), (env) => expression(env, body.expr))
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

export function returnedNext(run: Run, body: Tree, state: State): readonly State[] {
  const outs = run.routine.arguments
    .filter((a) => a.mode === 'out' || a.mode === 'table')
    .map((a) => a.name ?? '');
  const name =
    body.retvarno === undefined || Number(body.retvarno) < 0
      ? undefined
      : run.names[Number(body.retvarno)];
  const value =
    body.expr !== undefined
      ? once(run, state, queryOf(body.expr), (env) => expression(env, body.expr))
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

/** What a message shows of other tenants' rows reaches the caller too. */
export function told(run: Run, body: Tree, state: State): void {
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

export function endsWith(run: Run, { after, chance }: State, seen: string): void {
  if (chance === 2) run.ends.push({ after, seen });
}

/** Do the ends differ between there being another tenant's row and there being none? */
export function tellsApart(ends: Run['ends']): boolean {
  const of = (after: State['after']) =>
    new Set(ends.filter((end) => end.after === after).map((end) => end.seen));
  const [hit, miss] = [of('hit'), of('miss')];
  if (hit.size === 0 || miss.size === 0) return false;
  return [...hit].some((seen) => !miss.has(seen)) || [...miss].some((seen) => !hit.has(seen));
}

/** Noted at each end of a path, since another path may leave it differently. */
export function noteSettings(run: Run, state: State): void {
  for (const [name, value] of state.variables) {
    if (!name.startsWith('set ')) continue;
    run.left.set(name, join(run.left.get(name) ?? [], capAll(value, state.chance)));
  }
}

/** What else other tenants' values tell is seen in the value itself. */
const answerOf = ({ value }: Possible[number]): string =>
  value.kind === 'constant' || value.kind === 'null'
    ? keyOf(value)
    : value.kind === 'truth'
      ? `${value.outcome.t > 0}${value.outcome.f > 0}`
      : value.kind;
