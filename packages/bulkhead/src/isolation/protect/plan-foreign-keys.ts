/**
 * Foreign keys between protected tables become composite: `(tenant_id, project_id)` refers to
 * `(tenant_id, id)`, so that a key of another tenant fails exactly like one that does not exist.
 */
import {
  type ForeignKeyInfo,
  findColumn,
  findTable,
  sameRelation,
  type TableInfo,
} from './catalog.ts';
import {
  type Draft,
  note,
  refuse,
  type Subject,
  tenantColumnOf,
  tenantExpression,
} from './draft.ts';
import type { Step } from './plan.ts';
import { ensureReferable } from './plan-keys.ts';
import {
  displayName,
  displayRelation,
  generatedName,
  qualified,
  quoteColumns,
  quoteIdent,
  quoteLiteral,
  regclassOf,
} from './quote.ts';

export function compositeName(key: ForeignKeyInfo): string {
  return generatedName(key.name, 'tenant');
}

/** All that touch a subject, once each; incoming ones too, for a child that was protected before. */
export function planForeignKeys(draft: Draft): void {
  const seen = new Set<string>();
  for (const subject of draft.subjects) {
    for (const key of [...subject.table.foreignKeys, ...subject.table.referencedBy]) {
      const id = `${qualified(key.from)} ${key.name}`;
      if (seen.has(id)) continue;
      seen.add(id);
      planForeignKey(draft, subject, key);
    }
  }
}

function planForeignKey(draft: Draft, subject: Subject, key: ForeignKeyInfo): void {
  const shown = `${displayRelation(key.from)}.${displayName(key.name)}`;
  const childColumn = tenantColumnOf(draft, key.from);
  const parentColumn = tenantColumnOf(draft, key.to);
  const child = findTable(draft.catalog, key.from);
  const parent = findTable(draft.catalog, key.to);
  if (child === undefined || parent === undefined) return;
  if (parentColumn === undefined) {
    const own = childColumn !== undefined && key.columns.includes(childColumn);
    if (!own)
      note(
        draft,
        'warning',
        key.from,
        `${shown} refers to ${displayRelation(key.to)}, which is not protected: if that holds tenants' data, an insert tells whether a row exists there, and its rows are open to every tenant`,
      );
    return;
  }
  if (childColumn === undefined) {
    // A table of which every row is a tenant may be referred to from outside by the tenant's id.
    if (subject.selfKeyed && key.references.includes(parentColumn)) return;
    if (keepsKey(draft, parent, key)) return;
    refuse(
      draft,
      'foreign_key_unlisted',
      key.from,
      `${shown} refers to ${displayRelation(key.to)}, but ${displayRelation(key.from)} is not protected`,
      `list ${displayRelation(key.from)} too`,
    );
    return;
  }
  const pairAt = key.columns.indexOf(childColumn);
  if (pairAt >= 0) {
    if (key.references[pairAt] === parentColumn) return;
    refuse(
      draft,
      'foreign_key_unsupported',
      key.from,
      `${shown} uses the tenant column for something else than the tenant`,
      'refer by another column, or name another tenant column with --tenant-column',
    );
    return;
  }
  if (
    child.foreignKeys.some((other) => other.name !== key.name && compositeName(other) === key.name)
  )
    return;
  if (unsupported(draft, key, child, shown)) return;
  ensureReferable(draft, parent, parentColumn, key.references);
  draft.steps.push(...compositeSteps(key, child, childColumn, parentColumn));
  probeCrossing(draft, key, child, parent, shown);
}

function keepsKey(draft: Draft, parent: TableInfo, key: ForeignKeyInfo): boolean {
  return parent.indexes.some(
    (index) =>
      index.unique &&
      index.keys.length === key.references.length &&
      index.keys.every((column) => column !== null && key.references.includes(column)) &&
      draft.request.keepUnique.some(
        (kept) => kept === index.name || kept === index.constraint?.name,
      ),
  );
}

function unsupported(draft: Draft, key: ForeignKeyInfo, child: TableInfo, shown: string): boolean {
  const refuseKey = (message: string) => {
    refuse(
      draft,
      'foreign_key_unsupported',
      key.from,
      `${shown} ${message}`,
      `alter table ${qualified(key.from)} drop constraint ${quoteIdent(key.name)}, and add it again in a form that can be composite (plain, MATCH SIMPLE, no ON UPDATE SET)`,
    );
    return true;
  };
  if (key.period) return refuseKey('is temporal (PERIOD), which protect does not rebuild');
  if (!key.enforced) return refuseKey('is NOT ENFORCED, so nothing keeps it within a tenant');
  if (key.onUpdate.startsWith('set'))
    return refuseKey(`has ON UPDATE ${key.onUpdate.toUpperCase()}, which would set the tenant too`);
  if (
    key.match === 'f' &&
    key.columns.length > 1 &&
    key.columns.some((c) => !findColumn(child, c)?.notNull)
  ) {
    return refuseKey('is MATCH FULL over nullable columns, which no composite key can say');
  }
  return false;
}

