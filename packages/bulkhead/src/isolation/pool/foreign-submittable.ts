/**
 * Lets a cursor or a COPY stream, which writes its own messages, run on a scoped client: inside a
 * transaction that carries the context. On an idle session the transaction is ours, opened before it and
 * committed after it, three entries of the client's own FIFO queue.
 *
 * No portal outlives the context: a portal ends with its transaction, and the transaction ends with the
 * submittable.
 */
import { AsyncResource } from 'node:async_hooks';
import type { ForeignSubmittable, PgConnection } from './pg-internals.ts';
import type { Statement } from './scoped-query.ts';
import type { ScopedSession } from './scoped-session.ts';

export class ForeignRun {
  readonly submittable: ForeignSubmittable;
  readonly #session: ScopedSession;
  readonly #token: () => string;
  #ownsTransaction = false;
  #failed = false;

  constructor(submittable: ForeignSubmittable, session: ScopedSession, token: () => string) {
    this.submittable = submittable;
    this.#session = session;
    this.#token = token;
    keepContext(submittable);
    const submit = submittable.submit.bind(submittable);
    submittable.submit = (connection: PgConnection) => {
      if (this.#failed) return new Error('the transaction that carries the context did not open');
      this.#session.openForeign();
      return submit(connection);
    };
  }

  /** Opens a transaction unless one is open when its turn comes. */
  get open(): Statement {
    return {
      config: { text: 'select 1' },
      kind: 'select',
      token: this.#token,
      resolve: (status) => {
        this.#ownsTransaction = status === 'I';
        return this.#ownsTransaction ? { text: 'BEGIN', kind: 'begin' } : undefined;
      },
    };
  }

  /** Any statement will do: its frame sets the context in the open transaction. */
  get carry(): Statement {
    return { config: { text: 'select 1' }, kind: 'select', token: this.#token };
  }

  get close(): Statement {
    return {
      config: { text: 'select 1' },
      kind: 'select',
      token: this.#token,
      resolve: () => (this.#ownsTransaction ? { text: 'COMMIT', kind: 'commit' } : undefined),
    };
  }

  /** Outcome of `open` and `carry`. */
  prepared(error: Error | null): void {
    if (error !== null) this.#failed = true;
  }

  /** Outcome of `close`: a COMMIT that failed is the submittable's failure. */
  closed(error: Error | null, connection: PgConnection): void {
    if (error !== null && !this.#failed && this.#ownsTransaction) {
      this.submittable.handleError(error, connection);
    }
  }
}

/** What `pg` calls when an answer comes in; from there the caller's row and end listeners run. */
const ANSWERS = [
  'handleRowDescription',
  'handleDataRow',
  'handlePortalSuspended',
  'handleCommandComplete',
  'handleEmptyQuery',
  'handleReadyForQuery',
  'handleError',
  'handleCopyData',
];

/** Listeners run in the context of the caller, not in none, as the socket's own do. */
function keepContext(submittable: ForeignSubmittable): void {
  const resource = new AsyncResource('bulkhead.submittable');
  const handlers = submittable as unknown as Record<string, unknown>;
  for (const name of ANSWERS) {
    const handler = handlers[name];
    if (typeof handler !== 'function') continue;
    handlers[name] = (...given: unknown[]) =>
      resource.runInAsyncScope(() => handler.apply(submittable, given));
  }
}
