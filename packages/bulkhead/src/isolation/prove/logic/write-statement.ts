/**
 * INSERT, UPDATE, DELETE and MERGE inside functions: whose rows they touch.
 *
 * Promises: what a statement does to rows of tenant A, or in A's name, is written into `env.effects`; its
 * RETURNING rows are given back.
 */
import type { Relation } from '../catalog/model.ts';
import { colouringOf } from './colouring.ts';
import { setSetting } from './context-values.ts';
import type { Effect, Environment, Row, Source } from './environment.ts';
import { withSources } from './environment.ts';
import { condition, evaluate } from './expression.ts';
import { fromItem, rowsOfRelation } from './from-clause.ts';
import { type Chance, least, most } from './outcome.ts';
import { type Combination, combine, rowForeign, rowsOf } from './query.ts';
import { rowPasses } from './row-security.ts';
import { findRelation } from './search-path.ts';
import { isTenantData, tableRow } from './table-rows.ts';
import { as, constantOf, expressionOf, list, type Tree, tagOf, textOf } from './tree.ts';
import { constant, foreignChance, type Possible } from './value.ts';

export function runStatement(env: Environment, statement: unknown): readonly Row[] {
  const tag = tagOf(statement);
  const body = as(statement, tag ?? '') ?? {};
  switch (tag) {
    case 'SelectStmt':
      return rowsOf(env, body);
    case 'InsertStmt':
      return insert(env, body);
    case 'UpdateStmt':
      return change(env, body, 'update');
    case 'DeleteStmt':
      return change(env, body, 'delete');
    case 'MergeStmt':
      return merge(env, body);
    case 'VariableSetStmt': {
      const value = constantOf(list(body.args)[0]);
      const name = textOf(body.name)?.toLowerCase() ?? '';
      if (typeof value === 'string') setSetting(env, name, constant(value));
      return [];
    }
    case 'TruncateStmt':
      for (const item of list(body.relations)) {
        const relation = target(env, item);
        if (relation !== undefined && isTenantData(env, relation)) {
          effect(env, { what: 'delete', relation, chance: 2, because: 'it truncates the table' });
        }
      }
      return [];
    default:
      return [];
  }
}

function target(env: Environment, node: unknown): Relation | undefined {
  const range = as(node, 'RangeVar') ?? (node as Tree | undefined);
  const name = textOf(range?.relname);
  return name === undefined ? undefined : findRelation(env, textOf(range?.schemaname), name);
}

const aliasOf = (node: unknown, fallback: string): string => {
  const range = as(node, 'RangeVar') ?? (node as Tree | undefined);
  const alias = as(range?.alias, 'Alias') ?? (range?.alias as Tree | undefined);
  return textOf(alias?.aliasname) ?? fallback;
};

function effect(env: Environment, found: Effect): void {
  if (found.chance > 0) env.effects?.push(found);
}

function insert(env: Environment, body: Tree): readonly Row[] {
  const relation = target(env, body.relation);
  if (relation === undefined) return intoUnknown(env, body);
  const names = list(body.cols).flatMap((column) => textOf(as(column, 'ResTarget')?.name) ?? []);
  const given = names.length > 0 ? names : relation.columns.map((column) => column.name);
  const select = as(body.selectStmt, 'SelectStmt');
  const rows = select === undefined ? [] : rowsOf(env, select);
  const inserted: Row[] = [];
  for (const row of rows) {
    const values = [...row.columns.values()];
    const columns = new Map(tableRow(env, relation, 'B').columns);
    for (const column of relation.columns) {
      const at = given.indexOf(column.name);
      if (at >= 0 && values[at] !== undefined) columns.set(column.name, values[at]);
      else if (column.default !== null)
        columns.set(column.name, evaluate({ ...env, scope: null }, expressionOf(column.default)));
    }
    const made: Row = { ...row, columns, from: null, colour: 'B' };
    const passed = rowPasses(env, relation, made, 'insert', 'check');
    const chance = least(row.chance, passed.t);
    if (isTenantData(env, relation)) {
      const named = namesAnother(env, relation, columns);
      effect(env, {
        what: 'insert',
        relation,
        chance: least(chance, named),
        because: `it inserts into ${relation.name} for a tenant that its caller names`,
      });
    } else copied(env, relation, row, chance);
    inserted.push({ ...made, chance });
  }
  upsert(env, body, relation);
  return returning(
    env,
    body,
    inserted.map((row) => [{ alias: aliasOf(body.relation, relation.name), row }]),
  );
}

