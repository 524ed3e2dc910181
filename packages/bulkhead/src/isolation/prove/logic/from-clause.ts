/**
 * What a FROM clause's item may yield: tables with their policies applied, views, joins, functions.
 */
import type { Relation } from '../catalog/model.ts';
import { equal } from './compare.ts';
import { type Environment, type Row, settingsOf, withSources } from './environment.ts';
import { condition } from './expression.ts';
import { callSetReturning } from './function-call.ts';
import { circumstances, distinctRows, Renaming } from './identities.ts';
import { isUnderWay, noteLeanedOn, remembered } from './memory.ts';
import { least, type Outcome, TRUE } from './outcome.ts';
import { plantedRows } from './planting.ts';
import { type Combination, product, renamed, rowsOf, unknownRow } from './query.ts';
import { isBoundByRowSecurity, mayRead } from './role-rights.ts';
import { rowPasses } from './row-security.ts';
import { findRelation } from './search-path.ts';
import { coloursOf, isTenantData, tableRow } from './table-rows.ts';
import { spend } from './too-large.ts';
import { as, list, statementsOf, stringOf, type Tree, textOf } from './tree.ts';
import { NULL_VALUE, only } from './value.ts';

export function fromItem(env: Environment, item: unknown): readonly Combination[] {
  const range = as(item, 'RangeVar');
  if (range !== undefined) {
    const name = textOf(range.relname) ?? '';
    const schema = textOf(range.schemaname);
    const cte = schema === undefined ? env.ctes.get(name) : undefined;
    const rows = cte ?? relationRows(env, schema, name);
    return aliased(rows, range.alias, name);
  }
  const select = as(item, 'RangeSubselect');
  if (select !== undefined) {
    const query = as(select.subquery, 'SelectStmt') ?? {};
    return aliased(distinctRows(rowsOf(env, query)), select.alias, '');
  }
  const call = as(item, 'RangeFunction');
  if (call !== undefined) {
    const first = list(list(call.functions)[0])[0];
    const called = callSetReturning(env, first);
    const rows = call.ordinality === true ? called.map(numbered) : called;
    const alias = aliasOf(call.alias);
    const single =
      alias !== undefined &&
      list((call.alias as Tree | undefined)?.colnames).length === 0 &&
      rows.every((row) => row.columns.size === 1);
    // `unnest(x) AS t` names the column t as well.
    return aliased(
      single ? renamed(rows, [{ String: { sval: alias } }]) : rows,
      call.alias,
      functionName(first),
    );
  }
  const join = as(item, 'JoinExpr');
  if (join !== undefined) return joinRows(env, join);
  return [
    {
      sources: [{ alias: '', row: unknownRow('a kind of FROM item') }],
      chance: 1,
      because: 'a kind of FROM item',
    },
  ];
}

/** WITH ORDINALITY. */
const numbered = (row: Row): Row => {
  const place = { identity: 'ordinality', type: 'bigint', colour: null, nullable: false } as const;
  const columns = new Map(row.columns).set('ordinality', only({ kind: 'free', ...place }));
  return { ...row, columns };
};

const functionName = (node: unknown): string => {
  const names = list(as(node, 'FuncCall')?.funcname);
  return stringOf(names[names.length - 1]) ?? '';
};

const aliasOf = (alias: unknown): string | undefined =>
  textOf((as(alias, 'Alias') ?? (alias as Tree | undefined))?.aliasname);

function aliased(rows: readonly Row[], alias: unknown, name: string): readonly Combination[] {
  const body = as(alias, 'Alias') ?? (alias as Tree | undefined);
  const given = renamed(rows, list(body?.colnames));
  return given.map((row) => ({
    sources: [{ alias: aliasOf(alias) ?? name, row }],
    chance: row.chance,
    because: row.because,
  }));
}

/** The rows of a table or view that this role may see. */
export function relationRows(
  env: Environment,
  schema: string | undefined,
  name: string,
): readonly Row[] {
  const relation = findRelation(env, schema, name);
  if (relation === undefined) {
    if (
      schema === 'pg_catalog' ||
      schema === 'information_schema' ||
      (schema === undefined && name.startsWith('pg_'))
    ) {
      return [catalogRow()];
    }
    return [unknownRow(`the relation ${name}`)];
  }
  return rowsOfRelation(env, relation);
}

/** Of the server's own catalog: no tenant's, columns unknown. */
const catalogRow = (): Row => unknownRow('a table of the catalog');

