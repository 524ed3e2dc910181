/**
 * Keys and indexes: each gets a twin led by the tenant column, built concurrently; once protection is
 * enforced the twin takes the old one's name and place.
 *
 * Why every one: a unique key across tenants tells by its error that another tenant has the value, and an
 * index not led by the tenant tells it by its timing.
 * Why the old ones stay until after enforcement: before it, the app's statements carry no tenant, and only
 * the old indexes serve them.
 */
import type { IndexInfo, Relation, TableInfo } from './catalog.ts';
import { type Draft, note, refuse, type Subject } from './draft.ts';
import type { Step } from './plan.ts';
import {
  displayName,
  generatedName,
  qualified,
  quoteColumns,
  quoteIdent,
  quoteLiteral,
  regclassOf,
} from './quote.ts';

const SMALL_TABLE_ROWS = 10_000;
const LED_BY_EXTENSION: Readonly<Record<string, string>> = { gist: 'btree_gist', gin: 'btree_gin' };

export function twinName(index: IndexInfo): string {
  return generatedName(index.name, 'tenant');
}

export function planKeys(draft: Draft, subject: Subject): void {
  const { table } = subject;
  for (const index of table.indexes) {
    if (index.constraint?.kind === 'x') planExclusion(draft, subject, index);
    else if (needsTwin(draft, subject, index)) planTwin(draft, subject, index);
  }
}

/** Says loudly what stays global, and why. */
function needsTwin(draft: Draft, subject: Subject, index: IndexInfo): boolean {
  const { table, tenantColumn } = subject;
  if (!index.valid || index.parentOid !== null || index.keys[0] === tenantColumn) return false;
  // A twin already built for an index that still stands.
  if (table.indexes.some((other) => other !== index && twinName(other) === index.name))
    return false;
  const name = displayName(index.constraint?.name ?? index.name);
  if (subject.selfKeyed) {
    if (index.unique)
      note(
        draft,
        'note',
        table,
        `${name} stays global: one row is one tenant here, so the register needs it; a taken value can be told from a free one`,
      );
    return false;
  }
  if (
    draft.request.keepUnique.some((kept) => kept === index.name || kept === index.constraint?.name)
  ) {
    note(
      draft,
      'warning',
      table,
      `${name} stays global as asked: its error tells one tenant that another has the value`,
    );
    return false;
  }
  if (index.method !== 'btree') {
    const extension = LED_BY_EXTENSION[index.method];
    if (extension === undefined || !draft.catalog.extensions.includes(extension)) {
      note(
        draft,
        'warning',
        table,
        `index ${name} (${displayName(index.method)}) cannot be led by the tenant${extension ? ` without ${extension}` : ''}; it stays, and its timing may tell whether another tenant has a value`,
      );
      return false;
    }
  }
  if (!index.definition.startsWith(index.prefix) || index.constraint?.period) {
    refuse(
      draft,
      'index_unsupported',
      table,
      `index ${name} has a form that protect does not rebuild`,
      `--keep-unique ${name}`,
    );
    return false;
  }
  const dependents = index.constraint?.dependents ?? [];
  if (dependents.length > 0) {
    refuse(
      draft,
      'key_in_use',
      table,
      `the view ${dependents.map(displayName).join(', ')} groups by ${name}, so the key cannot be replaced`,
      'name every selected column in its GROUP BY, or drop and re-create the view',
    );
    return false;
  }
  return true;
}

/** The definition of the twin on any table with the same columns (the table itself or a partition). */
export function twinDefinition(
  index: IndexInfo,
  tenantColumn: string,
  on: Relation,
  name: string,
  mode: 'concurrently' | 'only',
): string {
  const head = `create ${index.unique ? 'unique ' : ''}index ${mode === 'concurrently' ? 'concurrently ' : ''}${quoteIdent(name)} on ${mode === 'only' ? 'only ' : ''}${qualified(on)} using ${quoteIdent(index.method)} (`;
  if (index.plain) {
    const keys = index.keys.flatMap((key) => (key === null || key === tenantColumn ? [] : [key]));
    const include = index.include.length > 0 ? ` include (${quoteColumns(index.include)})` : '';
    return `${head}${quoteColumns([tenantColumn, ...keys])})${include}${index.nullsNotDistinct ? ' nulls not distinct' : ''}`;
  }
  return `${head}${quoteIdent(tenantColumn)}, ${index.definition.slice(index.prefix.length)}`;
}