/** A table that its caller names, or a temporary one: whoever named it reads it. */
function intoUnknown(env: Environment, body: Tree): readonly Row[] {
  const select = as(body.selectStmt, 'SelectStmt');
  for (const row of select === undefined ? [] : rowsOf(env, select)) {
    const because = "it copies other tenants' rows into a table that is not theirs";
    effect(env, { what: 'message', relation: null, chance: rowForeign(row), because });
  }
  return [];
}

/** Another tenant's values put into a table that keeps nobody apart. */
function copied(env: Environment, relation: Relation, row: Row, chance: Chance): void {
  for (const value of row.columns.values()) {
    const because = `it copies tenants' rows into ${relation.name}`;
    effect(env, { what: 'copy', relation, chance: least(chance, foreignChance(value)), because });
  }
}

/** ON CONFLICT DO UPDATE may hit another tenant's row when the key in conflict is not the tenant's own. */
function upsert(env: Environment, body: Tree, relation: Relation): void {
  const clause =
    as(body.onConflictClause, 'OnConflictClause') ?? (body.onConflictClause as Tree | undefined);
  if (clause?.action !== 'ONCONFLICT_UPDATE' || !isTenantData(env, relation)) return;
  const infer = as(clause.infer, 'InferClause') ?? (clause.infer as Tree | undefined);
  const keyed = list(infer?.indexElems).flatMap(
    (item) => textOf(as(item, 'IndexElem')?.name) ?? [],
  );
  const colouring = colouringOf(env.session.world, relation);
  if (keyed.length === 0 || keyed.some((name) => colouring.get(name) === 'tenant')) return;
  for (const row of rowsOfRelation(env, relation)) {
    if (row.colour !== 'A') continue;
    const at = withSources(env, [{ alias: relation.name, row }]);
    const met =
      clause.whereClause === undefined
        ? row.chance
        : least(row.chance, condition(at, clause.whereClause).t);
    effect(env, {
      what: 'update',
      relation,
      chance: met,
      because: 'its ON CONFLICT clause updates whatever row has the key',
    });
  }
}

/** The chance that a new row bears another tenant's colour in the columns that say whose it is. */
function namesAnother(
  env: Environment,
  relation: Relation,
  columns: ReadonlyMap<string, Possible>,
): Chance {
  let chance: Chance = 0;
  for (const [name, role] of colouringOf(env.session.world, relation)) {
    if (role !== 'tenant') continue;
    for (const { value, chance: here } of columns.get(name) ?? []) {
      const foreign =
        (value.kind === 'coloured' && value.colour === 'A') ||
        (value.kind === 'chosen' && value.colour !== 'B' && value.colour !== 'N');
      if (foreign) chance = most(chance, here);
      else if (value.kind === 'opaque') chance = most(chance, least(here, 1));
    }
  }
  return chance;
}

