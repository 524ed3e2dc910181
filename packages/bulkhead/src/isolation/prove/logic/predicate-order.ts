/**
 * In which order the planner may run a view's own filter and a predicate that its caller adds.
 *
 * Promises: false only where PostgreSQL 15 to 18 keep the predicate out until the filter has run: behind a
 * security barrier, a LIMIT, a materialized CTE, or an aggregate or window that spans all rows.
 */
import type { Oid, Relation } from '../catalog/model.ts';
import type { World } from '../world.ts';
import { hasAggregate } from './aggregate.ts';
import { type Environment, newEnvironment, type Session } from './environment.ts';
import { isInvoker } from './from-clause.ts';
import { rowsOf } from './query.ts';
import { findRelation } from './search-path.ts';
import { as, list, statementsOf, type Tree, textOf, walk } from './tree.ts';

/**
 * Does the view's own filter alone keep rows apart, where the planner may run a predicate of the caller's before
 * it?
 */
export function letsPredicatesIn(world: World, session: Session, view: Relation): boolean {
  const role = isInvoker(view) ? world.surface.role.oid : view.owner;
  const env = { ...newEnvironment(session, role), user: world.surface.role.oid };
  return viewLets(env, view, new Set());
}

/** Each view is looked at once, however many views stand above it. */
function viewLets(env: Environment, view: Relation, seen: Set<Oid>): boolean {
  const query = as(statementsOf(view.definition ?? '')?.[0], 'SelectStmt');
  if (query === undefined || seen.has(view.oid)) return false;
  seen.add(view.oid);
  // The planner takes the arms of a UNION ALL apart before it looks for a barrier.
  if (isBarrier(view) && !isUnionAll(query)) return false;
  const role = isInvoker(view) ? env.user : view.owner;
  return queryLets({ ...env, role }, query, seen);
}

const isUnionAll = (query: Tree): boolean => query.op === 'SETOP_UNION' && query.all === true;

/** May a predicate over the query's columns meet rows that the query itself leaves out? */
function queryLets(env: Environment, query: Tree, seen: Set<Oid>): boolean {
  const arms = [query.larg, query.rarg].flatMap((arm) => as(arm, 'SelectStmt') ?? arm ?? []);
  if (arms.length > 0) return arms.some((arm) => queryLets(env, arm as Tree, seen));
  if (keepsPredicatesOut(query)) return false;
  const ctes = inlined(query);
  return fromItems(query.fromClause).some((item) => {
    // What the item yields is filtered on this level, beside the predicate.
    const rows = rowsOf(env, {
      targetList: [STAR],
      fromClause: [item],
      withClause: query.withClause,
    });
    if (rows.some((row) => row.colour === 'A' && row.chance === 2)) return true;
    const inner = as(as(item, 'RangeSubselect')?.subquery, 'SelectStmt');
    if (inner !== undefined) return queryLets(env, inner, seen);
    const range = as(item, 'RangeVar');
    const [schema, name] = [textOf(range?.schemaname), textOf(range?.relname) ?? ''];
    const cte = schema === undefined ? ctes.get(name) : undefined;
    if (cte !== undefined) return queryLets(env, cte, seen);
    const relation = range === undefined ? undefined : findRelation(env, schema, name);
    return relation?.kind === 'view' && viewLets(env, relation, seen);
  });
}

const STAR = { ResTarget: { val: { ColumnRef: { fields: [{ A_Star: {} }] } } } };

/** Joins taken apart. */
function fromItems(clause: unknown): readonly unknown[] {
  return list(clause).flatMap((item) => {
    const join = as(item, 'JoinExpr');
    return join === undefined ? [item] : fromItems([join.larg, join.rarg]);
  });
}

/** Queries of the WITH clause that the planner puts where they are used. */
function inlined(query: Tree): ReadonlyMap<string, Tree> {
  const clause = as(query.withClause, 'WithClause') ?? (query.withClause as Tree | undefined);
  const found = new Map<string, Tree>();
  for (const item of clause?.recursive === true ? [] : list(clause?.ctes)) {
    const cte = as(item, 'CommonTableExpr');
    const inner = as(cte?.ctequery, 'SelectStmt');
    if (inner !== undefined && cte?.ctematerialized !== 'CTEMaterializeAlways')
      found.set(textOf(cte?.ctename) ?? '', inner);
  }
  return found;
}

/** LIMIT, one row for all, and windows that are not cut by a column hold a predicate back. */
function keepsPredicatesOut(query: Tree): boolean {
  if (query.limitCount !== undefined || query.limitOffset !== undefined) return true;
  const grouped = list(query.groupClause).length > 0;
  if (!grouped && list(query.targetList).some(hasAggregate)) return true;
  const windows = list(query.windowClause);
  let whole = false;
  walk(query.targetList, (tag, body) => {
    if (tag === 'SubLink') return false;
    if (tag !== 'FuncCall' || body.over === undefined) return undefined;
    const own = (as(body.over, 'WindowDef') ?? body.over) as Tree;
    const named = windows.find((item) => as(item, 'WindowDef')?.name === (own.refname ?? own.name));
    const cut = own.partitionClause ?? as(named, 'WindowDef')?.partitionClause;
    if (list(cut).length === 0) whole = true;
    return undefined;
  });
  return whole;
}

export const isBarrier = (view: Relation): boolean =>
  /^(true|on|1|yes)$/i.test(view.options.get('security_barrier') ?? '');
