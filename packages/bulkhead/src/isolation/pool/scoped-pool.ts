/**
 * The drop-in `pg.Pool` of a protected app.
 *
 * Promises: every statement runs under the context of the code that sent it, in one round trip, and a
 * connection goes back only when it holds nothing of its last user. Without a context nothing runs.
 * Does not promise: anything about statements the app sends through pools of its own.
 */
import { AsyncResource } from 'node:async_hooks';
import pg from 'pg';
import { isolationError } from '../errors.ts';
import { type Context, currentContext, runOutsideContext } from '../tenant-context.ts';
import { connectionError } from './connection-error.ts';
import { HeldClient } from './held-client.ts';
import { Lanes } from './lanes.ts';
import { asText, isSubmittable, type QueryCallback } from './pg-internals.ts';
import { type ClientScope, rethrowFromHere, ScopedClient } from './scoped-client.ts';
import type { Statement } from './scoped-query.ts';

type Release = (error?: Error | boolean) => void;
type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  release: Release,
) => void;

const CONNECTION_TIMEOUT_MS = 10_000;

export interface PoolScope extends ClientScope {
  /** Groups of one tenant that may share a connection while all connections are busy; 1 turns it off. */
  readonly inFlightMax: number;
  /** Where an operator's crossing goes. */
  operatorPool(): ScopedPool;
}

export class ScopedPool extends pg.Pool {
  readonly #scope: PoolScope;
  readonly #lanes: Lanes | undefined;

