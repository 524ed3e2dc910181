/**
 * What `protect` knows about a database: a snapshot of the catalog, taken in one read-only transaction.
 * Plain data, so that planning is pure and a plan can be tested without a database.
 */
import { z } from 'zod';

const relation = z.object({ schema: z.string(), name: z.string() });

const column = z.object({
  name: z.string(),
  type: z.string(),
  notNull: z.boolean(),
  default: z.string().nullable(),
  identity: z.boolean(),
  generated: z.boolean(),
});

const index = z.object({
  oid: z.number(),
  name: z.string(),
  /** Key columns; null where the key is an expression. */
  keys: z.array(z.string().nullable()),
  include: z.array(z.string()),
  unique: z.boolean(),
  primary: z.boolean(),
  valid: z.boolean(),
  method: z.string(),
  partial: z.boolean(),
  nullsNotDistinct: z.boolean(),
  /** Default operator classes, collations and orders only: it can be rebuilt from its column names. */
  plain: z.boolean(),
  /** `pg_get_indexdef` up to and including the opening bracket of the keys. */
  prefix: z.string(),
  definition: z.string(),
  replicaIdentity: z.boolean(),
  /** The partitioned index that this one is attached to. */
  parentOid: z.number().nullable(),
  constraint: z
    .object({
      name: z.string(),
      kind: z.enum(['p', 'u', 'x']),
      deferrable: z.boolean(),
      deferred: z.boolean(),
      period: z.boolean(),
      definition: z.string(),
      /** Views whose GROUP BY leans on this key. */
      dependents: z.array(z.string()),
    })
    .nullable(),
});

const foreignKey = z.object({
  name: z.string(),
  from: relation,
  to: relation,
  columns: z.array(z.string()),
  references: z.array(z.string()),
  /** Schema and name of the operator that compares each pair, for example `pg_catalog`, `=`. */
  operators: z.array(z.object({ schema: z.string(), name: z.string() })),
  onDelete: z.string(),
  onUpdate: z.string(),
  setColumns: z.array(z.string()),
  match: z.string(),
  deferrable: z.boolean(),
  deferred: z.boolean(),
  validated: z.boolean(),
  enforced: z.boolean(),
  period: z.boolean(),
});

const view = relation.extend({
  materialized: z.boolean(),
  securityInvoker: z.boolean(),
  appMaySelect: z.boolean(),
  system: z.boolean(),
});

const table = relation.extend({
  oid: z.number(),
  kind: z.string(),
  persistence: z.string(),
  owner: z.string(),
  appOwns: z.boolean(),
  mayAlter: z.boolean(),
  mayCreateInSchema: z.boolean(),
  rowsEstimate: z.number(),
  bytes: z.number(),
  rowSecurity: z.boolean(),
  forceRowSecurity: z.boolean(),
  replicaIdentity: z.string(),
  isPartition: z.boolean(),
  columns: z.array(column),
  indexes: z.array(index),
  foreignKeys: z.array(foreignKey),
  referencedBy: z.array(foreignKey),
  checks: z.array(z.object({ name: z.string(), validated: z.boolean() })),
  policies: z.array(
    z.object({
      name: z.string(),
      permissive: z.boolean(),
      columns: z.array(z.string()),
      /** Covers all commands and PUBLIC, and both expressions are there. */
      whole: z.boolean(),
    }),
  ),
  triggers: z.array(z.object({ name: z.string(), onUpdate: z.boolean(), enabled: z.string() })),
  rules: z.array(z.string()),
  views: z.array(view),
  publications: z.array(z.object({ name: z.string(), columnList: z.boolean() })),
  partitions: z.array(relation.extend({ oid: z.number(), kind: z.string() })),
  inheritance: z.array(relation),
  /** Sequences that a column default draws from; identity sequences need no privilege. */
  sequences: z.array(relation),
  definerFunctions: z.array(z.string()),
  /** What the app's role may do now, by whatever way. */
  appPrivileges: z.array(z.string()),
  appColumnGrants: z.boolean(),
});

export const catalogSchema = z.object({
  serverVersion: z.number(),
  superuser: z.boolean(),
  mayUsePlpgsql: z.boolean(),
  extensions: z.array(z.string()),
  appRole: z
    .object({ name: z.string(), superuser: z.boolean(), bypassRls: z.boolean() })
    .nullable(),
  appRoleName: z.string(),
  tenantFunction: z.object({ exists: z.boolean(), appMayCall: z.boolean() }),
  /** The tables asked for, in the order asked. */
  listed: z.array(z.number()),
  /** What was asked for and is not there, with tables that may have been meant. */
  missing: z.array(z.object({ name: z.string(), similar: z.array(z.string()) })),
  tables: z.array(table),
});

export type Relation = z.infer<typeof relation>;
export type ColumnInfo = z.infer<typeof column>;
export type IndexInfo = z.infer<typeof index>;
export type ForeignKeyInfo = z.infer<typeof foreignKey>;
export type ViewInfo = z.infer<typeof view>;
export type TableInfo = z.infer<typeof table>;
export type Catalog = z.infer<typeof catalogSchema>;

export function sameRelation(a: Relation, b: Relation): boolean {
  return a.schema === b.schema && a.name === b.name;
}

export function findTable(catalog: Catalog, relation: Relation): TableInfo | undefined {
  return catalog.tables.find((table) => sameRelation(table, relation));
}

export function findColumn(table: TableInfo, name: string): ColumnInfo | undefined {
  return table.columns.find((column) => column.name === name);
}

export function primaryKey(table: TableInfo): IndexInfo | undefined {
  return table.indexes.find((index) => index.primary);
}

/** The column that Bulkhead's policy on the table compares, if it has that policy. */
export function protectedBy(table: TableInfo): string | undefined {
  const policy = table.policies.find(
    (p) => p.name === 'bulkhead_tenant' && !p.permissive && p.whole,
  );
  return table.rowSecurity && policy?.columns.length === 1 ? policy.columns[0] : undefined;
}
