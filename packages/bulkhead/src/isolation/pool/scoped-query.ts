/**
 * One statement of a caller inside its frame: a `pg.Query` that reports nothing of the frame, and reports
 * its own outcome only when the whole group has ended, so that success means committed and an error means
 * that the session is ready again.
 */
import type pg from 'pg';
import type { StatementKind } from '../guard/index.ts';
import type { TransactionStatus } from './group.ts';
import { type PgConnection, PgQueryBase, type QueryCallback } from './pg-internals.ts';
import type { Description } from './prepared-statements.ts';
import type { ScopedSession } from './scoped-session.ts';

export interface Statement {
  readonly config: pg.QueryConfig;
  readonly kind: StatementKind;
  /** The signed context to run under, or the empty string for none. */
  readonly token: () => string;
  /** Asked when its turn comes: another text for the status the session is in then. */
  readonly resolve?: (
    status: TransactionStatus,
  ) => { readonly text: string; readonly kind: StatementKind } | undefined;
}

function isPlain(config: pg.QueryConfig): boolean {
  for (const key in config) if (key !== 'text' && key !== 'values') return false;
  return config.values === undefined || Array.isArray(config.values);
}

/** Said of the connection, not of the statement; where they are translated, its end tells. */
const FATAL: ReadonlySet<string> = new Set(['FATAL', 'PANIC']);

export class ScopedQuery extends PgQueryBase {
  kind: StatementKind;
  readonly token: () => string;
  /** The name this statement is parsed under in the group at hand, if that parse is still unanswered. */
  parsing: string | undefined;
  retried = false;
  /** Statements went before it that had no group of their own. */
  hasRiders = false;
  /** What the rows of a statement under a name are known to be; the server is then not asked. */
  description: Description | undefined;
  /** What the server answered where it was asked. */
  learned: object | undefined;
  readonly query_timeout: number | undefined;
  readonly #session: ScopedSession;
  readonly #resolve: Statement['resolve'];
  #ahead = 0;
  /** The known description, until the first answer to what it describes. */
  #undescribed: object | undefined;
  #failure: Error | undefined;
  #settled = false;
  #submitting = false;
  /** A value could not be encoded: `pg` then closes the statement instead of running it. */
  unsent = false;

  constructor(session: ScopedSession, statement: Statement, callback: QueryCallback | undefined) {
    const { config } = statement;
    // pg copies a configuration property by property; most have nothing but these two.
    if (isPlain(config)) super(config.text, config.values, callback);
    else super(config, undefined, callback);
    this.#session = session;
    this.kind = statement.kind;
    this.token = statement.token;
    this.#resolve = statement.resolve;
    this.query_timeout = (config as { query_timeout?: number }).query_timeout;
    // Row batches need a Flush in the middle of the group; the result is the same without them.
    this.rows = undefined;
  }

  submit(connection: PgConnection): Error | null {
    if (this.values !== undefined && this.values !== null && !Array.isArray(this.values)) {
      return new TypeError('Query values must be an array');
    }
    const resolved = this.#resolve?.(this.#session.statusAhead);
    if (resolved !== undefined) {
      this.text = resolved.text;
      this.kind = resolved.kind;
    }
    this.#ahead = this.#session.open(this, connection);
    this.#submitting = true;
    this.#undescribed = this.description ?? undefined;
    this.learned = undefined;
    this.#session.writer.describes = this.description === undefined;
    this.prepare(this.#session.writer);
    this.#submitting = false;
    return null;
  }

  override hasBeenParsed(): boolean {
    return this.name !== undefined && this.parsing === undefined;
  }

  override handleRowDescription(message: unknown): void {
    if (this.#ahead !== 0) return;
    this.learned = message as object;
    super.handleRowDescription(message);
  }

  override handleDataRow(message: unknown): void {
    if (this.#ahead !== 0) return;
    this.#describe();
    super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: PgConnection): void {
    if (this.#ahead === 0) {
      this.#describe();
      super.handleCommandComplete(message, connection);
    }
    this.#ahead -= 1;
  }

  override handleEmptyQuery(): void {
    this.#ahead -= 1;
  }

  /**
   * An ERROR of the server leaves the session usable, from its ReadyForQuery on; so does a value that could
   * not be encoded. Anything else is the end. The server's word for ERROR depends on its language.
   */
  override handleError(error: Error & { severity?: string }, connection: PgConnection): void {
    if (this.#submitting) this.unsent = true;
    const isAnswer = error.severity !== undefined && !FATAL.has(error.severity);
    if ((isAnswer || this.#submitting) && !this.#settled) {
      this.#failure ??= error;
      return;
    }
    this.#fail(error, connection);
  }

  override handleReadyForQuery(connection: PgConnection): void {
    if (!this.#settled) super.handleReadyForQuery(connection);
  }

  /** The group's ReadyForQuery has come. True when it had failed and the caller has been told. */
  settle(connection: PgConnection): void {
    if (this.#failure !== undefined) this.#fail(this.#failure, connection);
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** What the caller is told instead of the server's words. */
  replaceFailure(error: Error): void {
    this.#failure = error;
  }

  /** Forgets a failure so that the same query can be submitted again. */
  retry(): void {
    this.#failure = undefined;
    this.retried = true;
  }

  #describe(): void {
    const description = this.#undescribed;
    if (description === undefined) return;
    this.#undescribed = undefined;
    super.handleRowDescription(description);
  }

  #fail(error: Error, connection: PgConnection): void {
    if (this.#settled) return;
    this.#settled = true;
    super.handleError(error, connection);
  }
}
