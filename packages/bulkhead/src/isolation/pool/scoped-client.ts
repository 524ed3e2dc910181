/**
 * A `pg.Client` on which nothing runs but admitted statements inside their frame.
 *
 * Promises: it takes a statement only with the context it is for, from the pool or from the handle of whoever
 * checked it out; a role that row-level security would not bind is refused at connect.
 */
import pg from 'pg';
import { isolationError } from '../errors.ts';
import type { Context } from '../tenant-context.ts';
import type { Admission } from './admission.ts';
import { connectionError } from './connection-error.ts';
import { ForeignRun } from './foreign-submittable.ts';
import { handshake } from './handshake.ts';
import type { HeldClient } from './held-client.ts';
import { OwnPreparation } from './own-preparation.ts';
import {
  asText,
  connectionOf,
  type ForeignSubmittable,
  isSubmittable,
  type QueryCallback,
  sendBehind,
  sendNext,
} from './pg-internals.ts';
import { ScopedQuery, type Statement } from './scoped-query.ts';
import { ScopedSession, type SeenStatements } from './scoped-session.ts';

/** What every client of one pool shares. */
export interface ClientScope {
  readonly admission: Admission;
  readonly seen: SeenStatements;
  readonly searchPath: string;
  readonly prepare: boolean;
  readonly pooler: 'detect' | 'none' | 'transaction';
  /** Statements of rooms that go with the next one of their transaction instead of alone. */
  readonly riding: ReadonlySet<string>;
  /** Operators' roles pass row-level security by design; the app's must not. */
  readonly role: 'app' | 'operator';
}

/** What a client tells its listeners; whoever holds it hears it too. */
const EVENTS = ['drain', 'end', 'error', 'notice', 'notification'] as const;

export class ScopedClient extends pg.Client {
  /** The handle of whoever has checked the client out. */
  holder: HeldClient | undefined;
  readonly #scope: ClientScope;
  readonly #session: ScopedSession;
  #outstanding = 0;
  /** Somebody took away what the frame stands on: the connection is not given to anybody again. */
  #tampered = false;

