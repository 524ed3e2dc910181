/** What went wrong with a batch, as far as it decides what to do next. */
import { DatabaseError } from 'pg';

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const UNIQUE_VIOLATION = '23505';

/** Another sequencer, or an erasure, came first. */
export function isLostRace(error: unknown): boolean {
  return hasState(error, SERIALIZATION_FAILURE) || hasState(error, DEADLOCK);
}

/** An event of that id is in one of the tenant's logs already. */
export function isDuplicateEvent(error: unknown): boolean {
  return (
    hasState(error, UNIQUE_VIOLATION) && (error as DatabaseError).constraint === 'audit_event_pkey'
  );
}

/**
 * The fault of something in the batch, so that the others can go on without it. Everything else is not: a
 * lost race or connection, a server that goes down or has no room, a missing grant, a fault of ours.
 */
export function isOfContent(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    return !isLostRace(error) && !/^(?:08|25|28|42|53|55|57|58|XX)/.test(error.code ?? 'XX');
  }
  // What our own code throws over a row, and what the vault throws over a tenant's key.
  return error instanceof RangeError || error instanceof TypeError || isOfAudit(error);
}

const isOfAudit = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('audit.');

const hasState = (error: unknown, code: string): boolean =>
  error instanceof DatabaseError && error.code === code;
