/**
 * A `pg.Client` on which nothing runs but admitted statements inside their frame.
 *
 * Promises: a client that somebody checked out works for the context it was checked out in and no other;
 * after its release it takes nothing; a role that row-level security would not bind is refused at connect.
 */
import { AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import { isolationError } from '../errors.ts';
import { type Context, isOver, isSameContext, peekContext } from '../tenant-context.ts';
import type { Admission } from './admission.ts';
import { connectionError } from './connection-error.ts';
import { ForeignRun } from './foreign-submittable.ts';
import { handshake } from './handshake.ts';
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
  /** Operators' roles pass row-level security by design; the app's must not. */
  readonly role: 'app' | 'operator';
}

export class ScopedClient extends pg.Client {
  readonly #scope: ClientScope;
  readonly #session: ScopedSession;
  #bound: Context | undefined;
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

  /** Whoever holds the client from now on works in `context`. */
  bind(context: Context): void {
    this.#bound = context;
  }

  unbind(): void {
    this.#bound = undefined;
  }

  /** True when the session holds nothing of its last user: safe to hand to the next. */
  get isClean(): boolean {
    if (this.#tampered) return false;
    return this.#outstanding === 0 && this.#session.inFlight === 0 && this.#session.status === 'I';
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

  // biome-ignore lint/suspicious/noExplicitAny: pg's nine overloads share no other implementation type
  override query(config: any, values?: any, callback?: any): any {
    const given: QueryCallback | undefined =
      typeof values === 'function' ? values : typeof callback === 'function' ? callback : undefined;
    // The socket lives outside every context; the callback belongs to the caller's.
    const done = given && AsyncResource.bind(given);
    let context: Context;
    try {
      context = this.#boundContext();
      if (isSubmittable(config)) return this.#queryForeign(config, context, done);
    } catch (error) {
      if (isSubmittable(config)) throw error;
      return fail(error, done);
    }
    try {
      const parameters = typeof values === 'function' ? undefined : values;
      const statement = this.#scope.admission.admit(config, parameters, context, 'client');
      if (done !== undefined) {
        return this.dispatch(statement, (error, result) =>
          done(error && connectionError(error), result),
        );
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

  #boundContext(): Context {
    const bound = this.#bound;
    if (bound === undefined) throw isolationError('isolation.client_released');
    if (isOver(bound)) throw isolationError('isolation.context_expired');
    const here = peekContext();
    if (here !== undefined && !isSameContext(here, bound)) {
      throw isolationError('isolation.context_changed');
    }
    return bound;
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

  async #shakeHands(): Promise<void> {
    const ask = (text: string): Promise<pg.QueryResult> => super.query({ text, types: asText });
    try {
      const { pooled } = await handshake(ask, this.#processId, this.#scope);
      if (!pooled) await this.#prepareOwn();
      this.#session.begin(pooled);
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

/** A prepared statement that is gone, or whose plan no longer fits its tables. */
function isStale(error: { code?: string; routine?: string }): boolean {
  return (
    error.code === '26000' || (error.code === '0A000' && error.routine === 'RevalidateCachedQuery')
  );
}

function isOwnStatementGone(error: Error & { code?: string }): boolean {
  return error.code === '26000' && /"bulkhead_(?:reset|context|immediate)"/.test(error.message);
}

function fail(error: unknown, callback: QueryCallback | undefined): Promise<never> | undefined {
  if (callback === undefined) return Promise.reject(error);
  process.nextTick(callback, error as Error);
}

/** Lets the stack of a database error end in the caller's code instead of the socket's. */
export function rethrowFromHere(error: Error): never {
  Error.captureStackTrace(error, rethrowFromHere);
  throw error;
}
