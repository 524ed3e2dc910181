/** What planning yields: steps in the order they run, and what stands against running them. */
import { z } from 'zod';
import type { Relation } from './catalog.ts';

/**
 * `prepare` changes nothing that a running app notices; `enforce` raises the wall, and from then on only the
 * protected pool sees rows; `contract` removes the keys and indexes that the enforced app no longer needs.
 */
export type Stage = 'prepare' | 'enforce' | 'contract';

/**
 * How a step runs. `transaction`: all statements in one, with a short lock time-out and retries.
 * `index`: concurrently, outside a transaction; an invalid left-over is dropped first.
 * `scan`: alone, reads the table without stopping writers. `backfill`: batches, committed one by one.
 */
export type StepKind = 'transaction' | 'index' | 'scan' | 'backfill';

export interface Step {
  /** Stable for the same catalog and request. */
  readonly id: string;
  readonly stage: Stage;
  readonly kind: StepKind;
  /** As a person reads it; safe in a comment. */
  readonly table: string;
  readonly title: string;
  readonly why: string;
  readonly lock: string;
  readonly lockedFor: string;
  /** Reads and writes go on meanwhile, but for the moment of a lock. */
  readonly online: boolean;
  readonly statements: readonly string[];
  /** A boolean expression: the step has nothing left to do. */
  readonly done: string;
  readonly index?: Relation;
  readonly backfill?: Backfill;
  readonly rowsEstimate?: number;
}

/** One statement fills one batch: parameters are the last key as text (or null), then the batch size. */
export interface Backfill {
  readonly keyCount: number;
  /** Returns one row: filled, seen, and last_1 … last_n as text. */
  readonly batchSql: string;
  /** Returns `remaining`: is there a row without a tenant. */
  readonly remainingSql: string;
  /** Runs with triggers silent (superuser only). */
  readonly silent: boolean;
}

export interface Refusal {
  readonly code: RefusalCode;
  readonly table: string;
  readonly message: string;
  /** What to do: a statement, an option, or a sentence where neither does it. */
  readonly fix: string;
}

export const refusalCodes = [
  'table_missing',
  'kind_unsupported',
  'not_owner',
  'owned_by_app',
  'app_role_unfit',
  'server_unready',
  'no_primary_key',
  'tenant_column_not_uuid',
  'no_backfill_path',
  'ambiguous_path',
  'path_cycle',
  'rows_without_tenant',
  'rows_across_tenants',
  'foreign_key_unlisted',
  'foreign_key_unsupported',
  'unique_unsupported',
  'index_unsupported',
  'exclusion_needs_btree_gist',
  'exclusion_blocks',
  'partitions_unsupported',
  'inheritance',
  'view_without_invoker',
  'materialized_view',
  'rule',
  'replication',
  'key_in_use',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export interface Note {
  readonly level: 'note' | 'warning';
  readonly table: string;
  readonly message: string;
}

/** Asked of the data before anything changes; a count above zero is a refusal. */
export interface Probe {
  readonly table: string;
  readonly code: RefusalCode;
  readonly sql: string;
  readonly message: (count: number) => string;
  readonly fix: string;
}

export interface Plan {
  /** The tables asked for, as a person reads them. */
  readonly tables: readonly string[];
  readonly alreadyProtected: readonly string[];
  readonly steps: readonly Step[];
  readonly refusals: readonly Refusal[];
  readonly notes: readonly Note[];
  readonly probes: readonly Probe[];
}

export const requestSchema = z.strictObject({
  /** `org_id` for every listed table that has it, or `projects.org_id` for one. Default `tenant_id`. */
  tenantColumns: z.array(z.string().min(1)).default([]),
  /** The column whose foreign key leads to the tenant: `project_id`, or `tasks.project_id`. */
  via: z.array(z.string().min(1)).default([]),
  /** Every existing row of a table without another source belongs to this tenant. */
  allTo: z
    .guid()
    .transform((id) => id.toLowerCase())
    .optional(),
  /** Unique constraints, exclusion constraints or indexes that stay global: an acknowledged oracle. */
  keepUnique: z.array(z.string().min(1)).default([]),
  /** False: refuse a view without security_invoker where it would be altered. */
  alterViews: z.boolean().default(true),
  /** Exclusion constraints of big tables are rebuilt under a lock for as long as that takes. */
  allowBlocking: z.boolean().default(false),
  /** The backfill fires no triggers of the app; needs a superuser. */
  silentBackfill: z.boolean().default(false),
  batchRows: z.number().int().min(100).max(50_000).default(5_000),
});
export type ProtectRequest = z.input<typeof requestSchema>;
export type ResolvedRequest = z.output<typeof requestSchema>;