export function indexIsValid(table: Relation, name: string): string {
  return `exists (select from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid where i.indrelid = ${regclassOf(table)} and x.relname = ${quoteLiteral(name)} and i.indisvalid)`;
}

export function buildIndex(
  label: string,
  table: TableInfo,
  name: string,
  statement: string,
  title: string,
): Step {
  return {
    id: `${label}:index:${displayName(name)}`,
    stage: 'prepare',
    kind: 'index',
    table: label,
    title,
    why: 'Built while reads and writes go on. A build that was cut off leaves an invalid index, which is dropped and built anew.',
    lock: 'SHARE UPDATE EXCLUSIVE',
    lockedFor: 'two scans; writers go on',
    online: true,
    statements: [statement],
    done: indexIsValid(table, name),
    index: { schema: table.schema, name },
    rowsEstimate: table.rowsEstimate,
  };
}

function planTwin(draft: Draft, subject: Subject, index: IndexInfo): void {
  const { table, tenantColumn, label } = subject;
  const name = twinName(index);
  const shown = displayName(index.constraint?.name ?? index.name);
  noteTwin(draft, subject, index);
  if (table.kind === 'p') {
    planPartitionedTwin(draft, subject, index);
    return;
  }
  draft.steps.push(
    buildIndex(
      label,
      table,
      name,
      twinDefinition(index, tenantColumn, table, name, 'concurrently'),
      `build ${shown} led by ${displayName(tenantColumn)}`,
    ),
    swapStep(subject, index, swapStatements(subject, index)),
  );
}

function noteTwin(draft: Draft, { table, tenantColumn }: Subject, index: IndexInfo): void {
  if (!index.unique) return;
  const columns = index.keys
    .map((key) => (key === null ? '<expression>' : displayName(key)))
    .join(', ');
  note(
    draft,
    index.primary ? 'note' : 'warning',
    table,
    `${displayName(index.name)} becomes unique per tenant: (${displayName(tenantColumn)}, ${columns}). Two tenants may then have the same value, and ON CONFLICT (${columns}) must name ${displayName(tenantColumn)} too`,
  );
}

function swapStatements({ table }: Subject, index: IndexInfo): string[] {
  const t = qualified(table);
  const twin = `${quoteIdent(table.schema)}.${quoteIdent(twinName(index))}`;
  const old = `${quoteIdent(table.schema)}.${quoteIdent(index.name)}`;
  const identity =
    index.replicaIdentity && table.replicaIdentity === 'i'
      ? [
          `alter table ${t} replica identity using index ${quoteIdent(index.constraint?.name ?? index.name)}`,
        ]
      : [];
  if (index.constraint === null) {
    return [
      `drop index ${old}`,
      `alter index ${twin} rename to ${quoteIdent(index.name)}`,
      ...identity,
    ];
  }
  const { name, kind, deferrable, deferred } = index.constraint;
  const timing = deferrable ? ` deferrable${deferred ? ' initially deferred' : ''}` : '';
  return [
    `alter table ${t} drop constraint ${quoteIdent(name)}, add constraint ${quoteIdent(name)} ${kind === 'p' ? 'primary key' : 'unique'} using index ${quoteIdent(twinName(index))}${timing}`,
    ...identity,
  ];
}

