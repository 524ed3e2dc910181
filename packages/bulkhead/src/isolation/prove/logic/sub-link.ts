/**
 * Sub-selects inside expressions: EXISTS, IN, scalars, arrays.
 *
 * Promises: they read their tables with the rights of whoever runs the expression, so their tables' own
 * policies count; a name that the inner query has is the inner one's, as in PostgreSQL.
 */
import { conditionOf, equal } from './compare.ts';
import { scalar } from './context-values.ts';
import type { Environment, Row } from './environment.ts';
import { evaluate } from './expression.ts';
import { notePlanted } from './memory.ts';
import { binary } from './operators.ts';
import { and, capped, FALSE, not, type Outcome, or, TRUE } from './outcome.ts';
import { anyRow, firstColumn, rowsOf } from './query.ts';
import { as, list, namesOf, type Tree } from './tree.ts';
import { capAll, join, only, type Possible, truth } from './value.ts';

export function evaluateSubLink(env: Environment, body: Tree): Possible {
  const query = as(body.subselect, 'SelectStmt') ?? {};
  const inner: Environment = { ...env, within: [...env.within, 'select'] };
  const rows = rowsOf(inner, query);
  switch (body.subLinkType) {
    case 'EXISTS_SUBLINK':
      return truth(existence(env, rows, query));
    case 'ANY_SUBLINK':
      return truth(anyOf(env, body, rows));
    case 'ALL_SUBLINK':
      return truth(not(anyOf(env, { ...body, negated: true }, rows)));
    case 'ARRAY_SUBLINK': {
      const elements = join(...rows.map((row) => capAll(scalar(env, firstOf(row)), row.chance)));
      return only({ kind: 'array', elements, sparse: true });
    }
    default:
      return firstColumn(rows, alwaysOneRow(query));
  }
}

/** Without FROM there is one row; with an aggregate over everything too. */
function alwaysOneRow(query: Tree): boolean {
  return (
    list(query.fromClause).length === 0 &&
    query.whereClause === undefined &&
    query.op !== 'SETOP_UNION'
  );
}

function existence(env: Environment, rows: readonly Row[], query: Tree): Outcome {
  notePlanting(env, rows);
  const any = anyRow(rows);
  const certain =
    alwaysOneRow(query) ||
    (rows.length === 1 &&
      rows[0]?.colour === null &&
      rows[0].chance === 2 &&
      list(query.fromClause).length === 0);
  return { t: any.t, f: certain ? 0 : 2, n: 0, foreign: any.foreign, because: any.because };
}

/** Remembers which writable table a way through went by, for the report. */
function notePlanting(env: Environment, rows: readonly Row[]): void {
  const best = rows.reduce((most, row) => (row.chance > most ? row.chance : most), 0);
  if (best === 0 || rows.some((row) => row.chance === best && row.planted === null)) return;
  for (const row of rows) if (row.planted !== null) notePlanted(env.session, row.planted);
}

const firstOf = (row: Row): Possible => [...row.columns.values()][0] ?? [];

function anyOf(env: Environment, body: Tree, rows: readonly Row[]): Outcome {
  const names = namesOf(body.operName);
  const operator = names[names.length - 1] ?? '=';
  const left = evaluate(env, body.testexpr);
  let all: Outcome = FALSE;
  const through: Row[] = [];
  for (const row of rows) {
    let met = compareRow(env, operator, left, row);
    if (body.negated === true) met = not(met);
    const capped_ = capped(met, row.chance);
    if (capped_.t > 0) through.push({ ...row, chance: capped_.t });
    all = or(all, { ...capped_, foreign: row.colour === 'A' ? capped_.t : capped_.foreign });
  }
  notePlanting(env, through);
  // There may be no row at all, or none of these.
  return { ...all, f: 2 };
}

function compareRow(env: Environment, operator: string, left: Possible, row: Row): Outcome {
  const record = left.length === 1 && left[0]?.value.kind === 'record' ? left[0].value : undefined;
  if (record !== undefined && row.columns.size === record.fields.size && record.fields.size > 1) {
    const values = [...row.columns.values()];
    let all = TRUE;
    [...record.fields.values()].forEach((field, at) => {
      all = and(all, equal(scalar(env, field), scalar(env, values[at] ?? [])));
    });
    return all;
  }
  return conditionOf(
    binary(env, operator, undefined, scalar(env, left), scalar(env, firstOf(row))),
  );
}
