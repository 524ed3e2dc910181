/**
 * What the pool knows of one backend: its transaction status, whether the context is set in the open
 * transaction, what is prepared, and which groups are on their way. Reads the protocol's own answers
 * (ReadyForQuery, ParseComplete) and trusts nothing else.
 */
import {
  type Backend,
  frame,
  type OwnStatements,
  ownStatements,
  type TransactionStatus,
} from './group.ts';
import { GroupWriter } from './group-writer.ts';
import type { PgConnection } from './pg-internals.ts';
import { PreparedStatements, TEXT_LENGTH_MAX } from './prepared-statements.ts';
import { Riders } from './riders.ts';
import type { ScopedQuery } from './scoped-query.ts';
import { bindAndExecute, closeStatement } from './wire.ts';

export interface SessionOptions {
  readonly searchPath: string;
  /** Parse repeated statements under a name; never behind a pooler. */
  readonly prepare: boolean;
}

/** Bounds what texts that differ without end (lists of every length, literals in the text) can take. */
const SEEN_MAX = 5000;
const SEEN_CHARACTERS_MAX = 8 * 1024 * 1024;

/** Which texts a pool has seen; shared by its sessions. Those too long to be prepared are not remembered. */
export class SeenStatements {
  readonly #texts = new Set<string>();
  #characters = 0;

  /** True from the second time on. */
  again(text: string): boolean {
    if (this.#texts.has(text)) return true;
    if (text.length > TEXT_LENGTH_MAX) return false;
    this.#characters += text.length;
    if (this.#texts.size >= SEEN_MAX || this.#characters > SEEN_CHARACTERS_MAX) {
      this.#texts.clear();
      this.#characters = text.length;
    }
    this.#texts.add(text);
    return false;
  }
}

export class ScopedSession {
  status: TransactionStatus = 'I';
  /** The writer a `pg.Query` writes a group with: its `sync` puts the end of the frame before the Sync. */
  readonly writer: GroupWriter;
  readonly #connection: PgConnection;
  readonly #options: SessionOptions;
  readonly #seen: SeenStatements;
  readonly #prepared = new PreparedStatements();
  readonly #inFlight: (ScopedQuery | undefined)[] = [];
  readonly #riders = new Riders();
  #own: OwnStatements | undefined;
  #named = false;
  #contextInTransaction: string | undefined;
  onReady: ((query: ScopedQuery | undefined) => void) | undefined;

  constructor(connection: PgConnection, options: SessionOptions, seen: SeenStatements) {
    this.#connection = connection;
    this.#options = options;
    this.#seen = seen;
    this.writer = new GroupWriter(connection);
    // Registered before pg's own listeners, so that the status is known when pg hands out the result.
    connection.on('parseComplete', () => this.#parsed());
    connection.on('readyForQuery', (message: { status: TransactionStatus }) =>
      this.#ready(message.status),
    );
  }

  /** Decides once, after the handshake, how the pool's own statements travel. */
  begin(backend: Backend): void {
    this.#own = ownStatements(backend, this.#options.searchPath);
    this.#named = this.#options.prepare && !backend.pooled;
  }

  /** Groups sent and not yet answered. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  /** Writes the start of the frame; returns how many commands precede the caller's. */
  open(query: ScopedQuery, connection: PgConnection): number {
    if (this.#own === undefined)
      throw new Error('a session takes no statement before its handshake');
    const { kind } = query;
    const token = query.token();
    const contextIsSet = this.#contextInTransaction === token;
    const status = this.statusAhead;
    const { opening, statements } = this.#riders.take(kind);
    const framed = frame(this.#own, kind, status, token, contextIsSet);
    const before = [...(opening ? [this.#own.reset, opening] : []), ...framed.before];
    if (statements.length > 0) {
      if (!contextIsSet && framed.beforeCount === 0) before.push(this.#own.context(token));
      before.push(...statements);
      this.#contextInTransaction = token;
    } else if (status === 'T' && framed.beforeCount > 0) {
      this.#contextInTransaction = token;
    }
    // What rolls back to a savepoint takes a context that was set after it along.
    if (kind === 'rollback_to') this.#contextInTransaction = undefined;

    const evicted = this.#prepared.takeEvicted();
    for (const name of evicted) delete connection.parsedStatements[name];
    this.writer.open([...evicted.map(closeStatement), ...before], framed.after);
    this.#name(query);
    query.hasRiders = opening !== undefined || statements.length > 0;
    this.#inFlight.push(query);
    // Each of them is one command.
    return before.length;
  }

  /** The transaction's status as it will be when the next group is read. */
  get statusAhead(): TransactionStatus {
    return this.#riders.status(this.status);
  }

  /** True when nothing waits to go with the next statement. */
  get hasNoRiders(): boolean {
    return this.#riders.isEmpty;
  }

  /**
   * Lets a BEGIN go with the next statement. False when it cannot: while groups are under way, or where this backend
   * has not parsed it yet.
   */
  rideOpening(text: string): boolean {
    const name = this.#inFlight.length > 0 ? undefined : this.#prepared.nameOf(text);
    if (name === undefined || this.statusAhead !== 'I') return false;
    this.#riders.open(bindAndExecute(name));
    return true;
  }

  /** The same for a statement in an open transaction, whose values are texts and whose rows nobody wants. */
  ride(text: string, values: readonly string[]): boolean {
    const name = this.#inFlight.length > 0 ? undefined : this.#prepared.nameOf(text);
    if (name === undefined || this.statusAhead !== 'T') return false;
    this.#riders.add(bindAndExecute(name, values));
    return true;
  }

  /** Whoever gave them has let the connection go. */
  dropRiders(): void {
    this.#riders.drop();
  }

  /** Takes the place of a group that writes its own messages, such as a cursor's. */
  openForeign(): void {
    this.#inFlight.push(undefined);
  }

  /** A statement that this backend no longer has, or has under an outdated plan. */
  forget(text: string): void {
    this.#prepared.forget(text);
  }

  /** The connection is gone: whoever waits for a ReadyForQuery is told now. */
  abandon(): void {
    this.#riders.drop();
    for (const query of this.#inFlight.splice(0)) query?.settle(this.#connection);
  }

  #name(query: ScopedQuery): void {
    const asked = query.name !== undefined && query.name !== '';
    query.name = undefined;
    query.parsing = undefined;
    query.description = undefined;
    if (!this.#named || query.retried || !(asked || this.#seen.again(query.text))) return;
    const use = this.#prepared.use(query.text);
    if (use === undefined) return;
    query.name = use.name;
    if (use.parse) query.parsing = query.text;
    // In binary the same rows are described otherwise.
    else if (!query.binary) query.description = use.description;
  }

  #parsed(): void {
    const query = this.#inFlight[0];
    if (query?.parsing === undefined) return;
    this.#prepared.confirm(query.parsing);
    query.parsing = undefined;
  }

  /** What an answered statement was told of its rows spares the next one the question. */
  #learn(query: ScopedQuery): void {
    const { name, description, learned } = query;
    if (name === undefined || query.binary || description !== undefined) return;
    if (query.failure === undefined) this.#prepared.describe(query.text, name, learned ?? null);
  }

  #ready(status: TransactionStatus): void {
    this.status = status;
    if (status === 'I') this.#contextInTransaction = undefined;
    const query = this.#inFlight.shift();
    if (query?.parsing !== undefined) this.#prepared.forget(query.parsing);
    else if (query !== undefined) this.#learn(query);
    this.onReady?.(query);
  }
}
