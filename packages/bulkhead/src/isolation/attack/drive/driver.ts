/** A way of sending statements, and everything that came back for one. */
import type { Attempt } from '../attempt.ts';
import type { DriverName } from '../report.ts';

/** A piece of an answer: what it is, and its bytes. */
export interface Piece {
  readonly where: 'rows' | 'error' | 'notice' | 'notification' | 'parameter' | 'wire';
  readonly bytes: Buffer | string;
}

export interface Answer {
  readonly statement: string;
  /** `refused` by the guard or the pool; `denied` by the database. */
  readonly outcome: 'rows' | 'empty' | 'denied' | 'refused';
  /** Rows returned, or affected where none are. */
  readonly rowCount: number;
  /** SQLSTATE or a code of Bulkhead's. */
  readonly code: string | undefined;
  readonly pieces: readonly Piece[];
}

export interface Driver {
  readonly name: DriverName;
  /** Never throws for what a statement does; one answer a step, in order. */
  run(steps: readonly string[], mode: Attempt['mode']): Promise<Answer[]>;
  close(): Promise<void>;
}

/** Every field of an error that a client is shown, names of constraints included. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const fields = Object.values(error).filter((value) => typeof value === 'string');
  return [error.message, ...fields].join('\n');
}

export function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** Bulkhead's own codes have a dot; SQLSTATEs have none. */
export function failure(statement: string, error: unknown, pieces: readonly Piece[]): Answer {
  const code = codeOf(error);
  return {
    statement,
    outcome: code?.includes('.') ? 'refused' : 'denied',
    rowCount: 0,
    code,
    pieces: [...pieces, { where: 'error', bytes: errorText(error) }],
  };
}
