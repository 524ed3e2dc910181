/**
 * The isolation room at work: one signer and one guard, the protected pools that stand on them, and the
 * two deliberate ways into a context.
 */
import pg from 'pg';
import { type ContextKey, parseContextKey } from './context-key.ts';
import { isolationError } from './errors.ts';
import { createGuard, type GuardPolicy, loadGuard } from './guard/index.ts';
import { Admission } from './pool/admission.ts';
import { type PoolScope, ScopedPool } from './pool/scoped-pool.ts';
import { SeenStatements } from './pool/scoped-session.ts';
import type { SystemConnection, SystemConnectionEvents } from './pool/system-connection.ts';
import { type ContextSigner, createContextSigner } from './signed-context.ts';
import { type SignedParcel, signParcel } from './signed-parcel.ts';
import { SystemPools } from './system-pools.ts';
import {
  type Actor,
  assertActor,
  currentContext,
  endCrossing,
  type OperatorContext,
  parseTenantId,
  startInContext,
  type TenantContext,
} from './tenant-context.ts';

// Parsing WebAssembly is the price of the first import, so that no request ever waits for it.
await loadGuard();

export interface IsolationOptions {
  /** The first signs; each must be published in the database. */
  readonly contextKeys: readonly [string, ...string[]];
  readonly tokenLifetimeSeconds: number;
  readonly searchPath: readonly string[];
  readonly pooler: 'detect' | 'none' | 'transaction';
  readonly allow: GuardPolicy;
  readonly inFlightMax: number;
  readonly prepareStatements: boolean;
  readonly operatorUrl: string | undefined;
  /** Statements of other rooms that go through the guard by their whole text. */
  readonly ownStatements?: readonly string[];
  /** Those of them that go with the next statement of their transaction; their parameters are texts. */
  readonly ridingStatements?: readonly string[];
  /** Told of every statement of a tenant's that the guard refuses. */
  readonly onRefusal?: (context: TenantContext, code: string) => void;
}

/** A tenant as the directory knows it. */
export interface TenantRef {
  readonly id: string;
  readonly slug?: string;
}

export interface EnterOptions {
  readonly actor?: Actor;
  /** How long the context holds, in milliseconds; one hour at most, ten minutes by default. */
  readonly lifetimeMs?: number;
  readonly requestId?: string;
}

const TOKEN_LIFETIME_MS = 60_000;
const LIFETIME_MS = 600_000;
const LIFETIME_MS_MAX = 3_600_000;
const JOB: Actor = { type: 'system', id: 'job' };
const STAFF: Actor = { type: 'operator', id: 'unnamed' };

export class Isolation {
  readonly #options: IsolationOptions;
  readonly #shared: Omit<PoolScope, 'role' | 'operatorPool'>;
  readonly #key: ContextKey;
  readonly #signer: ContextSigner;
  readonly #pools: ScopedPool[] = [];
  readonly #systemPools = new SystemPools();
  #operatorPool: ScopedPool | undefined;

  constructor(options: IsolationOptions) {
    this.#options = options;
    this.#key = parseContextKey(options.contextKeys[0]);
    const signer = createContextSigner(this.#key, options.tokenLifetimeSeconds);
    this.#signer = signer;
    this.#shared = {
      admission: new Admission(
        createGuard(options.allow, { own: new Set(options.ownStatements) }),
        signer,
        options.onRefusal,
      ),
      seen: new SeenStatements(),
      // pg_temp last, or a temporary object would shadow the app's.
      searchPath: [...options.searchPath.map(quoteIdentifier), 'pg_temp'].join(','),
      prepare: options.prepareStatements,
      pooler: options.pooler,
      inFlightMax: options.inFlightMax,
      riding: new Set(options.ridingStatements),
    };
  }

  /**
   * The drop-in pool that runs every statement in the context of its caller. Takes over the options of
   * `pool`, which itself stays unused.
   *
   * @throws `isolation.pool_foreign` for anything but a fresh `pg.Pool`.
   */
  protect(pool: pg.Pool): ScopedPool {
    if (!(pool instanceof pg.Pool) || pool instanceof ScopedPool || pool.totalCount > 0) {
      throw isolationError('isolation.pool_foreign');
    }
    const options = { ...pool.options, password: pool.options.password } as pg.PoolConfig;
    const scope: PoolScope = {
      ...this.#shared,
      role: 'app',
      operatorPool: () => this.#operators(),
    };
    const scoped = new ScopedPool(options, scope);
    this.#pools.push(scoped);
    this.#systemPools.add(scoped, options, scope);
    return scoped;
  }

  /** Runs `fn` as `tenant`: for jobs, scripts and tests, where no request has set a context. */
  enterTenant<T>(tenant: TenantRef, fn: () => T, options: EnterOptions = {}): T {
    const actor = options.actor ?? JOB;
    assertActor(actor);
    const lifetimeMs = Math.min(options.lifetimeMs ?? LIFETIME_MS, LIFETIME_MS_MAX);
    const context: TenantContext = {
      kind: 'tenant',
      tenant: Object.freeze({
        id: parseTenantId(tenant.id),
        ...(tenant.slug && { slug: tenant.slug }),
      }),
      actor,
      expiresAtMs: Date.now() + lifetimeMs,
      ...(options.requestId && { requestId: options.requestId }),
    };
    return startInContext(context, fn);
  }

