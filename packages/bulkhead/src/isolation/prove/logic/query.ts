/**
 * The rows that a query may yield, found by trying every combination of whose rows its sources hold.
 *
 * Promises: a combination is left out only when its conditions cannot be true. What a query does not filter
 * by tenant therefore shows up as a row that comes from tenant A.
 */

import {
  aggregate,
  evaluateOver,
  groupKeys,
  hasAggregate,
  peersOf,
  type Span,
} from './aggregate.ts';
import { conditionOf, indistinct } from './compare.ts';
import { type Environment, type Row, type Source, withSources } from './environment.ts';
import { condition, evaluate } from './expression.ts';
import { fromItem } from './from-clause.ts';
import { type Chance, least, most } from './outcome.ts';
import { spend } from './too-large.ts';
import { as, columnNames, list, type Tree, tagOf, textOf, walk } from './tree.ts';
import { capAll, foreignChance, join, NULL_VALUE, opaque, type Possible } from './value.ts';
import { runStatement } from './write-statement.ts';

/** One combination of source rows that meets its join conditions so far. */
export interface Combination {
  readonly sources: readonly Source[];
  readonly chance: Chance;
  readonly because: string | null;
}

/** Rows of a SELECT, VALUES, or set operation. `statement` is the SelectStmt's body. */
export function rowsOf(env: Environment, statement: Tree): readonly Row[] {
  const inner = withCtes(env, statement);
  if (statement.op !== undefined && statement.op !== 'SETOP_NONE')
    return setOperation(inner, statement);
  const values = list(statement.valuesLists);
  if (values.length > 0) return values.map((row) => valuesRow(inner, list(row)));
  const targets = list(statement.targetList);
  const kept = keep(inner, statement);
  const keys = groupKeys(statement, targets);
  const having = statement.havingClause;
  if (keys === null && (having !== undefined || targets.some((target) => hasAggregate(target))))
    return aggregate(inner, targets, having, kept);
  return kept.flatMap((one): readonly Row[] => {
    const at = withSources(inner, one.sources);
    const rows = keys === null ? kept : peersOf(inner, one, keys, kept);
    const span: Span = { kept: rows, one, windows: list(statement.windowClause) };
    const met = having === undefined ? 2 : conditionOf(evaluateOver(at, having, span)).t;
    const chance = least(one.chance, met);
    const { sources, ...row } = one;
    return chance === 0 ? [] : [{ ...row, chance, columns: outputs(at, targets, sources, span) }];
  });
}

/** A combination that meets the WHERE clause, and whose row it makes. */
export interface Kept extends Omit<Row, 'columns'> {
  readonly sources: readonly Source[];
}

function keep(env: Environment, statement: Tree): readonly Kept[] {
  return combine(env, statement).flatMap((combination): readonly Kept[] => {
    const at = withSources(env, combination.sources);
    const met = statement.whereClause === undefined ? null : condition(at, statement.whereClause);
    const chance = met === null ? combination.chance : least(combination.chance, met.t);
    if (chance === 0) return [];
    const { sources } = combination;
    return [{ ...describe(combination, chance, met?.because ?? combination.because), sources }];
  });
}

function describe(
  combination: Combination,
  chance: Chance,
  because: string | null,
): Omit<Row, 'columns'> {
  const foreign = combination.sources.find((source) => source.row.colour === 'A');
  const planted = combination.sources.find((source) => source.row.planted !== null);
  const colour =
    foreign !== undefined
      ? 'A'
      : (combination.sources.find((s) => s.row.colour !== null)?.row.colour ?? null);
  return {
    chance,
    colour,
    from: foreign?.row.from ?? null,
    planted: planted?.row.planted ?? null,
    because,
  };
}

/** FROM's items, every combination of their rows. */
export function combine(env: Environment, statement: Tree): readonly Combination[] {
  let all: readonly Combination[] = [{ sources: [], chance: 2, because: null }];
  const conditions = conjuncts(statement.whereClause);
  for (const item of list(statement.fromClause)) {
    all = product(env, all, item);
    if (all.length > COMBINATIONS_MANY) all = narrowed(env, all, conditions);
  }
  return all;
}

/** From here on it pays to ask what the WHERE clause says before every table is there. */
const COMBINATIONS_MANY = 24;

