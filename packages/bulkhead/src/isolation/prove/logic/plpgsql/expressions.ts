/** Expressions in PL/pgSQL, which arrive as text: anything that may follow SELECT. */
import { conditionOf } from '../compare.ts';
import { scalar } from '../context-values.ts';
import type { Environment } from '../environment.ts';
import { condition, evaluate } from '../expression.ts';
import type { Outcome } from '../outcome.ts';
import { rowsOf } from '../query.ts';
import { as, expressionOf, statementsOf, textOf } from '../tree.ts';
import { capAll, join, NULL_VALUE, opaque, type Possible } from '../value.ts';

export function queryOf(node: unknown): string {
  return textOf(as(node, 'PLpgSQL_expr')?.query) ?? '';
}

export function expression(env: Environment, node: unknown): Possible {
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

export function conditionOfText(env: Environment, text: string): Outcome {
  const parsed = expressionOf(text);
  return parsed === undefined
    ? conditionOf(expression(env, { PLpgSQL_expr: { query: text } }))
    : condition(env, parsed);
}

export const elements = (possible: Possible): Possible =>
  join(...possible.map((a): Possible => (a.value.kind === 'array' ? a.value.elements : [a])));