function swapStep(
  { table, tenantColumn, label }: Subject,
  index: IndexInfo,
  statements: string[],
): Step {
  return {
    id: `${label}:swap:${displayName(index.name)}`,
    stage: 'contract',
    kind: 'transaction',
    table: label,
    title: `${displayName(index.name)} led by ${displayName(tenantColumn)} takes its place`,
    why: 'Both exist, so this only changes the catalog; the name stays. Every statement now carries its tenant, so nothing needs the old one.',
    lock: 'ACCESS EXCLUSIVE',
    lockedFor: 'milliseconds, catalog only',
    online: true,
    statements,
    done: `exists (select from pg_catalog.pg_index i join pg_catalog.pg_class x on x.oid = i.indexrelid join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0] where i.indrelid = ${regclassOf(table)} and x.relname = ${quoteLiteral(index.name)} and a.attname = ${quoteLiteral(tenantColumn)})`,
  };
}

/**
 * A partitioned index cannot be built concurrently: build it per partition, then join the parts, which only
 * changes the catalog. Constraints are joined in the one moment in which the old one goes.
 */
function planPartitionedTwin(draft: Draft, subject: Subject, index: IndexInfo): void {
  const { table, tenantColumn, label } = subject;
  const name = twinName(index);
  const parts = table.partitions.flatMap((partition) => {
    const child = draft.catalog.tables.find((candidate) => candidate.oid === partition.oid);
    const part = child?.indexes.find((candidate) => candidate.parentOid === index.oid);
    return child === undefined || part === undefined ? [] : [{ child, part }];
  });
  for (const { child, part } of parts) {
    draft.steps.push(
      buildIndex(
        label,
        child,
        twinName(part),
        twinDefinition(part, tenantColumn, child, twinName(part), 'concurrently'),
        `build ${displayName(part.name)} led by ${displayName(tenantColumn)}`,
      ),
    );
  }
  const t = qualified(table);
  const inSchema = (relation: Relation, named: string) =>
    `${quoteIdent(relation.schema)}.${quoteIdent(named)}`;
  if (index.constraint !== null) {
    const { name: constraint, kind } = index.constraint;
    const word = kind === 'p' ? 'primary key' : 'unique';
    const keys = index.keys.flatMap((key) => (key === null || key === tenantColumn ? [] : [key]));
    draft.steps.push(
      swapStep(subject, index, [
        `alter table ${t} drop constraint ${quoteIdent(constraint)}`,
        `alter table only ${t} add constraint ${quoteIdent(constraint)} ${word} (${quoteColumns([tenantColumn, ...keys])})`,
        ...parts.flatMap(({ child, part }) => [
          `alter table ${qualified(child)} add constraint ${quoteIdent(part.name)} ${word} using index ${quoteIdent(twinName(part))}`,
          `alter index ${inSchema(table, constraint)} attach partition ${inSchema(child, part.name)}`,
        ]),
      ]),
    );
    return;
  }
  draft.steps.push(
    {
      id: `${label}:index:${displayName(name)}`,
      stage: 'prepare',
      kind: 'transaction',
      table: label,
      title: `join ${displayName(name)} from its partitions`,
      why: 'The partitions have theirs already, so joining them only changes the catalog.',
      lock: 'SHARE',
      lockedFor: 'milliseconds, catalog only',
      online: true,
      statements: [
        twinDefinition(index, tenantColumn, table, name, 'only').replace(
          ' index ',
          ' index if not exists ',
        ),
        ...parts.map(
          ({ child, part }) =>
            `alter index ${inSchema(table, name)} attach partition ${inSchema(child, twinName(part))}`,
        ),
      ],
      done: indexIsValid(table, name),
    },
    swapStep(subject, index, [
      `drop index ${inSchema(table, index.name)}`,
      `alter index ${inSchema(table, name)} rename to ${quoteIdent(index.name)}`,
      ...parts.map(
        ({ child, part }) =>
          `alter index ${inSchema(child, twinName(part))} rename to ${quoteIdent(part.name)}`,
      ),
    ]),
  );
}

