/**
 * Writes through views that act as their owner: a row put where the view's own filter does not look, since
 * without CHECK OPTION nobody asks the filter about new rows.
 */
import type { Relation } from '../catalog/model.ts';
import {
  type Environment,
  newEnvironment,
  newSession,
  type Row,
  SCENARIOS,
  withSources,
} from '../logic/environment.ts';
import { condition } from '../logic/expression.ts';
import { isInvoker } from '../logic/from-clause.ts';
import { type Chance, least } from '../logic/outcome.ts';
import { rowPasses } from '../logic/row-security.ts';
import { findRelation } from '../logic/search-path.ts';
import { isTenantData, tableRow, tenantColumns } from '../logic/table-rows.ts';
import { ask, TooLarge } from '../logic/too-large.ts';
import { as, list, namesOf, statementsOf, type Tree, textOf } from '../logic/tree.ts';
import type { Finding } from '../model.ts';
import { ident } from '../names.ts';
import { sentinelLiteral } from '../sentinels.ts';
import type { Rule, World } from '../world.ts';
import { onRelation, table } from './finding.ts';

export const viewWrites: Rule = function* (world) {
  for (const reach of world.surface.relations.values()) {
    const view = reach.relation;
    if (view.kind !== 'view' || view.extension !== null) continue;
    yield null;
    const base = baseOf(world, view);
    if (
      base === null ||
      !isTenantData(newEnvironment(newSession(world, 'present'), base.role), base.table)
    )
      continue;
    for (const command of ['insert', 'update'] as const) {
      const granted = reach.columns.get(command === 'insert' ? 'INSERT' : 'UPDATE');
      if (
        !world.surface.can(view.oid, command) ||
        handled(world, view, command) ||
        granted === undefined
      )
        continue;
      const column = namesTenant(world, view, base, granted);
      if (column === null) continue;
      yield* writtenThrough(world, view, base, command, column);
    }
    if (
      world.surface.can(view.oid, 'delete') &&
      !world.surface.can(view.oid, 'select') &&
      !handled(world, view, 'delete')
    ) {
      yield* writtenThrough(world, view, base, 'delete', null);
    }
  }
};

interface Base {
  readonly table: Relation;
  /** Whose rights reach the table. */
  readonly role: number;
  /** WHERE clauses on the way, outermost first, and whether new rows must meet them. */
  readonly filters: readonly {
    readonly clause: unknown;
    readonly alias: string;
    readonly checked: boolean;
  }[];
  /** Column of the view to column of the table. */
  readonly columns: ReadonlyMap<string, string>;
}

/** INSTEAD OF triggers and INSTEAD rules take the write over. */
function handled(world: World, view: Relation, command: 'insert' | 'update' | 'delete'): boolean {
  const triggers = world.catalog.triggers.get(view.oid) ?? [];
  const rules = world.catalog.rules.get(view.oid) ?? [];
  return (
    triggers.some((t) => t.enabled && t.timing === 'instead-of' && t.events.includes(command)) ||
    rules.some((r) => r.enabled && r.instead && r.event === command)
  );
}

/** The table behind an automatically updatable view; null when the view is not one. */
function baseOf(world: World, start: Relation): Base | null {
  let view = start;
  let role = world.surface.role.oid;
  let columns: ReadonlyMap<string, string> | null = null;
  let cascaded = false;
  const filters: Base['filters'][number][] = [];
  for (let depth = 0; depth < 8; depth += 1) {
    const query = as(statementsOf(view.definition ?? '')?.[0], 'SelectStmt');
    const item = query === undefined ? undefined : list(query.fromClause);
    const range = item?.length === 1 ? as(item[0], 'RangeVar') : undefined;
    if (query === undefined || range === undefined || !isSimple(query)) return null;
    role = isInvoker(view) ? world.surface.role.oid : view.owner;
    const option = view.options.get('check_option');
    cascaded = cascaded || option === 'cascaded';
    const alias =
      textOf((as(range.alias, 'Alias') ?? (range.alias as Tree | undefined))?.aliasname) ??
      textOf(range.relname) ??
      '';
    if (query.whereClause !== undefined)
      filters.push({ clause: query.whereClause, alias, checked: cascaded || option === 'local' });
    const mapped = targets(query);
    const before: ReadonlyMap<string, string> | null = columns;
    columns = before === null ? mapped : through(before, mapped);
    const next = findRelation(
      newEnvironment(newSession(world, 'present'), role),
      textOf(range.schemaname),
      textOf(range.relname) ?? '',
    );
    if (next === undefined) return null;
    if (next.kind !== 'view') return { table: next, role, filters, columns };
    view = next;
  }
  return null;
}