function clause(key: ForeignKeyInfo, childColumn: string, parentColumn: string): string {
  const set = key.setColumns.length > 0 ? key.setColumns : key.columns;
  // The column list keeps the tenant when the parent goes.
  const onDelete = key.onDelete.startsWith('set')
    ? `${key.onDelete} (${quoteColumns(set)})`
    : key.onDelete;
  const timing = key.deferrable ? ` deferrable${key.deferred ? ' initially deferred' : ''}` : '';
  // MATCH FULL of one column says the same as SIMPLE; beside the tenant it would forbid null.
  const match = key.match === 'f' && key.columns.length > 1 ? ' match full' : '';
  return (
    `foreign key (${quoteColumns([childColumn, ...key.columns])}) references ${qualified(key.to)} (${quoteColumns([parentColumn, ...key.references])})` +
    `${match} on delete ${onDelete} on update ${key.onUpdate}${timing}`
  );
}

function compositeSteps(
  key: ForeignKeyInfo,
  child: TableInfo,
  childColumn: string,
  parentColumn: string,
): Step[] {
  const label = displayRelation(child);
  const shown = displayName(key.name);
  const name = compositeName(key);
  const body = clause(key, childColumn, parentColumn);
  const leaves =
    child.kind === 'p'
      ? child.partitions.map((partition) => ({ schema: partition.schema, name: partition.name }))
      : [{ schema: child.schema, name: child.name }];
  const has = (table: { schema: string; name: string }, constraint: string, extra = '') =>
    `exists (select from pg_catalog.pg_constraint where contype = 'f' and conrelid = ${regclassOf(table)} and conname = ${quoteLiteral(constraint)}${extra})`;
  const locks = {
    lock: 'SHARE ROW EXCLUSIVE on both tables',
    lockedFor: 'milliseconds, catalog only',
  };
  const steps: Step[] = leaves.flatMap((leaf): Step[] => [
    {
      id: `${label}:fk:${shown}:${displayName(leaf.name)}`,
      stage: 'prepare',
      kind: 'transaction',
      table: label,
      title: `composite ${shown}, not valid`,
      why: 'Holds for new rows at once; existing rows stay unread.',
      ...locks,
      online: true,
      statements: [
        `alter table ${qualified(leaf)} add constraint ${quoteIdent(name)} ${body} not valid`,
      ],
      done: has(leaf, name),
    },
    {
      id: `${label}:fk-validate:${shown}:${displayName(leaf.name)}`,
      stage: 'prepare',
      kind: 'scan',
      table: label,
      title: `validate composite ${shown}`,
      why: 'Reads the child once while reads and writes go on. It fails if a row refers to another tenant.',
      lock: 'SHARE UPDATE EXCLUSIVE',
      lockedFor: 'one scan; writers go on',
      online: true,
      statements: [`alter table ${qualified(leaf)} validate constraint ${quoteIdent(name)}`],
      done: has(leaf, name, ' and convalidated'),
      rowsEstimate: child.rowsEstimate,
    },
  ]);
  if (child.kind === 'p') {
    steps.push({
      id: `${label}:fk-join:${shown}`,
      stage: 'prepare',
      kind: 'transaction',
      table: label,
      title: `join composite ${shown} from its partitions`,
      why: 'The partitions have theirs, already valid, so nothing is read again.',
      ...locks,
      online: true,
      statements: [`alter table ${qualified(child)} add constraint ${quoteIdent(name)} ${body}`],
      done: has(child, name),
    });
  }
  const drop = `alter table ${qualified(child)} drop constraint ${quoteIdent(key.name)}`;
  steps.push({
    id: `${label}:fk-swap:${shown}`,
    stage: 'prepare',
    kind: 'transaction',
    table: label,
    title: `composite ${shown} takes its place`,
    why: 'The composite key says all that the old one said, and that both rows are of one tenant.',
    lock: sameRelation(key.from, key.to) ? 'ACCESS EXCLUSIVE' : 'ACCESS EXCLUSIVE on both tables',
    lockedFor: 'milliseconds, catalog only',
    online: true,
    statements: [
      drop,
      `alter table ${qualified(child)} rename constraint ${quoteIdent(name)} to ${quoteIdent(key.name)}`,
    ],
    done: `${has(child, key.name)} and not ${has(child, name)}`,
  });
  return steps;
}

/** A row that refers to another tenant's would stop VALIDATE half-way: count them first. */
function probeCrossing(
  draft: Draft,
  key: ForeignKeyInfo,
  child: TableInfo,
  parent: TableInfo,
  shown: string,
): void {
  const of = (table: TableInfo, alias: string) => {
    const subject = draft.subjects.find((candidate) => candidate.table === table);
    return subject === undefined
      ? `${alias}.${quoteIdent(tenantColumnOf(draft, table) ?? '')}`
      : tenantExpression(draft, subject, alias, 1);
  };
  const subject = draft.subjects.find((candidate) => candidate.table === child);
  const derived = subject?.source.kind === 'parent' && subject.source.foreignKey === key;
  // Taken from this very parent, it cannot differ.
  if (derived && findColumn(child, subject.tenantColumn) === undefined) return;
  const on = key.columns
    .map((column, at) => `c.${quoteIdent(column)} = r.${quoteIdent(key.references[at] ?? '')}`)
    .join(' and ');
  draft.probes.push({
    table: displayRelation(child),
    code: 'rows_across_tenants',
    sql: `select count(*) from ${qualified(child)} c join ${qualified(parent)} r on ${on} where ${of(child, 'c')} is distinct from ${of(parent, 'r')}`,
    message: (count) => `${count} rows refer to another tenant's row by ${shown}`,
    fix: `find them with: select c.* from ${qualified(child)} c join ${qualified(parent)} r on ${on} where ${of(child, 'c')} is distinct from ${of(parent, 'r')}; then correct or delete them`,
  });
}