  /**
   * Runs `fn` across all tenants, on the operators' own connection. The crossing is committed to
   * `bulkhead.operator_crossing` before `fn` starts and closed when it ends, and then takes no more
   * statements, not even of work that `fn` left running; one that a killed process left open stays visible
   * as open.
   *
   * @throws `isolation.reason_missing`, `isolation.operator_unconfigured`
   */
  async enterOperator<T>(
    given: { reason: string; actor?: Actor; lifetimeMs?: number },
    fn: () => Promise<T> | T,
  ): Promise<T> {
    const reason = typeof given.reason === 'string' ? given.reason.trim() : '';
    if (reason === '' || reason.length > 1000) throw isolationError('isolation.reason_missing');
    const actor = given.actor ?? STAFF;
    assertActor(actor);
    const pool = this.#operators();
    const crossing = await pool.systemQuery('select bulkhead.begin_crossing($1, $2) as id', [
      `${actor.type}:${actor.id}`,
      reason,
    ]);
    const crossingId = String(crossing.rows[0]?.id);
    const lifetimeMs = Math.min(given.lifetimeMs ?? LIFETIME_MS, LIFETIME_MS_MAX);
    const context: OperatorContext = {
      kind: 'operator',
      actor,
      reason,
      crossingId,
      expiresAtMs: Date.now() + lifetimeMs,
    };
    const end = (outcome: string) => {
      endCrossing(context);
      return pool.systemQuery('select bulkhead.end_crossing($1, $2)', [crossingId, outcome]);
    };
    let result: T;
    try {
      result = await startInContext(context, fn);
    } catch (error) {
      // The work's own failure is what the caller must see, even if the record cannot be closed.
      await end('failed').catch(() => undefined);
      throw error;
    }
    await end('completed');
    return result;
  }

  /**
   * Runs one of Bulkhead's own look-ups as the app's role, in no tenant, on a connection that the app's work
   * never holds.
   *
   * @throws `isolation.pool_missing` before the first `protect`.
   */
  systemQuery(text: string, values: unknown[]): Promise<pg.QueryResult> {
    return this.#systemPools.query(text, values);
  }

  /**
   * A connection as the app's role on which rooms hear notifications; for constant statements only.
   *
   * @throws `isolation.pool_missing` before the first `protect`, `isolation.database_unavailable`
   */
  systemConnection(events: SystemConnectionEvents): Promise<SystemConnection> {
    return this.#systemPools.connect(events);
  }

  /**
   * Runs one of Bulkhead's own statements as the operators' role, in no tenant; for keeping directories,
   * which are no tenant's data.
   *
   * @throws `isolation.operator_unconfigured`
   */
  async operatorQuery(text: string, values: unknown[]): Promise<pg.QueryResult> {
    return this.#operators().systemQuery(text, values);
  }

  /**
   * A signed context for rooms that write in the name of an actor outside of any context; never for apps.
   * Good for a minute.
   */
  contextToken(tenant: string, actor: Actor): string {
    assertActor(actor);
    const nowMs = Date.now();
    const context: TenantContext = {
      kind: 'tenant',
      tenant: { id: parseTenantId(tenant) },
      actor,
      expiresAtMs: nowMs + TOKEN_LIFETIME_MS,
    };
    return this.#signer.sign(context, nowMs).token;
  }

  /** Vouches for a text of a room that writes in the name of many; never for apps. Good for a minute. */
  signParcel(text: string): SignedParcel {
    return signParcel(this.#key, text, Date.now());
  }

  /**
   * Runs one of Bulkhead's own statements in the context of the caller, a tenant's or an operator's crossing.
   * Every value comes as text.
   *
   * @throws `isolation.context_missing`, `isolation.pool_missing`
   */
  async contextQuery(text: string, values: unknown[]): Promise<pg.QueryResult> {
    const pool = this.#pools.find((candidate) => !candidate.ending);
    if (pool !== undefined) return pool.contextQuery(text, values);
    if (currentContext().kind === 'operator') return this.#operators().contextQuery(text, values);
    throw isolationError('isolation.pool_missing');
  }

  /** Ends the operators' pool and every protected pool that is still open. */
  async close(): Promise<void> {
    const pools = [...this.#pools, ...(this.#operatorPool ? [this.#operatorPool] : [])];
    await Promise.all([
      ...pools.filter((pool) => !pool.ending).map((pool) => pool.end()),
      this.#systemPools.end(),
    ]);
  }

  #operators(): ScopedPool {
    const { operatorUrl } = this.#options;
    if (operatorUrl === undefined) throw isolationError('isolation.operator_unconfigured');
    this.#operatorPool ??= new ScopedPool(
      { connectionString: operatorUrl, max: 4 },
      { ...this.#shared, role: 'operator', operatorPool: () => this.#operators() },
    );
    return this.#operatorPool;
  }
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
