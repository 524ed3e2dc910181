/**
 * Changes that say of themselves that they are made, and are not made where they may not be.
 *
 * Promises: of a change that is sent under an Idempotency-Key, the statement that makes it also marks the key, so
 * both are committed or neither is, and an attempt that has lost its key to another one fails by the same statement.
 * Whoever finds the key without the mark may therefore make the change, whatever became of the attempt before.
 * Of a change that is sent with If-Match, the same statement fails where anything of the tenant has changed since
 * what it is about was compared: of several who read the same, one changes it.
 */
import { type BulkheadError, isBulkheadError } from '../../kernel/errors.ts';
import type { StatementPort } from '../../kernel/operation.ts';
import { httpError } from '../errors.ts';

/** Which key, and as which attempt. */
export interface Mark {
  readonly actor: string;
  readonly key: string;
  readonly holder: string;
}

/** A call of one function of ours, which gives exactly one row. */
const CALL =
  /^select ((?:bulkhead\.\w+\([^()]*\)(?:::text)?|to_jsonb\(bulkhead\.\w+\([^()]*\)\)) as (?:json|result))$/;

const marks = new WeakMap<object, Mark>();
const stamps = new WeakMap<object, string>();
const moved = new WeakSet<BulkheadError>();

/** What is changed in this context from now on, by fenced operations, carries the mark. */
export function markIn(context: object, mark: Mark): void {
  marks.set(context, mark);
}

/** What is changed in this context from now on, by fenced operations, is so only while the tenant stands at this stamp. */
export function holdIn(context: object, stamp: string): void {
  stamps.set(context, stamp);
}

/** Whether a change failed because the tenant stands elsewhere by now; what was compared may still be the same. */
export const hasMoved = (error: unknown): boolean => isBulkheadError(error) && moved.has(error);

/** @throws for a statement that has no place for them: a fault of the operation that was said to be fenced. */
export function fenced<P extends StatementPort>(ports: P, here: () => object | undefined): P {
  return {
    ...ports,
    async query(text: string, values: unknown[]) {
      const context = here();
      const mark = context && marks.get(context);
      const stamp = context && stamps.get(context);
      if (mark === undefined && stamp === undefined) return ports.query(text, values);
      const call = CALL.exec(text)?.[1];
      if (call === undefined) throw new Error(`no place for a mark in ${text}`);
      const given = [...values];
      const parameter = (value: string) => `$${given.push(value)}`;
      const parts: string[] = [];
      if (stamp !== undefined) {
        parts.push(`bulkhead.precondition_hold(${parameter(stamp)}::bigint) as held`);
      }
      if (mark !== undefined) {
        const [actor, key, holder] = [mark.actor, mark.key, mark.holder].map(parameter);
        parts.push(`bulkhead.idempotency_mark(${actor}, ${key}, ${holder}::uuid) as marked`);
      }
      try {
        return await ports.query(`select ${[...parts, call].join(', ')}`, given);
      } catch (error) {
        throw isPreconditionFailed(error) ? movedError(error) : error;
      }
    },
  };
}

function isPreconditionFailed(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return code === 'BH001' && message === 'http.precondition_failed';
}

function movedError(cause: unknown): BulkheadError {
  const error = httpError('http.precondition_failed', { cause });
  moved.add(error);
  return error;
}
