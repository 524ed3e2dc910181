/**
 * Decides each table's tenant column and where the tenant of its existing rows comes from.
 *
 * Promises: never guesses. A table that is not NULL-proof by one clear way is refused.
 */
import {
  type Catalog,
  type ForeignKeyInfo,
  findColumn,
  findTable,
  protectedBy,
  sameRelation,
  type TableInfo,
} from './catalog.ts';
import type { Draft, Source, Subject } from './draft.ts';
import { note, refuse } from './draft.ts';
import type { ResolvedRequest } from './plan.ts';
import { displayName, displayRelation, quoteIdent } from './quote.ts';

/** The tables asked for that can be planned at all, parents before children. */
export function planSubjects(draft: Draft, tables: readonly TableInfo[]): void {
  const subjects = tables.flatMap((table) => {
    const subject = planSubject(draft, table, tables);
    return subject === undefined ? [] : [subject];
  });
  draft.subjects.push(...parentsFirst(draft, subjects));
}

function planSubject(
  draft: Draft,
  table: TableInfo,
  listed: readonly TableInfo[],
): Subject | undefined {
  const tenantColumn = tenantColumnFor(draft.request, table);
  const column = findColumn(table, tenantColumn);
  if (column !== undefined && column.type !== 'uuid') {
    refuse(
      draft,
      'tenant_column_not_uuid',
      table,
      `column ${displayName(tenantColumn)} has type ${displayName(column.type)}; a tenant's id is a uuid`,
      'name another column with --tenant-column; where ids are integers or texts, give the table that registers tenants a uuid column and list that table too',
    );
    return undefined;
  }
  const source = sourceFor(draft, table, tenantColumn, listed);
  if (source === undefined) return undefined;
  const selfKeyed = table.indexes.some(
    (index) =>
      index.unique && !index.partial && index.keys.length === 1 && index.keys[0] === tenantColumn,
  );
  return { table, label: displayRelation(table), tenantColumn, selfKeyed, source };
}

function tenantColumnFor(request: ResolvedRequest, table: TableInfo): string {
  return (
    pick(request.tenantColumns, table, (name) => findColumn(table, name) !== undefined) ??
    'tenant_id'
  );
}

/** `table.column` for this table, else a plain `column` that fits. */
function pick(
  choices: readonly string[],
  table: TableInfo,
  fits: (column: string) => boolean,
): string | undefined {
  const prefixes = [`${table.schema}.${table.name}.`, `${table.name}.`];
  for (const choice of choices) {
    const prefix = prefixes.find((p) => choice.startsWith(p) && fits(choice.slice(p.length)));
    if (prefix !== undefined) return choice.slice(prefix.length);
  }
  return choices.find(fits);
}

function sourceFor(
  draft: Draft,
  table: TableInfo,
  tenantColumn: string,
  listed: readonly TableInfo[],
): Source | undefined {
  const column = findColumn(table, tenantColumn);
  if (column?.notNull) return { kind: 'column' };
  const leads = table.foreignKeys.filter((key) => leadsToTenant(draft.catalog, key, listed));
  const usable = leads.filter((key) => pairsOf(key, tenantColumn).length > 0);
  const named = pick(draft.request.via, table, (name) =>
    usable.some((key) => key.columns.includes(name)),
  );
  if (named !== undefined) {
    const key = usable.find((candidate) => candidate.columns.includes(named));
    return key && parentSource(draft, key, tenantColumn, listed);
  }
  const misnamed = draft.request.via.find((via) => via.startsWith(`${table.name}.`));
  if (misnamed !== undefined) {
    refuse(
      draft,
      'no_backfill_path',
      table,
      `--via ${displayName(misnamed)} is no foreign key to a table that is protected or listed`,
      usable.length === 0
        ? 'list the table that it refers to as well'
        : `choose one of ${usable.map((key) => `${displayName(table.name)}.${key.columns.map(displayName).join('+')}`).join(', ')}`,
    );
    return undefined;
  }
  if (draft.request.allTo !== undefined && usable.length === 0) {
    return { kind: 'tenant', id: draft.request.allTo };
  }
  const sure = usable.filter((key) =>
    pairsOf(key, tenantColumn).every((pair) => findColumn(table, pair.child)?.notNull),
  );
  const only = usable.length === 1 ? usable[0] : sure.length === 1 ? sure[0] : undefined;
  if (only !== undefined) return parentSource(draft, only, tenantColumn, listed);
  if (usable.length > 1) {
    const names = usable.map((key) => key.columns.map(displayName).join('+')).join(', ');
    refuse(
      draft,
      'ambiguous_path',
      table,
      `${usable.length} foreign keys lead to a tenant: ${names}`,
      `choose one with --via ${displayName(table.name)}.<column>`,
    );
    return undefined;
  }
  if (column !== undefined) return { kind: 'column' };
  refuse(
    draft,
    'no_backfill_path',
    table,
    'nothing says which tenant its rows belong to',
    'name a uuid column (--tenant-column), a foreign key to a protected or listed table (--via), or one tenant for all rows (--all-to)',
  );
  return undefined;
}

function leadsToTenant(
  catalog: Catalog,
  key: ForeignKeyInfo,
  listed: readonly TableInfo[],
): boolean {
  if (sameRelation(key.from, key.to) || !key.enforced || key.period) return false;
  const parent = findTable(catalog, key.to);
  return parent !== undefined && (listed.includes(parent) || protectedBy(parent) !== undefined);
}

function pairsOf(key: ForeignKeyInfo, tenantColumn: string) {
  return key.columns.flatMap((child, at) => {
    const parent = key.references[at];
    const operator = key.operators[at];
    if (child === tenantColumn || parent === undefined || operator === undefined) return [];
    // Qualified where it is an extension's: a trigger with a pinned path would not find it.
    const symbol =
      operator.schema === 'pg_catalog'
        ? '='
        : `operator(${quoteIdent(operator.schema)}.${operator.name})`;
    return [{ child, parent, operator: symbol }];
  });
}

function parentSource(
  draft: Draft,
  key: ForeignKeyInfo,
  tenantColumn: string,
  listed: readonly TableInfo[],
): Source | undefined {
  const parent = findTable(draft.catalog, key.to);
  if (parent === undefined) return undefined;
  const pairs = pairsOf(key, tenantColumn);
  const child = findTable(draft.catalog, key.from);
  for (const pair of pairs) {
    if (child !== undefined && findColumn(child, pair.child)?.notNull === false) {
      note(
        draft,
        'warning',
        child,
        `the tenant comes by way of ${displayName(pair.child)}, which may be null: until the app uses the protected pool, a row inserted without it is refused`,
      );
    }
  }
  const parentColumn = listed.includes(parent)
    ? tenantColumnFor(draft.request, parent)
    : (protectedBy(parent) ?? 'tenant_id');
  return { kind: 'parent', parent, foreignKey: key, parentColumn, pairs };
}

function parentsFirst(draft: Draft, subjects: readonly Subject[]): Subject[] {
  const done: Subject[] = [];
  let open = [...subjects];
  while (open.length > 0) {
    const ready = open.filter(
      ({ source }) =>
        source.kind !== 'parent' || !open.some((other) => other.table === source.parent),
    );
    if (ready.length === 0) {
      for (const subject of open) {
        refuse(
          draft,
          'path_cycle',
          subject.table,
          'the tables it would take its tenant from take theirs from it',
          'break the circle with --via, --tenant-column or --all-to',
        );
      }
      return done;
    }
    done.push(...ready);
    open = open.filter((subject) => !ready.includes(subject));
  }
  return done;
}
