/** What the guard says about one SQL text. */

export type StatementKind =
  | 'select'
  | 'insert'
  | 'update'
  | 'delete'
  | 'merge'
  | 'values'
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'savepoint'
  | 'release'
  | 'rollback_to'
  | 'set_transaction'
  | 'copy_to'
  | 'copy_from'
  | 'call'
  | 'do'
  /** Nothing but white space, comments and semicolons; PostgreSQL answers it with EmptyQueryResponse. */
  | 'empty';

export interface Allowed {
  readonly allowed: true;
  readonly kind: StatementKind;
  /** True for BEGIN … SET TRANSACTION: the pool decides where such a statement may run. */
  readonly isTransactionControl: boolean;
  /**
   * True if the text itself neither writes nor locks rows. A volatile function that it calls may still
   * write, so this is a hint for routing, never a wall.
   */
  readonly readOnly: boolean;
}

export interface Refused {
  readonly allowed: false;
  readonly code: 'isolation.statement_refused' | 'isolation.statement_unparsable';
  /** One sentence, safe to show. */
  readonly reason: string;
  /** The name of what was refused: a function, a relation or a statement. Safe to show. */
  readonly what: string;
  /** For the log only: the parser's own words, which quote the text. */
  readonly detail?: string;
  /** Of a syntax error, in characters from 1. */
  readonly position?: number;
}

export type Verdict = Allowed | Refused;

const transactionControl: ReadonlySet<StatementKind> = new Set([
  'begin',
  'commit',
  'rollback',
  'savepoint',
  'release',
  'rollback_to',
  'set_transaction',
]);

export function allow(kind: StatementKind, readOnly: boolean): Allowed {
  return { allowed: true, kind, isTransactionControl: transactionControl.has(kind), readOnly };
}

export function refuse(what: string, reason: string): Refused {
  return { allowed: false, code: 'isolation.statement_refused', reason, what };
}

/** Names come from the text, so whatever could be markup or a control character is masked before it is shown. */
export function printable(name: string): string {
  return name.replace(/[^\w.$ -]/g, '?').slice(0, 130);
}
