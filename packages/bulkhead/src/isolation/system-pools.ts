/**
 * Connections for Bulkhead's own look-ups, beside the app's pool.
 *
 * Promises: a look-up never waits for a client that the app holds, which at `max: 1` may be the very request
 * that asks; at most two connections for each protected pool, made when first needed and let go when idle.
 * They keep no process alive. Where the server has no room for them, the app's pool does the work.
 */
import type pg from 'pg';
import { isolationError } from './errors.ts';
import { type PoolScope, ScopedPool } from './pool/scoped-pool.ts';
import {
  openSystemConnection,
  type SystemConnection,
  type SystemConnectionEvents,
} from './pool/system-connection.ts';

const CONNECTIONS_MAX = 2;
const IDLE_MS = 10_000;
const TOO_MANY_CONNECTIONS = '53300';

interface Served {
  readonly app: ScopedPool;
  readonly options: pg.PoolConfig;
  readonly scope: PoolScope;
  readonly open: () => ScopedPool;
  own: ScopedPool | undefined;
}

export class SystemPools {
  #served: Served[] = [];

  /** @param options those that the app's pool was made from. */
  add(app: ScopedPool, options: pg.PoolConfig, scope: PoolScope): void {
    const own: pg.PoolConfig = {
      ...options,
      max: CONNECTIONS_MAX,
      min: 0,
      idleTimeoutMillis: IDLE_MS,
      allowExitOnIdle: true,
    };
    const open = () => new ScopedPool(own, scope);
    this.#served.push({ app, options, scope, open, own: undefined });
  }

  /**
   * A connection to hear notifications on, beside all pools.
   *
   * @throws `isolation.pool_missing`, `isolation.database_unavailable`
   */
  async connect(events: SystemConnectionEvents): Promise<SystemConnection> {
    void this.#dropEnded();
    const [served] = this.#served;
    if (served === undefined) throw isolationError('isolation.pool_missing');
    return openSystemConnection(served.options, served.scope.pooler, events);
  }

  /**
   * Runs a statement that only reads, as the app's role, in no tenant.
   *
   * @throws `isolation.pool_missing` when no pool is protected, or all have ended.
   */
  query(text: string, values: unknown[]): Promise<pg.QueryResult> {
    void this.#dropEnded();
    const [served] = this.#served;
    if (served === undefined) throw isolationError('isolation.pool_missing');
    served.own ??= served.open();
    return served.own.systemQuery(text, values).catch((error: unknown) => {
      if (!isFull(error)) throw error;
      return served.app.systemQuery(text, values);
    });
  }

  async end(): Promise<void> {
    const ended = this.#served.map(({ own }) => own?.end());
    this.#served = [];
    await Promise.all(ended);
  }

  /** An app that ends its pool is done with these as well. */
  async #dropEnded(): Promise<void> {
    if (this.#served.every(({ app }) => !app.ending)) return;
    const ended = this.#served.filter(({ app }) => app.ending);
    this.#served = this.#served.filter(({ app }) => !app.ending);
    await Promise.all(ended.map(({ own }) => own?.end()));
  }
}

/** The server, or the role's own limit, has no connection left. */
function isFull(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return (cause as { code?: unknown } | undefined)?.code === TOO_MANY_CONNECTIONS;
}