export function rowsOfRelation(env: Environment, relation: Relation): readonly Row[] {
  const { world } = env.session;
  // Permission denied: the statement fails.
  if (!mayRead(world, env.role, relation)) return [];
  if (relation.kind === 'view' && relation.definition !== null) return viewRows(env, relation);
  const rows: Row[] = [];
  const nested = env.within.length > 0;
  const shapes = coloursOf(env, relation).map((colour) => tableRow(env, relation, colour));
  if (nested && isTenantData(env, relation)) shapes.push(...plantedRows(env, relation));
  for (const row of shapes) {
    const passed: Outcome =
      relation.kind === 'matview' ? TRUE : rowPasses(env, relation, row, 'select', 'using');
    const chance = least(row.chance, passed.t);
    if (chance > 0) rows.push({ ...row, chance, because: passed.because });
  }
  if (
    nested &&
    rows.some((row) => row.colour === 'A') &&
    !isBoundByRowSecurity(world, env.role, relation)
  ) {
    noteLeanedOn(env.session, relation);
  }
  return rows;
}

/** A view reads its tables as its owner, or as whoever asks when it has `security_invoker`. */
function viewRows(env: Environment, view: Relation): readonly Row[] {
  const mark = `view ${view.oid}`;
  if (isUnderWay(env, mark)) return [];
  const invoker = isInvoker(view);
  // Not the outer view's owner: PostgreSQL marks only a view's own tables with its owner.
  const role = invoker ? env.user : view.owner;
  const query = as(statementsOf(view.definition ?? '')?.[0], 'SelectStmt');
  if (query === undefined) return [unknownRow(`the view ${view.name}`)];
  const inside: Environment = {
    ...env,
    role,
    scope: null,
    ctes: new Map(),
    searchPath: null,
    settings: settingsOf(env),
    within: [...env.within, mark],
  };
  const key = `${mark} ${circumstances(inside)}`;
  const rows = remembered(inside, key, () => distinctRows(rowsOf(inside, query)));
  spend(env, rows.length);
  // Two uses of a view are two rows.
  const renaming = new Renaming(env.session);
  return rows.map(renaming.row);
}

export function isInvoker(view: Relation): boolean {
  return /^(true|on|1|yes)$/i.test(view.options.get('security_invoker') ?? '');
}

function joinRows(env: Environment, join: Tree): readonly Combination[] {
  const kind = String(join.jointype ?? 'JOIN_INNER');
  const left = fromItem(env, join.larg);
  const both = product(env, left, join.rarg);
  const kept: Combination[] = [];
  for (const combination of both) {
    const met = joined(env, join, combination, left[0]?.sources.length ?? 0);
    const chance = least(combination.chance, met.t);
    if (chance > 0)
      kept.push({ ...combination, chance, because: met.because ?? combination.because });
  }
  const outer: Combination[] = [];
  if (kind === 'JOIN_LEFT' || kind === 'JOIN_FULL') {
    const blank = blankOf(both, left[0]?.sources.length ?? 0, 'right');
    for (const one of left) outer.push({ ...one, sources: [...one.sources, ...blank] });
  }
  if (kind === 'JOIN_RIGHT' || kind === 'JOIN_FULL') {
    const blank = blankOf(both, left[0]?.sources.length ?? 0, 'left');
    for (const one of fromItem(env, join.rarg))
      outer.push({ ...one, sources: [...blank, ...one.sources] });
  }
  return [...kept, ...outer];
}

function joined(
  env: Environment,
  join: Tree,
  combination: Combination,
  leftCount: number,
): Outcome {
  const using = list(join.usingClause).flatMap((name) => stringOf(name) ?? []);
  if (using.length > 0) {
    const left = combination.sources.slice(0, leftCount);
    const right = combination.sources.slice(leftCount);
    let all = TRUE;
    for (const name of using) {
      const a = left.find((s) => s.row.columns.has(name))?.row.columns.get(name);
      const b = right.find((s) => s.row.columns.has(name))?.row.columns.get(name);
      if (a !== undefined && b !== undefined) {
        const met = equal(a, b);
        all = { ...all, t: least(all.t, met.t), because: all.because ?? met.because };
      }
    }
    return all;
  }
  if (join.quals === undefined) return TRUE;
  return condition(withSources(env, combination.sources), join.quals);
}

/** The null-extended side of an outer join. */
function blankOf(both: readonly Combination[], leftCount: number, side: 'left' | 'right') {
  const sample = both[0];
  if (sample === undefined) return [];
  const sources =
    side === 'right' ? sample.sources.slice(leftCount) : sample.sources.slice(0, leftCount);
  return sources.map((source) => ({
    alias: source.alias,
    row: {
      ...source.row,
      columns: new Map([...source.row.columns.keys()].map((name) => [name, NULL_VALUE] as const)),
      colour: null,
      from: null,
      planted: null,
      because: null,
    },
  }));
}
