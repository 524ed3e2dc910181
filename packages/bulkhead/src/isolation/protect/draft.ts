/**
 * The plan while it is being drawn up: what every planner of one aspect reads and adds to. Lives for one
 * call of `planProtection` and never leaves it.
 */
import {
  type Catalog,
  type ForeignKeyInfo,
  findColumn,
  findTable,
  protectedBy,
  type Relation,
  type TableInfo,
} from './catalog.ts';
import type { Note, Probe, Refusal, RefusalCode, ResolvedRequest, Step } from './plan.ts';
import { displayRelation, qualified, quoteIdent, quoteLiteral } from './quote.ts';

/** Where the tenant of a row comes from. */
export type Source =
  | { readonly kind: 'column' }
  | { readonly kind: 'tenant'; readonly id: string }
  | {
      readonly kind: 'parent';
      readonly parent: TableInfo;
      readonly foreignKey: ForeignKeyInfo;
      readonly parentColumn: string;
      /** Child and parent column pairs without the tenant's own. */
      readonly pairs: readonly { child: string; parent: string; operator: string }[];
    };

/** One listed table and what was decided about it. */
export interface Subject {
  readonly table: TableInfo;
  readonly label: string;
  readonly tenantColumn: string;
  /** The tenant column alone is a key: the table is the register of tenants itself. */
  readonly selfKeyed: boolean;
  readonly source: Source;
}

export interface Draft {
  readonly catalog: Catalog;
  readonly request: ResolvedRequest;
  readonly subjects: Subject[];
  readonly steps: Step[];
  readonly refusals: Refusal[];
  readonly notes: Note[];
  readonly probes: Probe[];
}

export function refuse(
  draft: Draft,
  code: RefusalCode,
  table: Relation | string,
  message: string,
  fix: string,
): void {
  const label = typeof table === 'string' ? table : displayRelation(table);
  draft.refusals.push({ code, table: label, message, fix });
}

export function note(draft: Draft, level: Note['level'], table: Relation, message: string): void {
  draft.notes.push({ level, table: displayRelation(table), message });
}

/** The tenant column of a table that is protected or about to be; undefined for any other. */
export function tenantColumnOf(draft: Draft, relation: Relation): string | undefined {
  const table = findTable(draft.catalog, relation);
  if (table === undefined) return undefined;
  return (
    draft.subjects.find((subject) => subject.table === table)?.tenantColumn ?? protectedBy(table)
  );
}

/**
 * The tenant of the row `alias` as one expression, whether or not the column is there yet. Ends because
 * subjects were ordered parents first, and a cycle of sources was refused.
 */
export function tenantExpression(draft: Draft, subject: Subject, alias: string, depth = 0): string {
  const own = findColumn(subject.table, subject.tenantColumn);
  const column = own === undefined ? undefined : `${alias}.${quoteIdent(own.name)}`;
  if (own?.notNull || subject.source.kind === 'column') return column ?? 'null::uuid';
  const source = sourceExpression(draft, subject.source, alias, depth);
  return column === undefined ? source : `coalesce(${column}, ${source})`;
}

function sourceExpression(draft: Draft, source: Source, alias: string, depth: number): string {
  if (source.kind === 'tenant') return `${quoteLiteral(source.id)}::uuid`;
  if (source.kind === 'column') return 'null::uuid';
  const up = `p${depth}`;
  const parent = draft.subjects.find((subject) => subject.table === source.parent);
  const value =
    parent === undefined
      ? `${up}.${quoteIdent(source.parentColumn)}`
      : tenantExpression(draft, parent, up, depth + 1);
  const match = matchPairs(source, up, alias);
  return `(select ${value} from ${qualified(source.parent)} ${up} where ${match})`;
}

export function matchPairs(
  source: Extract<Source, { kind: 'parent' }>,
  parent: string,
  child: string,
): string {
  return source.pairs
    .map(
      (pair) =>
        `${parent}.${quoteIdent(pair.parent)} ${pair.operator} ${child}.${quoteIdent(pair.child)}`,
    )
    .join(' and ');
}