function conjuncts(clause: unknown): readonly unknown[] {
  const both = as(clause, 'BoolExpr');
  if (both?.boolop !== 'AND_EXPR') return clause === undefined ? [] : [clause];
  return list(both.args).flatMap(conjuncts);
}

/** Leaves out what cannot meet a condition that speaks of the tables so far alone. */
function narrowed(
  env: Environment,
  all: readonly Combination[],
  conditions: readonly unknown[],
): readonly Combination[] {
  const present = new Set(all[0]?.sources.map(({ alias }) => alias));
  const ready = conditions.filter((one) => {
    const names = aliasesIn(one);
    return names?.every((name) => present.has(name)) === true;
  });
  if (ready.length === 0) return all;
  return all.filter(({ sources }) => {
    const at = withSources(env, sources);
    return ready.every((one) => condition(at, one).t > 0);
  });
}

/** The tables that a condition names; null where it may name others, or do more than compare. */
function aliasesIn(node: unknown): readonly string[] | null {
  const names = new Set<string>();
  let isPlain = true;
  walk(node, (tag, body) => {
    if (tag === 'SubLink' || tag === 'FuncCall') isPlain = false;
    if (tag !== 'ColumnRef') return undefined;
    const [alias, column] = columnNames(body).slice(-2);
    if (alias === undefined || column === undefined) isPlain = false;
    else names.add(alias);
    return undefined;
  });
  return isPlain && names.size > 0 ? [...names] : null;
}

export function product(
  env: Environment,
  left: readonly Combination[],
  item: unknown,
): readonly Combination[] {
  const all: Combination[] = [];
  // A LATERAL item sees those before it; one without references comes out alike for all of them.
  const lateral = needsLeft(item);
  const shared = lateral ? undefined : fromItem(env, item);
  for (const before of left) {
    const after = shared ?? fromItem(withSources(env, before.sources), item);
    for (const one of after) {
      all.push({
        sources: [...before.sources, ...one.sources],
        chance: least(before.chance, one.chance),
        because: before.because ?? one.because,
      });
    }
    spend(env, after.length);
  }
  return all;
}

function needsLeft(item: unknown): boolean {
  const tag = tagOf(item);
  if (tag === 'RangeFunction') return true;
  return tag === 'RangeSubselect' && as(item, 'RangeSubselect')?.lateral === true;
}

function outputs(
  env: Environment,
  targets: readonly unknown[],
  sources: readonly Source[],
  span: Span,
): ReadonlyMap<string, Possible> {
  const columns = new Map<string, Possible>();
  targets.forEach((target, at) => {
    const body = as(target, 'ResTarget');
    if (body === undefined) return;
    const star = starOf(body.val);
    if (star !== undefined) {
      for (const source of sources) {
        if (star !== null && source.alias !== star) continue;
        for (const [name, value] of source.row.columns) {
          if (!SYSTEM.has(name) && !columns.has(name)) columns.set(name, value);
        }
      }
      return;
    }
    const name = textOf(body.name) ?? nameOf(body.val) ?? `column${at + 1}`;
    columns.set(columns.has(name) ? `${name} ${at + 1}` : name, evaluateOver(env, body.val, span));
  });
  return columns;
}

const SYSTEM = new Set(['ctid', 'tableoid', 'xmin']);

/** null: a bare star; a name: `alias.*`. */
function starOf(node: unknown): string | null | undefined {
  const fields = list(as(node, 'ColumnRef')?.fields);
  if (tagOf(fields[fields.length - 1]) !== 'A_Star') return undefined;
  return fields.length === 1
    ? null
    : (textOf(as(fields[fields.length - 2], 'String')?.sval) ?? null);
}

export function nameOf(node: unknown): string | undefined {
  const fields = list(as(node, 'ColumnRef')?.fields);
  if (fields.length > 0) return textOf(as(fields[fields.length - 1], 'String')?.sval);
  const call = list(as(node, 'FuncCall')?.funcname);
  if (call.length > 0) return textOf(as(call[call.length - 1], 'String')?.sval);
  const inner = as(node, 'TypeCast')?.arg;
  return inner === undefined ? undefined : nameOf(inner);
}

function valuesRow(env: Environment, items: readonly unknown[]): Row {
  const columns = new Map(
    items.map((item, at) => [`column${at + 1}`, evaluate(env, item)] as const),
  );
  return { columns, chance: 2, colour: null, from: null, planted: null, because: null };
}