  constructor(options: pg.PoolConfig, scope: PoolScope) {
    super({
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      ...options,
      ...startupOptions(options, scope),
      Client: clientClass(scope),
    } as unknown as pg.PoolConfig);
    this.#scope = scope;
    Object.defineProperty(this, 'connectionString', { enumerable: true, get: refuseAsConfig });
    if (scope.inFlightMax > 1) {
      this.#lanes = new Lanes(
        scope.inFlightMax,
        () => this.#acquire(),
        () => this.#hasRoom,
      );
    }
    // An idle connection that the server closes is replaced at the next query; nothing is lost with it.
    this.on('error', () => undefined);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    const connected = this.#connectInContext();
    if (callback === undefined) return connected;
    const done = AsyncResource.bind(callback);
    connected.then(
      (client) => done(undefined, client, client.release.bind(client)),
      (error) => done(error, undefined, () => undefined),
    );
    return undefined;
  }

  // biome-ignore lint/suspicious/noExplicitAny: pg's nine overloads share no other implementation type
  override query(config: any, values?: any, callback?: any): any {
    const given: QueryCallback | undefined =
      typeof values === 'function' ? values : typeof callback === 'function' ? callback : undefined;
    const parameters = typeof values === 'function' ? undefined : values;
    if (given !== undefined) {
      this.#query(config, parameters).then(
        AsyncResource.bind((result: pg.QueryResult) => given(null, result)),
        AsyncResource.bind((error: Error) => given(error)),
      );
      return;
    }
    return this.#query(config, parameters).catch(rethrowFromHere);
  }

  /**
   * Runs one of Bulkhead's own statements as the pool's role, in no tenant. For rooms, never for apps. On
   * the app's pool, whose options may hold type parsers of the app's own, every value comes as text.
   */
  async systemQuery(text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    const config = this.#scope.role === 'app' ? { text, values, types: asText } : { text, values };
    return this.#run({ config, kind: 'select', token: () => '' });
  }

  /**
   * Runs one of Bulkhead's own statements in the caller's context: row-level security shows what the context
   * may see. For rooms, never for apps; every value comes as text.
   */
  async contextQuery(text: string, values: unknown[] = []): Promise<pg.QueryResult> {
    const context = currentContext();
    if (context.kind === 'operator' && this.#scope.role === 'app') {
      return this.#scope.operatorPool().contextQuery(text, values);
    }
    const token = this.#scope.admission.tokenOf(context);
    return this.#run({ config: { text, values, types: asText }, kind: 'select', token });
  }

  async #connectInContext(): Promise<pg.PoolClient> {
    const context = currentContext();
    if (context.kind === 'operator' && this.#scope.role === 'app') {
      return this.#scope.operatorPool().#connectInContext();
    }
    const client = await this.#acquire();
    const { release } = client;
    const held = new HeldClient(client, context, (error) => {
      // Whoever waits for the client is woken in here, and must not be in the context of who let it go.
      runOutsideContext(() => release(error ?? !client.isClean));
    });
    // A client of pg's in all that callers use of one; its private parts stay with the connection.
    return held as unknown as pg.PoolClient;
  }

  #query(config: string | pg.QueryConfig, values: unknown[] | undefined): Promise<pg.QueryResult> {
    // No async function: on the way of every statement, each promise less is a few microseconds less.
    try {
      const context = currentContext();
      if (context.kind === 'operator' && this.#scope.role === 'app') {
        return this.#scope.operatorPool().#query(config, values);
      }
      if (isSubmittable(config)) throw isolationError('isolation.submittable_on_pool');
      const statement = this.#scope.admission.admit(config, values, context, 'pool');
      if (this.#lanes !== undefined) return this.#lanes.run(laneOf(context), statement);
      return this.#run(statement);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #run(statement: Statement): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      this.#acquireFor((failure, client) => {
        if (client === undefined) {
          reject(failure);
          return;
        }
        try {
          client.dispatch(statement, (error, result) => {
            client.release(client.isClean ? undefined : true);
            // The callback has a result exactly when it has no error.
            error ? reject(connectionError(error)) : resolve(result as pg.QueryResult);
          });
        } catch (error) {
          // Nobody above catches here; what could not be sent leaves a session of unknown state.
          client.release(true);
          reject(error);
        }
      });
    });
  }

  #acquire(): Promise<ScopedClient & pg.PoolClient> {
    return new Promise((resolve, reject) => {
      this.#acquireFor((error, client) => (client ? resolve(client) : reject(error)));
    });
  }

  /** Calls back in no context, perhaps from where another caller lets a client go. */
  #acquireFor(
    callback: (
      error: Error | undefined,
      client: (ScopedClient & pg.PoolClient) | undefined,
    ) => void,
  ): void {
    runOutsideContext(() =>
      super.connect((error, client) => {
        callback(
          error && connectionError(error),
          client as (ScopedClient & pg.PoolClient) | undefined,
        );
      }),
    );
  }

  /** True when another connection can be had at once. */
  get #hasRoom(): boolean {
    return this.idleCount > 0 || this.totalCount < this.options.max;
  }
}

/**
 * A second copy of `pg` does not know this pool and reads it as the configuration of a new one, completed from
 * the environment: it is stopped at the first property it reads, before it connects anywhere.
 */
function refuseAsConfig(): never {
  throw isolationError('isolation.pool_foreign', {
    message: 'The protected pool was read as a configuration: there is a second copy of pg.',
  });
}

function laneOf(context: Context): string {
  return context.kind === 'operator' ? context.crossingId : context.tenant.id;
}

function clientClass(scope: ClientScope) {
  return class extends ScopedClient {
    constructor(config: pg.PoolConfig) {
      super(config, scope);
    }
  };
}

/**
 * Settings that decide how a text is read and whether policies apply, in the start-up packet: they outrank
 * ALTER ROLE and are what RESET ALL returns to. A transaction pooler takes no such options; there the frame
 * sets them.
 */
function startupOptions(options: pg.PoolConfig, scope: ClientScope): { options?: string } {
  if (scope.pooler === 'transaction') return {};
  const pins = [
    `search_path=${scope.searchPath}`,
    'row_security=on',
    'standard_conforming_strings=on',
    'transform_null_equals=off',
    'backslash_quote=safe_encoding',
  ].map((pin) => `-c ${pin.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ')}`);
  return { options: [options.options, ...pins].filter(Boolean).join(' ') };
}
