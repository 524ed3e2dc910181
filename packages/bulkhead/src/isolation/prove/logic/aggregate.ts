/**
 * What is computed over several rows at once: aggregates over all of them, over a group, over a window.
 *
 * Promises: every row that the query keeps and that may stand in the same group counts; so a group that
 * nothing ties to one tenant shows what other tenants' rows put into it.
 */
import { conditionOf, indistinct } from './compare.ts';
import { type Environment, type Row, withSources, withVariables } from './environment.ts';
import { condition, evaluate } from './expression.ts';
import { type Chance, capped, ERROR, FALSE, least, most, type Outcome, union } from './outcome.ts';
import { type Kept, nameOf } from './query.ts';
import {
  as,
  constantOf,
  isTree,
  list,
  oncePerTree,
  stringOf,
  type Tree,
  tagOf,
  textOf,
  walk,
} from './tree.ts';
import { capAll, foreignChance, join, NULL_VALUE, only, type Possible, truth } from './value.ts';

const AGGREGATES = new Set(
  `count sum avg min max bool_or bool_and every array_agg json_agg jsonb_agg string_agg json_object_agg
   jsonb_object_agg bit_or bit_and any_value stddev variance xmlagg percentile_cont percentile_disc mode`.split(
    /\s+/,
  ),
);
/** Tell a row's place among the others, and so how many there are. */
const PLACES = new Set('row_number rank dense_rank percent_rank cume_dist ntile'.split(' '));
const NEIGHBOURS = new Set('lag lead first_value last_value nth_value'.split(' '));

const nameOfCall = (body: Tree): string => {
  const names = list(body.funcname);
  return stringOf(names[names.length - 1]) ?? '';
};

const spansRows = (call: Tree): boolean =>
  call.over !== undefined || AGGREGATES.has(nameOfCall(call));

function holds(node: unknown, wanted: (call: Tree) => boolean): boolean {
  let found = false;
  walk(node, (tag, body) => {
    // A sub-select's aggregates are over its own rows.
    if (found || tag === 'SubLink') return false;
    if (tag === 'FuncCall' && wanted(body)) found = true;
    return undefined;
  });
  return found;
}

const aggregates = oncePerTree((tree) =>
  holds(tree, (call) => call.over === undefined && AGGREGATES.has(nameOfCall(call))),
);
const spanning = oncePerTree((tree) => holds(tree, spansRows));

export const hasAggregate = (node: unknown): boolean => isTree(node) && aggregates(node);

/** The single row of a query that boils all its rows down to one. */
export function aggregate(
  env: Environment,
  targets: readonly unknown[],
  having: unknown,
  kept: readonly Kept[],
): readonly Row[] {
  const columns = new Map<string, Possible>();
  const [sample] = kept;
  const at = sample === undefined ? env : withSources(env, sample.sources);
  targets.forEach((target, index) => {
    const body = as(target, 'ResTarget');
    const name = textOf(body?.name) ?? nameOf(body?.val) ?? `column${index + 1}`;
    const unique = columns.has(name) ? `${name} ${index + 1}` : name;
    columns.set(unique, evaluateOver(at, body?.val, { kept, one: undefined, windows: [] }));
  });
  const foreign = kept.find(isForeign);
  const met =
    having === undefined
      ? 2
      : conditionOf(evaluateOver(at, having, { kept, one: undefined, windows: [] })).t;
  if (met === 0) return [];
  return [
    {
      columns,
      chance: met,
      colour: null,
      from: foreign?.from ?? null,
      planted: null,
      because: foreign?.because ?? null,
    },
  ];
}

/** GROUP BY's expressions, with positions resolved; null when there is none. */
export function groupKeys(statement: Tree, targets: readonly unknown[]): readonly unknown[] | null {
  const clause = list(statement.groupClause);
  if (clause.length === 0) return null;
  // Of ROLLUP and its like some groups span everything.
  if (clause.some((item) => tagOf(item) === 'GroupingSet')) return [];
  return clause.map((item) => {
    const position = constantOf(item);
    const target = as(targets[Number(position ?? 0) - 1], 'ResTarget');
    return target?.val ?? item;
  });
}

export interface Span {
  readonly kept: readonly Kept[];
  /** The row that the expression stands on; undefined for an aggregate over everything. */
  readonly one: Kept | undefined;
  /** The query's named windows. */
  readonly windows: readonly unknown[];
}

