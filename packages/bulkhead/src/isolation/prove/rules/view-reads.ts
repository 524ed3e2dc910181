/**
 * Views that show other tenants' rows: those that read as their owner, and those that filter without a
 * barrier, where a caller's own predicate may run before the filter and tell what it saw.
 */
import type { Relation } from '../catalog/model.ts';
import { newEnvironment, newSession, type Row, SCENARIOS } from '../logic/environment.ts';
import { isInvoker, rowsOfRelation } from '../logic/from-clause.ts';
import { isBarrier, letsPredicatesIn } from '../logic/predicate-order.ts';
import { rowForeign } from '../logic/query.ts';
import { ask, TooLarge } from '../logic/too-large.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { sentinelLiteral } from '../sentinels.ts';
import type { Rule, World } from '../world.ts';
import { onRelation, table } from './finding.ts';

export const viewReads: Rule = function* (world) {
  for (const { relation } of world.surface.relations.values()) {
    if (relation.kind !== 'view' || !world.surface.can(relation.oid, 'select')) continue;
    if (relation.extension !== null || relation.schema === 'pg_catalog') continue;
    yield null;
    const shown = shownBy(world, relation);
    if (shown !== null) yield shown;
    else {
      const asked = newSession(world, 'present');
      const leaks = ask(asked, () => letsPredicatesIn(world, asked, relation));
      if (leaks instanceof TooLarge) yield undecided(relation, leaks.message);
      else if (leaks) yield withoutBarrier(relation);
    }
  }
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

function withoutBarrier(view: Relation): Finding {
  const text = view.columns.find((c) => /^(text|character)/.test(c.type)) ?? view.columns[0];
  // Around a UNION ALL the plan decides: its arms are taken apart before a barrier is looked for.
  const barred = isBarrier(view);
  return onRelation(view, {
    kind: barred ? 'union-past-barrier' : 'view-without-barrier',
    severity: 'medium',
    verdict: barred ? 'unknown' : 'leak',
    why: barred
      ? 'The view reads as its owner and filters in each arm of a UNION ALL, whose arms PostgreSQL takes apart in spite of security_barrier: by the plan, a predicate of the caller may run before the filter and tell what it saw; filter outside of the union.'
      : 'The view reads as its owner and filters by tenant itself, but without security_barrier a predicate of the caller may run before that filter and tell what it saw, by an error or a notice.',
    exploit:
      text === undefined
        ? null
        : `select * from ${table(view)} where ${ident(text.name)}::text::int > 0;`,
    fix: barred ? null : `alter view ${table(view)} set (security_barrier = true);`,
  });
}