function change(env: Environment, body: Tree, what: 'update' | 'delete'): readonly Row[] {
  const relation = target(env, body.relation);
  if (relation === undefined) return [];
  const alias = aliasOf(body.relation, relation.name);
  const others = list(what === 'update' ? body.fromClause : body.usingClause);
  const changed: (readonly Source[])[] = [];
  for (const row of rowsOfRelation({ ...env, within: env.within }, relation)) {
    const own: Source = { alias, row };
    const at = withSources(env, [own]);
    const combinations: readonly Combination[] =
      others.length === 0
        ? [{ sources: [], chance: 2, because: null }]
        : combine(at, { fromClause: others });
    for (const combination of combinations) {
      const here = withSources(env, [own, ...combination.sources]);
      const kept = body.whereClause === undefined ? null : condition(here, body.whereClause);
      const bound = rowPasses(env, relation, row, what, 'using').t;
      const chance = least(
        least(row.chance, bound),
        least(combination.chance, kept === null ? 2 : kept.t),
      );
      if (chance === 0) continue;
      if (row.colour === 'A') {
        effect(env, {
          what,
          relation,
          chance,
          because: `it ${what}s rows of ${relation.name} that may be another tenant's`,
        });
      } else if (what === 'update' && row.colour === 'B') {
        givesAway(here, body, relation, chance);
      }
      changed.push([{ alias, row: { ...row, chance } }, ...combination.sources]);
    }
  }
  return returning(env, body, changed);
}

/** UPDATE … SET tenant_id = what the caller names. */
function givesAway(env: Environment, body: Tree, relation: Relation, chance: Chance): void {
  const colouring = colouringOf(env.session.world, relation);
  for (const item of list(body.targetList)) {
    const assigned = as(item, 'ResTarget');
    const name = textOf(assigned?.name) ?? '';
    if (colouring.get(name) !== 'tenant') continue;
    const named = namesAnother(env, relation, new Map([[name, evaluate(env, assigned?.val)]]));
    effect(env, {
      what: 'update',
      relation,
      chance: least(chance, named),
      because: `it gives rows of ${relation.name} to a tenant that its caller names`,
    });
  }
}

function merge(env: Environment, body: Tree): readonly Row[] {
  const relation = target(env, body.relation);
  if (relation === undefined) return [];
  const sources = fromItem(env, body.sourceRelation);
  const actions = list(body.mergeWhenClauses).flatMap((item): readonly Tree[] => {
    const clause = as(item, 'MergeWhenClause');
    return clause === undefined ? [] : [clause];
  });
  const changes = actions.filter(
    (a) => a.commandType === 'CMD_UPDATE' || a.commandType === 'CMD_DELETE',
  );
  for (const row of rowsOfRelation(env, relation)) {
    if (row.colour !== 'A' || changes.length === 0) continue;
    for (const source of sources) {
      const here = withSources(env, [
        { alias: aliasOf(body.relation, relation.name), row },
        ...source.sources,
      ]);
      const met = condition(here, body.joinCondition).t;
      effect(env, {
        what: 'update',
        relation,
        chance: least(row.chance, least(source.chance, met)),
        because: `its MERGE changes rows of ${relation.name} that may be another tenant's`,
      });
    }
  }
  return [];
}

function returning(
  env: Environment,
  body: Tree,
  changed: readonly (readonly Source[])[],
): readonly Row[] {
  const clause =
    as(body.returningClause, 'ReturningClause') ?? (body.returningClause as Tree | undefined);
  const targets = list(body.returningList ?? clause?.exprs);
  if (targets.length === 0) return [];
  return changed.map((sources) => {
    const [first] = sources;
    const at = withSources(env, sources);
    const columns = new Map<string, Possible>();
    targets.forEach((item, index) => {
      const val = as(item, 'ResTarget')?.val;
      const fields = list(as(val, 'ColumnRef')?.fields);
      if (tagOf(fields[fields.length - 1]) === 'A_Star') {
        for (const [name, value] of first?.row.columns ?? []) columns.set(name, value);
      } else
        columns.set(textOf(as(item, 'ResTarget')?.name) ?? `column${index + 1}`, evaluate(at, val));
    });
    const row = first?.row;
    return {
      columns,
      chance: row?.chance ?? 2,
      colour: row?.colour ?? null,
      from: row?.from ?? null,
      planted: null,
      because: row?.because ?? null,
    };
  });
}