/** The rows that may be in one group with this one, each with the chance that it is. */
export function peersOf(
  env: Environment,
  one: Kept,
  keys: readonly unknown[],
  kept: readonly Kept[],
) {
  const own = keys.map((key) => evaluate(withSources(env, one.sources), key));
  return kept.flatMap((other) => {
    const here = withSources(env, other.sources);
    const chance = keys.reduce<Chance>(
      (met, key, at) => least(met, indistinct(own[at] ?? [], evaluate(here, key)).t),
      other === one ? 2 : other.chance,
    );
    return chance === 0 ? [] : [{ ...other, chance: least(chance, other.chance) }];
  });
}

/** Evaluates an expression whose aggregates and window functions look at the rows of the span. */
export function evaluateOver(env: Environment, node: unknown, span: Span): Possible {
  if (!isTree(node) || !spanning(node)) return evaluate(env, node);
  const values = new Map<string, Possible>();
  const replaced = replaceCalls(node, (call) => {
    const name = ` over ${values.size}`;
    values.set(name, spanned(env, call, span));
    return { ColumnRef: { fields: [{ String: { sval: name } }] } };
  });
  return evaluate(withVariables(env, values), replaced);
}

function replaceCalls(node: unknown, by: (call: Tree) => unknown): unknown {
  if (Array.isArray(node)) return node.map((item) => replaceCalls(item, by));
  if (!isTree(node) || tagOf(node) === 'SubLink') return node;
  const call = as(node, 'FuncCall');
  if (call !== undefined && spansRows(call)) return by(call);
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, replaceCalls(value, by)]),
  );
}

function spanned(env: Environment, call: Tree, span: Span): Possible {
  const kept =
    call.over === undefined || span.one === undefined
      ? span.kept
      : peersOf(outside(env), span.one, partitionOf(call, span.windows), span.kept);
  const rows = kept.flatMap((row) => {
    const met =
      call.agg_filter === undefined
        ? 2
        : condition(withSources(outside(env), row.sources), call.agg_filter).t;
    return met === 0 ? [] : [{ ...row, chance: least(row.chance, met) }];
  });
  return overRows(outside(env), call, rows);
}

/** The scope without the row at hand, in which another row's can be put. */
const outside = (env: Environment): Environment => ({ ...env, scope: env.scope?.parent ?? null });

function partitionOf(call: Tree, windows: readonly unknown[]): readonly unknown[] {
  const own = (as(call.over, 'WindowDef') ?? call.over) as Tree | undefined;
  const name =
    textOf(own?.refname) ?? (own?.partitionClause === undefined ? textOf(own?.name) : undefined);
  const named = windows.flatMap((item) => {
    const window = as(item, 'WindowDef');
    return window !== undefined && name !== undefined && window.name === name ? [window] : [];
  })[0];
  return list(own?.partitionClause ?? named?.partitionClause);
}

function overRows(env: Environment, call: Tree, rows: readonly Kept[]): Possible {
  const name = nameOfCall(call);
  const [argument] = list(call.args);
  const over = (): Possible =>
    join(
      ...rows.map((row) => capAll(evaluate(withSources(env, row.sources), argument), row.chance)),
    );
  const foreign = rows.reduce<Chance>(
    (best, row) => most(best, isForeign(row) ? row.chance : 0),
    0,
  );
  if (name === 'count' || PLACES.has(name)) {
    const t = rows.reduce<Chance>((best, row) => most(best, row.chance), 0);
    const because = rows.find(isForeign)?.because ?? null;
    return only({ kind: 'count', any: { ...FALSE, t, foreign, because } });
  }
  if (/^(bool_or|bool_and|every)$/.test(name)) {
    let all: Outcome = ERROR;
    for (const row of rows) {
      const met = capped(condition(withSources(env, row.sources), argument), row.chance);
      all = union(all, { ...met, foreign: most(met.foreign, isForeign(row) ? met.t : 0) });
    }
    return join(truth(all), NULL_VALUE);
  }
  if (/^(array_agg|json_agg|jsonb_agg|string_agg)$/.test(name))
    return join(only({ kind: 'array', elements: over(), sparse: true }), NULL_VALUE);
  if (NEIGHBOURS.has(name) || AGGREGATES.has(name)) return join(over(), NULL_VALUE);
  return join(over(), NULL_VALUE);
}

const isForeign = (row: Kept): boolean =>
  row.colour === 'A' ||
  row.sources.some(({ row: { columns, chance } }) =>
    [...columns.values()].some((value) => least(chance, foreignChance(value)) === 2),
  );