/** The outer view's columns by the inner one's, as far as they are plain columns. */
function through(
  outer: ReadonlyMap<string, string>,
  inner: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const columns = new Map<string, string>();
  for (const [name, via] of outer) {
    const column = inner.get(via);
    if (column !== undefined) columns.set(name, column);
  }
  return columns;
}

function isSimple(query: Tree): boolean {
  const plain =
    query.groupClause === undefined &&
    query.havingClause === undefined &&
    query.distinctClause === undefined;
  return (
    plain &&
    query.limitCount === undefined &&
    query.limitOffset === undefined &&
    query.withClause === undefined &&
    (query.op === undefined || query.op === 'SETOP_NONE')
  );
}

function targets(query: Tree): ReadonlyMap<string, string> {
  const columns = new Map<string, string>();
  for (const item of list(query.targetList)) {
    const target = as(item, 'ResTarget');
    const names = namesOf(as(target?.val, 'ColumnRef')?.fields);
    const column = names[names.length - 1];
    if (column !== undefined) columns.set(textOf(target?.name) ?? column, column);
  }
  return columns;
}

/** The view's column that names the tenant, if the role may write it. */
function namesTenant(
  world: World,
  view: Relation,
  base: Base,
  granted: ReadonlySet<number>,
): string | null {
  const env = newEnvironment(newSession(world, 'present'), base.role);
  const tenant = new Set(tenantColumns(env, base.table).map((column) => column.name));
  const column = view.columns.find(
    (c) => granted.has(c.number) && tenant.has(base.columns.get(c.name) ?? ''),
  );
  return column?.name ?? null;
}

function writtenThrough(
  world: World,
  view: Relation,
  base: Base,
  command: 'insert' | 'update' | 'delete',
  column: string | null,
): readonly Finding[] {
  for (const scenario of SCENARIOS) {
    const session = newSession(world, scenario);
    const chance = ask(session, () => open(newEnvironment(session, base.role), base, command));
    if (chance instanceof TooLarge) {
      const why = `Could not decide which rows may be written through the view: ${chance.message}.`;
      const kind = 'view-undecided';
      return [onRelation(view, { kind, severity: 'medium', verdict: 'unknown', why })];
    }
    if (chance === 2) return [found(world, view, base, command, column)];
  }
  return [];
}

function open(env: Environment, base: Base, command: 'insert' | 'update' | 'delete'): Chance {
  const row = tableRow(env, base.table, 'A');
  const side = command === 'delete' ? 'using' : 'check';
  let chance = rowPasses(env, base.table, row, command, side).t;
  for (const filter of base.filters) {
    if (command === 'delete' || filter.checked) chance = least(chance, meets(env, filter, row));
  }
  return chance;
}

const meets = (env: Environment, filter: Base['filters'][number], row: Row): Chance =>
  condition(withSources(env, [{ alias: filter.alias, row }]), filter.clause).t;

function found(
  world: World,
  view: Relation,
  base: Base,
  command: string,
  column: string | null,
): Finding {
  const type = view.columns.find((c) => c.name === column)?.type ?? 'uuid';
  const asA = sentinelLiteral(type, 'a');
  const who = world.catalog.roles.get(base.role)?.name ?? 'its owner';
  return onRelation(view, {
    kind: 'view-writes-unchecked',
    severity: 'high',
    why: `A row written through the view goes into ${table(base.table)} as ${who} and need not be the context's tenant's: no CHECK OPTION asks (${command.toUpperCase()}).`,
    exploit:
      column === null
        ? `delete from ${table(view)};`
        : command === 'insert'
          ? `insert into ${table(view)} (${ident(column)}) values (${asA});`
          : `update ${table(view)} set ${ident(column)} = ${asA};`,
    fix: `alter view ${table(view)} set (check_option = cascaded);`,
  });
}
