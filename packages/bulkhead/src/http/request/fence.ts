/**
 * Changes that say of themselves that they are made.
 *
 * Promises: of a change that is sent under an Idempotency-Key, the statement that makes it also marks the key, so
 * both are committed or neither is, and an attempt that has lost its key to another one fails by the same statement.
 * Whoever finds the key without the mark may therefore make the change, whatever became of the attempt before.
 */
import type { StatementPort } from '../../kernel/operation.ts';

/** Which key, and as which attempt. */
export interface Mark {
  readonly actor: string;
  readonly key: string;
  readonly holder: string;
}

/** A call of one function of ours, which gives exactly one row. */
const CALL = /^select (bulkhead\.\w+\([^()]*\)(?:::text)? as (?:json|result))$/;

const marks = new WeakMap<object, Mark>();

/** What is changed in this context from now on, by fenced operations, carries the mark. */
export function markIn(context: object, mark: Mark): void {
  marks.set(context, mark);
}

/** @throws for a statement that has no place for the mark: a fault of the operation that was said to be fenced. */
export function fenced<P extends StatementPort>(ports: P, here: () => object | undefined): P {
  return {
    ...ports,
    query(text: string, values: unknown[]) {
      const context = here();
      const mark = context === undefined ? undefined : marks.get(context);
      if (mark === undefined) return ports.query(text, values);
      const call = CALL.exec(text)?.[1];
      if (call === undefined) throw new Error(`no place for a mark in ${text}`);
      const n = values.length;
      return ports.query(
        `select bulkhead.idempotency_mark($${n + 1}, $${n + 2}, $${n + 3}::uuid) as marked, ${call}`,
        [...values, mark.actor, mark.key, mark.holder],
      );
    },
  };
}
