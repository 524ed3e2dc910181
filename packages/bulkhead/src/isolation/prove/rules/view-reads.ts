/**
 * Views that show other tenants' rows: those that read as their owner, and those that filter without a
 * barrier, where a caller's own predicate may run before the filter and tell what it saw.
 */
import type { Relation } from '../catalog/model.ts';
import {
  newEnvironment,
  newSession,
  type Row,
  SCENARIOS,
  type Session,
} from '../logic/environment.ts';
import { isInvoker, rowsOfRelation } from '../logic/from-clause.ts';
import { rowForeign } from '../logic/query.ts';
import { findRelation } from '../logic/search-path.ts';
import { ask, TooLarge } from '../logic/too-large.ts';
import { as, list, statementsOf, type Tree, textOf, walk } from '../logic/tree.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { sentinelLiteral } from '../sentinels.ts';
import type { Rule, World } from '../world.ts';
import { onRelation, table } from './finding.ts';

export const viewReads: Rule = (world) => {
  const findings: Finding[] = [];
  for (const { relation } of world.surface.relations.values()) {
    if (relation.kind !== 'view' || !world.surface.can(relation.oid, 'select')) continue;
    if (relation.extension !== null || relation.schema === 'pg_catalog') continue;
    const shown = shownBy(world, relation);
    if (shown !== null) findings.push(shown);
    else {
      const asked = newSession(world, 'present');
      const leaks = ask(asked, () => leaksThroughPredicates(world, asked, relation));
      if (leaks instanceof TooLarge) findings.push(undecided(relation, leaks.message));
      else if (leaks) findings.push(withoutBarrier(relation));
    }
  }
  return findings;
};

function shownBy(world: World, view: Relation): Finding | null {
  let open: { readonly row: Row; readonly scenario: string } | undefined;
  for (const scenario of SCENARIOS) {
    const session = newSession(world, scenario);
    const env = newEnvironment(session, world.surface.role.oid);
    const rows = ask(session, () => rowsOfRelation(env, view));
    if (rows instanceof TooLarge) return undecided(view, rows.message);
    for (const row of rows) {
      const foreign = rowForeign(row);
      if (foreign === 2) return leak(world, view, row, scenario);
      if (foreign === 1 || (row.chance === 1 && row.columns.has('?'))) open ??= { row, scenario };
    }
  }
  if (open === undefined) return null;
  return undecided(view, open.row.because ?? 'its query is not understood');
}

const undecided = (view: Relation, because: string): Finding =>
  onRelation(view, {
    kind: 'view-undecided',
    severity: 'medium',
    verdict: 'unknown',
    why: `Could not decide which rows the view shows: ${because}.`,
  });

function leak(world: World, view: Relation, row: Row, scenario: string): Finding {
  const invoker = isInvoker(view);
  const from = row.from === null ? 'tables of several tenants' : table(row.from);
  const state = scenario === 'present' ? '' : ' when no tenant is set';
  const owner = world.catalog.roles.get(view.owner)?.name ?? 'its owner';
  return onRelation(view, {
    kind: invoker ? 'view-over-open-table' : 'view-runs-as-owner',
    severity: 'high',
    why: invoker
      ? `The view shows rows of ${from} that belong to other tenants${state}.`
      : `The view reads ${from} as ${owner}, whom no policy keeps from other tenants' rows${state}.`,
    exploit: exploitOf(world, view, scenario),
    fix: invoker ? null : `alter view ${table(view)} set (security_invoker = true);`,
  });
}

function exploitOf(world: World, view: Relation, scenario: string): string {
  const unset =
    scenario === 'present' || world.convention.setting === null
      ? ''
      : `reset ${world.convention.setting};\n`;
  const column = view.columns.find((c) => world.convention.tenantColumns.includes(c.name));
  if (column === undefined) return `${unset}select * from ${table(view)};`;
  return `${unset}select exists (select 1 from ${table(view)} where ${ident(column.name)} = ${sentinelLiteral(column.type, 'a')}) as leaked;`;
}

/** Does the view's own filter alone keep rows apart, in a query that the planner may mix with the caller's? */
function leaksThroughPredicates(
  world: World,
  session: Session,
  view: Relation,
  seen: readonly number[] = [],
): boolean {
  if (isTrue(view.options.get('security_barrier')) || seen.includes(view.oid)) return false;
  const query = as(statementsOf(view.definition ?? '')?.[0], 'SelectStmt');
  if (query === undefined) return false;
  if (query.limitCount !== undefined || query.limitOffset !== undefined || aggregates(query))
    return false;
  const role = isInvoker(view) ? world.surface.role.oid : view.owner;
  const user = world.surface.role.oid;
  const env = { ...newEnvironment(session, role), user };
  for (const name of tablesOf(query)) {
    const relation = findRelation(env, textOf(name.schemaname), textOf(name.relname) ?? '');
    if (relation === undefined) continue;
    if (relation.kind === 'view') {
      if (leaksThroughPredicates(world, session, relation, [...seen, view.oid])) return true;
      if (
        !isTrue(relation.options.get('security_barrier')) &&
        !isInvoker(view) &&
        rowsOfRelation(env, relation).some((row) => row.colour === 'A' && row.chance === 2)
      )
        return true;
    } else if (
      rowsOfRelation(env, relation).some((row) => row.colour === 'A' && row.chance === 2)
    ) {
      return true;
    }
  }
  return false;
}

const isTrue = (option: string | undefined): boolean => /^(true|on|1|yes)$/i.test(option ?? '');

function aggregates(query: Tree): boolean {
  let found = list(query.groupClause).length > 0 || list(query.windowClause).length > 0;
  walk(query.targetList, (tag, body) => {
    if (tag === 'SubLink') return false;
    if (
      tag === 'FuncCall' &&
      (body.over !== undefined || /"(count|sum|avg|min|max)"/.test(JSON.stringify(body.funcname)))
    )
      found = true;
    return undefined;
  });
  return found;
}

/** Tables that the FROM clauses read, not those of sub-selects in expressions, which run apart. */
function tablesOf(query: Tree): readonly Tree[] {
  const found: Tree[] = [];
  walk([query.fromClause, query.larg, query.rarg], (tag, body) => {
    if (tag === 'SubLink') return false;
    if (tag === 'RangeVar') found.push(body);
    return undefined;
  });
  for (const side of [query.larg, query.rarg]) {
    const inner = side as Tree | undefined;
    if (inner !== undefined && inner.fromClause !== undefined) continue;
  }
  return found;
}

function withoutBarrier(view: Relation): Finding {
  const text = view.columns.find((c) => /^(text|character)/.test(c.type)) ?? view.columns[0];
  return onRelation(view, {
    kind: 'view-without-barrier',
    severity: 'medium',
    why: 'The view reads as its owner and filters by tenant itself, but without security_barrier a predicate of the caller may run before that filter and tell what it saw, by an error or a notice.',
    exploit:
      text === undefined
        ? null
        : `select * from ${table(view)} where ${ident(text.name)}::text::int > 0;`,
    fix: `alter view ${table(view)} set (security_barrier = true);`,
  });
}