function planExclusion(draft: Draft, subject: Subject, index: IndexInfo): void {
  const { table, tenantColumn, label } = subject;
  const { name, definition } = index.constraint ?? { name: index.name, definition: '' };
  const shown = displayName(name);
  if (index.keys.includes(tenantColumn)) return;
  if (draft.request.keepUnique.includes(name)) {
    note(
      draft,
      'warning',
      table,
      `${shown} stays global as asked: its error tells one tenant that another's row conflicts`,
    );
    return;
  }
  const head = /^EXCLUDE USING (\w+) \(/.exec(definition);
  if (head === null || head[1] !== 'gist') {
    refuse(
      draft,
      'index_unsupported',
      table,
      `exclusion constraint ${shown} is not of the gist method`,
      `--keep-unique ${shown}`,
    );
    return;
  }
  if (!draft.catalog.extensions.includes('btree_gist')) {
    refuse(
      draft,
      'exclusion_needs_btree_gist',
      table,
      `exclusion constraint ${shown} needs the tenant column beside it, which takes the extension btree_gist`,
      'create extension btree_gist',
    );
    return;
  }
  if (table.rowsEstimate > SMALL_TABLE_ROWS && !draft.request.allowBlocking) {
    refuse(
      draft,
      'exclusion_blocks',
      table,
      `exclusion constraint ${shown} can only be rebuilt under a lock, for about ${Math.round(table.rowsEstimate)} rows`,
      '--allow-blocking in a quiet hour',
    );
    return;
  }
  draft.steps.push({
    id: `${label}:exclusion:${shown}`,
    stage: 'contract',
    kind: 'transaction',
    table: label,
    title: `rebuild ${shown} per tenant`,
    why: 'An exclusion constraint cannot be built concurrently: the table waits while its index is built.',
    lock: 'ACCESS EXCLUSIVE',
    lockedFor: `the build of an index on about ${Math.round(table.rowsEstimate)} rows`,
    online: false,
    statements: [
      `alter table ${qualified(table)} drop constraint ${quoteIdent(name)}, add constraint ${quoteIdent(name)} ${head[0]}${quoteIdent(tenantColumn)} with =, ${definition.slice(head[0].length)}`,
    ],
    done: `exists (select from pg_catalog.pg_constraint k join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = any(k.conkey) where k.conrelid = ${regclassOf(table)} and k.conname = ${quoteLiteral(name)} and a.attname = ${quoteLiteral(tenantColumn)})`,
    rowsEstimate: table.rowsEstimate,
  });
}

/** Makes sure that (tenant, columns) is unique on a parent, so that a composite key can refer to it. */
export function ensureReferable(
  draft: Draft,
  table: TableInfo,
  tenantColumn: string,
  columns: readonly string[],
): void {
  const wanted = [tenantColumn, ...columns];
  const matches = (keys: readonly (string | null)[]) =>
    keys.length === wanted.length && wanted.every((c) => keys.includes(c));
  if (
    table.indexes.some(
      (index) =>
        index.unique &&
        index.valid &&
        !index.partial &&
        index.constraint?.deferrable !== true &&
        matches(index.keys),
    )
  )
    return;
  const subject = draft.subjects.find((candidate) => candidate.table === table);
  if (table.kind === 'p') {
    refuse(
      draft,
      'partitions_unsupported',
      table,
      'a foreign key refers to it; protect does not rebuild a referenced key of a partitioned table',
      'drop the foreign key first and add its composite form afterwards',
    );
    return;
  }
  const twin = table.indexes.find(
    (index) => index.unique && matches([tenantColumn, ...index.keys]) && index.plain,
  );
  const planned =
    subject !== undefined &&
    twin !== undefined &&
    draft.steps.some(
      (step) => step.index?.name === twinName(twin) && step.index.schema === table.schema,
    );
  if (planned) return;
  const name = generatedName(`${table.name}_${columns.join('_')}`, 'tenant');
  if (draft.steps.some((step) => step.index?.name === name)) return;
  const label = subject?.label ?? displayName(table.name);
  draft.steps.push(
    buildIndex(
      label,
      table,
      name,
      `create unique index concurrently ${quoteIdent(name)} on ${qualified(table)} (${quoteColumns(wanted)})`,
      `build (${wanted.map(displayName).join(', ')}) for foreign keys`,
    ),
  );
}
