/**
 * Statements that need no round trip of their own: they go with the next one of their transaction, before it and
 * in the same group.
 *
 * BEGIN is one, and what rooms record of a change is another. The next statement, at the latest the COMMIT, fails
 * as they do; what is rolled back before they were sent is never sent. Promises: they belong to the transaction in
 * which they were given, in the order in which they were.
 */
import type { StatementKind } from '../guard/index.ts';
import type { TransactionStatus } from './group.ts';

export class Riders {
  #opening: Buffer | undefined;
  #statements: Buffer[] = [];

  get isEmpty(): boolean {
    return this.#opening === undefined && this.#statements.length === 0;
  }

  /** The status as the caller knows it, to whom BEGIN was acknowledged. */
  status(known: TransactionStatus): TransactionStatus {
    return this.#opening === undefined ? known : 'T';
  }

  open(begin: Buffer): void {
    this.#opening = begin;
  }

  add(statement: Buffer): void {
    this.#statements.push(statement);
  }

  /** What goes before a statement of `kind`. */
  take(kind: StatementKind): { opening: Buffer | undefined; statements: readonly Buffer[] } {
    const opening = this.#opening;
    // They came after whatever savepoint there is: each statement takes along those that wait.
    const isUndone = kind === 'rollback' || kind === 'rollback_to';
    const statements = isUndone ? [] : this.#statements;
    this.drop();
    return { opening, statements };
  }

  drop(): void {
    this.#opening = undefined;
    if (this.#statements.length > 0) this.#statements = [];
  }
}
