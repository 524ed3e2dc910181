/**
 * Queries that boil all their rows down to one: `count(*)`, `bool_or`, `array_agg`.
 */
import type { Environment, Row } from './environment.ts';
import { withSources } from './environment.ts';
import { condition, evaluate } from './expression.ts';
import { type Chance, capped, FALSE, least, most, type Outcome, or } from './outcome.ts';
import { anyRow, type Combination, nameOf } from './query.ts';
import { as, list, stringOf, textOf, walk } from './tree.ts';
import { capAll, foreignChance, join, NULL_VALUE, only, type Possible, truth } from './value.ts';

const AGGREGATES = new Set(
  `count sum avg min max bool_or bool_and every array_agg json_agg jsonb_agg string_agg json_object_agg
   jsonb_object_agg bit_or bit_and any_value stddev variance xmlagg percentile_cont percentile_disc mode`.split(
    /\s+/,
  ),
);

export function hasAggregate(node: unknown): boolean {
  let found = false;
  walk(node, (tag, body) => {
    if (tag === 'SubLink') return false;
    if (tag === 'FuncCall' && body.over === undefined && AGGREGATES.has(nameOfCall(body)))
      found = true;
    return undefined;
  });
  return found;
}

const nameOfCall = (body: Readonly<Record<string, unknown>>): string => {
  const names = list(body.funcname);
  return stringOf(names[names.length - 1]) ?? '';
};

/** The single row. Each aggregate is worked out over the rows that may pass. */
export function aggregate(
  env: Environment,
  targets: readonly unknown[],
  combinations: readonly Combination[],
  rows: readonly Row[],
): Row {
  void rows;
  const columns = new Map<string, Possible>();
  targets.forEach((target, at) => {
    const body = as(target, 'ResTarget');
    const name = textOf(body?.name) ?? nameOf(body?.val) ?? `column${at + 1}`;
    columns.set(
      columns.has(name) ? `${name} ${at + 1}` : name,
      aggregateValue(env, body?.val, combinations, rows),
    );
  });
  let foreign: Chance = 0;
  for (const value of columns.values()) foreign = most(foreign, foreignChance(value));
  return {
    columns,
    chance: 2,
    colour: null,
    from: rows.find((row) => row.colour === 'A')?.from ?? null,
    planted: null,
    because: rows.find((row) => row.colour === 'A')?.because ?? null,
  };
}

function aggregateValue(
  env: Environment,
  node: unknown,
  combinations: readonly Combination[],
  rows: readonly Row[],
): Possible {
  const call = as(node, 'FuncCall');
  const name = call === undefined ? '' : nameOfCall(call);
  const any = anyRow(rows);
  const exists: Outcome = { t: any.t, f: 2, n: 0, foreign: any.foreign, because: any.because };
  if (call !== undefined && name === 'count') return only({ kind: 'count', any: exists });
  const over = (argument: unknown): Possible => {
    const values: Possible[] = [];
    let at = 0;
    for (const row of rows) {
      const combination = combinations.find(
        (c, index) => index >= at && c.sources[0]?.row.columns === row.columns,
      );
      at = combination === undefined ? at : combinations.indexOf(combination) + 1;
      if (combination !== undefined)
        values.push(capAll(evaluate(withSources(env, combination.sources), argument), row.chance));
    }
    return join(...values);
  };
  if (call === undefined || !AGGREGATES.has(name)) {
    // An expression around aggregates: what they hold may come through.
    const inner: unknown[] = [];
    walk(node, (tag, body) => {
      if (tag === 'FuncCall' && AGGREGATES.has(nameOfCall(body))) inner.push({ FuncCall: body });
      return undefined;
    });
    const parts = inner.map((part) => aggregateValue(env, part, combinations, rows));
    const comparison = as(node, 'A_Expr');
    if (comparison !== undefined && parts.length === 1 && parts[0] !== undefined) {
      return withValue(env, node, inner[0], parts[0]);
    }
    return join(...parts);
  }
  const [argument] = list(call.args);
  if (/^(bool_or|bool_and|every)$/.test(name)) {
    let all: Outcome = FALSE;
    for (const combination of combinations) {
      const here = withSources(env, combination.sources);
      all = or(all, capped(condition(here, argument), least(combination.chance, 2)));
    }
    return join(truth(all), NULL_VALUE);
  }
  if (/^(array_agg|json_agg|jsonb_agg|string_agg)$/.test(name)) {
    return join(
      only({
        kind: 'array',
        elements: over(argument).map((a) => ({ ...a, chance: least(a.chance, 1) })),
      }),
      NULL_VALUE,
    );
  }
  return join(over(argument), NULL_VALUE);
}

/** The expression with an aggregate's value in its place. */
function withValue(
  env: Environment,
  node: unknown,
  aggregateNode: unknown,
  value: Possible,
): Possible {
  const target = as(aggregateNode, 'FuncCall');
  const replaced = JSON.parse(
    JSON.stringify(node, (_key, item: unknown) =>
      as(item, 'FuncCall') === target && target !== undefined
        ? { ColumnRef: { fields: [{ String: { sval: AGGREGATE_NAME } }] } }
        : item,
    ),
  ) as unknown;
  const scope = { sources: [], variables: new Map([[AGGREGATE_NAME, value]]), parent: env.scope };
  return evaluate({ ...env, scope }, replaced);
}

const AGGREGATE_NAME = ' aggregate';