  constructor(config: pg.PoolConfig, scope: ClientScope) {
    super(config);
    this.#scope = scope;
    this.#session = new ScopedSession(connectionOf(this), scope, scope.seen);
    this.#session.onReady = (query) => this.#answered(query);
    // A backend that is killed while checked out emits `error`; without a listener Node would end.
    this.on('error', () => undefined);
    this.on('end', () => this.#session.abandon());
    this.#tellHolder();
  }

  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<this> | undefined {
    const connected = super
      .connect()
      .then(() => this.#shakeHands())
      .then(() => this);
    if (callback === undefined) return connected;
    // pg calls back with null on success; its types leave that out.
    connected.then(
      () => callback(null as unknown as Error),
      (error) => callback(error),
    );
    return undefined;
  }

  /** True when the session holds nothing of its last user: safe to hand to the next. */
  get isClean(): boolean {
    if (this.#tampered) return false;
    const { inFlight, status, hasNoRiders } = this.#session;
    return this.#outstanding === 0 && inFlight === 0 && status === 'I' && hasNoRiders;
  }

  /** As the holder knows it: a BEGIN that waits to go with the next statement counts. */
  get transactionStatus(): unknown {
    if (!this.#session.hasNoRiders) return this.#session.statusAhead;
    return (this as unknown as { getTransactionStatus(): unknown }).getTransactionStatus();
  }

  /** Whoever held the client lets it go: what was to go with their next statement does not go at all. */
  dropRiders(): void {
    this.#session.dropRiders();
  }

  /** Turns on pg's pipelining: further groups are sent before the first is answered. */
  share(pipelined: boolean): void {
    (this as unknown as { pipeline: boolean }).pipeline = pipelined;
  }

  /** Sends one admitted statement in its frame. The pool's way in; callers come through `query`. */
  dispatch(statement: Statement, callback: QueryCallback): void {
    this.#outstanding += 1;
    const query = new ScopedQuery(this.#session, statement, (error, result) => {
      this.#outstanding -= 1;
      callback(error, result);
    });
    this.#send(query);
  }

  /** Nobody holds the client itself: what a listener of the pool is handed takes no statement. */
  // biome-ignore lint/suspicious/noExplicitAny: pg's nine overloads share no other implementation type
  override query(config: any, values?: any, callback?: any): any {
    const error = isolationError('isolation.client_released');
    if (isSubmittable(config)) throw error;
    return fail(error, typeof values === 'function' ? values : callback);
  }

  /** Runs what a holder's handle was given, in the context the handle is for. */
  queryIn(
    context: Context,
    config: string | pg.QueryConfig | ForeignSubmittable,
    parameters: unknown[] | undefined,
    done: QueryCallback | undefined,
  ): ForeignSubmittable | Promise<unknown> | undefined {
    if (isSubmittable(config)) return this.#queryForeign(config, context, done);
    try {
      const statement = this.#scope.admission.admit(config, parameters, context, 'client');
      const riding = this.#outstanding === 0 ? this.#ride(statement) : undefined;
      if (riding !== undefined) {
        if (done === undefined) return Promise.resolve(riding);
        process.nextTick(done, null, riding);
        return undefined;
      }
      if (done !== undefined) {
        this.dispatch(statement, (error, result) => done(error && connectionError(error), result));
        return undefined;
      }
      return new Promise((resolve, reject) => {
        this.dispatch(statement, (error, result) =>
          error ? reject(connectionError(error)) : resolve(result),
        );
      }).catch(rethrowFromHere);
    } catch (error) {
      return fail(error, done);
    }
  }

  #queryForeign(
    submittable: ForeignSubmittable,
    context: Context,
    callback: QueryCallback | undefined,
  ): ForeignSubmittable {
    // As pg does: a query object of the caller's may come with its callback.
    if (callback !== undefined) submittable.callback ??= callback;
    const text = submittable.text ?? submittable.cursor?.text ?? '';
    const { token } = this.#scope.admission.admit(text, undefined, context, 'submittable');
    const run = new ForeignRun(submittable, this.#session, token);
    const prepared: QueryCallback = (error) => run.prepared(error);
    this.dispatch(run.open, prepared);
    sendBehind(this, () => this.dispatch(run.carry, prepared));
    // pg accepts any Submittable here; its types want their own.
    sendBehind(this, () => super.query(submittable as unknown as pg.Submittable));
    sendBehind(this, () =>
      this.dispatch(run.close, (error) => run.closed(error, connectionOf(this))),
    );
    return submittable;
  }

  /** The answer to a statement that goes with the next one; undefined for one that is sent. */
  #ride({ config, kind }: Statement): pg.QueryResult | undefined {
    const { text, values } = config;
    if (kind === 'begin') {
      const [command] = OPENING.exec(text) ?? [];
      if (command === undefined || values?.length || !this.#session.rideOpening(text)) return;
      return { command: command.toUpperCase(), ...NO_ROWS, rowCount: null };
    }
    if (!this.#scope.riding.has(text) || !areTexts(values)) return undefined;
    return this.#session.ride(text, values) ? { command: 'SELECT', ...NO_ROWS } : undefined;
  }

  #send(query: ScopedQuery): void {
    // pg accepts any Submittable here; its types want their own Query class.
    super.query(query as unknown as pg.Query);
  }

  /** Runs before pg hands out the result of the group. */
  #answered(query: ScopedQuery | undefined): void {
    const failure: (Error & { code?: string; routine?: string }) | undefined = query?.failure;
    if (query === undefined || failure === undefined) return;
    if (isOwnStatementGone(failure)) {
      this.#tampered = true;
      query.replaceFailure(isolationError('isolation.session_tampered', { cause: failure }));
    } else if (query.unsent) {
      this.#session.forget(query.text);
    } else if (isStale(failure)) {
      // It may be one that went before it which is gone: the next connection has it.
      if (query.hasRiders) this.#tampered = true;
      this.#session.forget(query.text);
      // Nothing of the group took effect, so running it again, unnamed, is safe: before whatever waits.
      if (!query.retried && query.name !== undefined && this.#session.status === 'I') {
        query.retry();
        sendNext(this, () => this.#send(query));
        return;
      }
    }
    query.settle(connectionOf(this));
  }

  #tellHolder(): void {
    for (const event of EVENTS) {
      this.on(event, (...given: unknown[]) => {
        // An `error` that nobody listens to would end the process.
        if (this.holder !== undefined && this.holder.listenerCount(event) > 0) {
          this.holder.emit(event, ...given);
        }
      });
    }
  }

  async #shakeHands(): Promise<void> {
    const ask = (text: string): Promise<pg.QueryResult> => super.query({ text, types: asText });
    try {
      const backend = await handshake(ask, this.#processId, this.#scope);
      if (!backend.pooled) await this.#prepareOwn();
      this.#session.begin(backend);
    } catch (error) {
      super.end();
      throw error;
    }
  }

  #prepareOwn(): Promise<void> {
    return new Promise((resolve, reject) => {
      super.query(
        new OwnPreparation((error) => (error ? reject(error) : resolve())) as unknown as pg.Query,
      );
    });
  }

  get #processId(): number {
    return (this as unknown as { processID: number }).processID;
  }
}

const OPENING = /^(?:begin|start)\b/i;
const NO_ROWS = { oid: 0, rowCount: 0, fields: [], rows: [] };

const areTexts = (values: unknown[] | undefined): values is string[] =>
  values?.every((value) => typeof value === 'string') === true;

/** A prepared statement that is gone, or whose plan no longer fits its tables. */
function isStale(error: { code?: string; routine?: string }): boolean {
  return (
    error.code === '26000' || (error.code === '0A000' && error.routine === 'RevalidateCachedQuery')
  );
}

function isOwnStatementGone(error: Error & { code?: string }): boolean {
  return (
    error.code === '26000' && /"bulkhead_(?:reset|context|immediate|close)"/.test(error.message)
  );
}

/** Tells a caller as pg does: by the callback if there is one, else by a promise. */
export function fail(
  error: unknown,
  callback: QueryCallback | undefined,
): Promise<never> | undefined {
  if (callback === undefined) return Promise.reject(error);
  process.nextTick(callback, error as Error);
  return undefined;
}

/** Lets the stack of a database error end in the caller's code instead of the socket's. */
export function rethrowFromHere(error: Error): never {
  Error.captureStackTrace(error, rethrowFromHere);
  throw error;
}
