/** IF, CASE and loops: one path for each way that their conditions and rows leave open. */
import { conditionOf } from '../compare.ts';
import type { Row } from '../environment.ts';
import { least, most } from '../outcome.ts';
import { as, list, type Tree, textOf } from '../tree.ts';
import { only, type Possible } from '../value.ts';
import { conditionOfText, elements, expression, queryOf } from './expressions.ts';
import { store } from './queries.ts';
import { statements } from './run-body.ts';
import { at, copied, led, once, type Run, type State, setVariable, split } from './state.ts';

export function branch(run: Run, body: Tree, state: State): readonly State[] {
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
      const cond = queryOf(arm.cond);
      const met = once(run, one, cond, (env) => conditionOfText(env, cond), 'condition');
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

export function caseOf(run: Run, body: Tree, state: State): readonly State[] {
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

export function unknownLoopVariable(run: Run, body: Tree, state: State): State {
  const name = textOf(as(body.var, 'PLpgSQL_var')?.refname) ?? run.names[Number(body.varno ?? -1)];
  if (name === undefined) return state;
  const value: Possible =
    body.expr === undefined
      ? only({ kind: 'free', identity: name, type: 'integer', colour: null, nullable: false })
      : elements(expression(at(run, state), body.expr));
  return setVariable(state, name, value);
}

export function loop(run: Run, body: Tree, state: State, rows: readonly Row[]): readonly State[] {
  const ended: State[] = [state];
  for (const row of rows) {
    const set = store(run, body.var, state, row);
    ended.push(
      ...statements(run, list(body.body), [{ ...set, chance: least(state.chance, row.chance) }]),
    );
  }
  return ended;
}