function withCtes(env: Environment, statement: Tree): Environment {
  const clause =
    as(statement.withClause, 'WithClause') ?? (statement.withClause as Tree | undefined);
  const ctes = list(clause?.ctes);
  if (ctes.length === 0) return env;
  const known = new Map(env.ctes);
  for (const item of ctes) {
    const cte = as(item, 'CommonTableExpr');
    const name = textOf(cte?.ctename);
    const query = as(cte?.ctequery, 'SelectStmt');
    if (name === undefined) continue;
    const inside: Environment = { ...env, ctes: known };
    if (query === undefined) {
      known.set(name, renamed(runStatement(inside, cte?.ctequery), list(cte?.aliascolnames)));
      continue;
    }
    if (clause?.recursive === true) {
      // Its first part starts it; the second is followed once with those rows, which finds any table it reads.
      const first = as(query.larg, 'SelectStmt') ?? (query.larg as Tree | undefined);
      known.set(
        name,
        first === undefined ? [] : renamed(rowsOf(inside, first), list(cte?.aliascolnames)),
      );
    }
    known.set(name, renamed(rowsOf(inside, query), list(cte?.aliascolnames)));
  }
  return { ...env, ctes: known };
}

export function unknownRow(doubt: string): Row {
  return {
    columns: new Map([['?', opaque(doubt)]]),
    chance: 1,
    colour: null,
    from: null,
    planted: null,
    because: doubt,
  };
}

export function renamed(rows: readonly Row[], names: readonly unknown[]): readonly Row[] {
  if (names.length === 0) return rows;
  const given = names.map((name) => textOf(as(name, 'String')?.sval) ?? '');
  return rows.map((row) => ({
    ...row,
    columns: new Map(
      [...row.columns].map(([name, value], at) => [given[at] || name, value] as const),
    ),
  }));
}

function setOperation(env: Environment, statement: Tree): readonly Row[] {
  const left = rowsOf(env, (as(statement.larg, 'SelectStmt') ?? statement.larg ?? {}) as Tree);
  const right = rowsOf(env, (as(statement.rarg, 'SelectStmt') ?? statement.rarg ?? {}) as Tree);
  if (statement.op === 'SETOP_UNION') {
    const names = [...(left[0]?.columns.keys() ?? [])];
    const aligned = right.map((row) => ({
      ...row,
      columns: new Map(
        [...row.columns].map(([name, value], at) => [names[at] ?? name, value] as const),
      ),
    }));
    return [...left, ...aligned];
  }
  // EXCEPT only narrows the left side, by how much is left open; INTERSECT wants a row like it on the right.
  if (statement.op !== 'SETOP_INTERSECT') return left;
  return left.flatMap((row) => {
    const met = right.reduce<Chance>((best, other) => most(best, sameRow(row, other)), 0);
    return met === 0 ? [] : [{ ...row, chance: least(row.chance, met) }];
  });
}

function sameRow(a: Row, b: Row): Chance {
  const others = [...b.columns.values()];
  return [...a.columns.values()].reduce<Chance>(
    (met, value, at) => least(met, indistinct(value, others[at] ?? []).t),
    b.chance,
  );
}

/** Chance that any row comes out, and that another tenant's rows decide it. */
export function anyRow(rows: readonly Row[]): {
  t: Chance;
  foreign: Chance;
  because: string | null;
} {
  let t: Chance = 0;
  let foreign: Chance = 0;
  let because: string | null = null;
  for (const row of rows) {
    if (row.chance > t) because = row.because;
    t = most(t, row.chance);
    if (row.colour === 'A') foreign = most(foreign, row.chance);
  }
  return { t, foreign, because };
}

/** The one column of rows, as alternatives; null too, since there may be no row. */
export function firstColumn(rows: readonly Row[], always: boolean): Possible {
  const values = rows.map((row) => {
    const [value] = row.columns.values();
    return capAll(value ?? opaque('a row without columns'), row.chance);
  });
  return always ? join(...values) : join(...values, NULL_VALUE);
}

export const rowForeign = (row: Row): Chance =>
  row.colour === 'A'
    ? row.chance
    : [...row.columns.values()].reduce<Chance>(
        (most_, v) => most(most_, least(row.chance, foreignChance(v))),
        0,
      );
