/**
 * What the prover says, as values: verdicts, findings, objects, the whole proof.
 *
 * Promises: the JSON report is exactly `Proof`, so a field added here is a field users see. Holds no
 * logic; who decides what is in `rules/`, and how it is put into words in `report/`.
 */

export type Verdict = 'proven' | 'leak' | 'unknown';

export type Severity = 'critical' | 'high' | 'medium' | 'low';

export type ObjectType =
  | 'table'
  | 'partition'
  | 'foreign-table'
  | 'view'
  | 'matview'
  | 'function'
  | 'procedure'
  | 'sequence'
  | 'role'
  | 'schema'
  | 'large-object'
  | 'foreign-server'
  | 'publication'
  | 'event-trigger'
  | 'database';

/** One hole, or one thing that could not be decided, in one object. */
export interface Finding {
  /** `schema.name`; `role:NAME` for a fault that comes through a role. Made by `objectName` and `roleObject`. */
  readonly object: string;
  readonly type: ObjectType;
  /** The kind of hole, kebab-case and stable: users put it into baselines. */
  readonly kind: string;
  /** One sentence. */
  readonly why: string;
  /** SQL that shows the hole, run as the app's role with the context of tenant B; null where none can be given. */
  readonly exploit: string | null;
  /** The probe ran the exploit and saw another tenant's row. */
  readonly confirmed: boolean;
  /** SQL that closes this hole and no other; null where a person must decide. */
  readonly fix: string | null;
  readonly severity: Severity;
  /** `unknown`: a rule could not decide; `why` says what. */
  readonly verdict: 'leak' | 'unknown';
}

export interface ProvedObject {
  readonly object: string;
  readonly type: ObjectType;
  readonly verdict: Verdict;
  /** Why a proven object is proven, in one sentence; null beside findings. */
  readonly because: string | null;
  readonly findings: readonly Omit<Finding, 'object' | 'type' | 'verdict'>[];
}

/** How the convention names itself in the report. */
export interface ConventionReport {
  readonly kind: ConventionKind;
  /** The custom setting that carries the tenant, when one does. */
  readonly setting: string | null;
  /** SQL that denotes the context's tenant. */
  readonly expression: string | null;
  /** Columns that hold a row's tenant, most common first. */
  readonly tenantColumns: readonly string[];
  /** The table that lists the tenants, as `schema.name`. */
  readonly registry: string | null;
}

export type ConventionKind =
  /** `current_setting('app.tenant_id')`. */
  | 'setting'
  /** `request.jwt.claims` by `auth.uid()`, `auth.jwt()` or directly. */
  | 'jwt-claims'
  /** Bulkhead's own signed context, `bulkhead.tenant_id()`. */
  | 'signed'
  /** Given by the user as `--tenant-expression`. */
  | 'expression'
  /** One database role a tenant: `current_user` decides. */
  | 'current-user'
  | 'none';

export interface Proof {
  readonly version: 1;
  readonly database: string;
  readonly role: string;
  readonly summary: { readonly proven: number; readonly leak: number; readonly unknown: number };
  readonly objects: readonly ProvedObject[];
  readonly convention: ConventionReport;
  /** What no catalog can see, and what this catalog would not show us. */
  readonly notSeen: readonly string[];
}
