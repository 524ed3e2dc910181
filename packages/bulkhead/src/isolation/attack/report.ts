/** What an attack found, in the shape that `--json` prints; fields are added, never renamed. */

/** The ways in: through the app's protected pool, or as its role in a plain session without the key. */
export type DriverName = 'pool' | 'raw';

/** Where a canary was planted by the app itself: the row it was read from. */
export interface CanarySource {
  readonly table: string;
  readonly column: string;
  readonly tenant: string;
}

export interface AttackFinding {
  readonly family: string;
  readonly driver: DriverName;
  /** What was attacked: the relation, function or setting; else the table the bytes belong to. */
  readonly object: string;
  /**
   * `bytes`: another tenant's text came back. `rows`: rows that are only another tenant's were read or
   * written. `existence`: the answer told whether another tenant has a value. `poisoned`: an honest
   * query of another tenant was answered wrongly.
   */
  readonly kind: 'bytes' | 'rows' | 'existence' | 'poisoned';
  /** One sentence: what was seen. */
  readonly seen: string;
  /** The statement whose answer gave it away. */
  readonly statement: string;
  /** Where in the answer: `rows`, `error`, `notice` … */
  readonly where: string;
  readonly canary: CanarySource | undefined;
  /** All statements of the attempt, in order, on one session. */
  readonly reproduce: string;
}

export interface FamilyReport {
  readonly name: string;
  readonly driver: DriverName;
  readonly description: string;
  readonly attempts: number;
  /** Answered by the statement guard. */
  readonly refused: number;
  /** Answered by an error of the database. */
  readonly denied: number;
  readonly empty: number;
  readonly ownRows: number;
  readonly foreignBytes: number;
  readonly findings: readonly AttackFinding[];
  /** Findings about an object that was already reported in this family. */
  readonly findingsRepeated: number;
}

/** A change to rows between the start and the end of the attack. */
export interface RowsChanged {
  readonly table: string;
  readonly tenant: string;
  readonly rowsBefore: number;
  readonly rowsAfter: number;
}

export interface AttackReport {
  readonly verdict: 'held' | 'leak';
  readonly tenant: string;
  readonly tenantsAttacked: number;
  readonly canaries: number;
  readonly families: readonly FamilyReport[];
  readonly attempts: number;
  /** Of tenants other than the attacker: each is a leak. */
  readonly rowsChanged: readonly RowsChanged[];
  /** Of the attacker itself or of shared tables: no leak, but the attack meant to leave nothing behind. */
  readonly ownRowsChanged: readonly RowsChanged[];
  /** Tables under row-level security whose rows could not be told apart by tenant, and why. */
  readonly unjudged: readonly { readonly table: string; readonly why: string }[];
  /** True when time or the number of statements ran out before every prepared attempt was made. */
  readonly cutShort: boolean;
  readonly seed: number;
  readonly durationMs: number;
}
