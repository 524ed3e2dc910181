/**
 * The verified answer to "who acts, for which tenant, until when", carried by AsyncLocalStorage.
 *
 * Promises: code sees the context its caller entered, and none other; an expired context is no context.
 * Does not promise: that the context is true. Whoever calls `runInContext` has verified it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { isolationError } from './errors.ts';

declare const tenantIdBrand: unique symbol;
/** A tenant's id, a lower-case UUID; made by `parseTenantId` alone. */
export type TenantId = string & { readonly [tenantIdBrand]: true };

export type ActorType = 'user' | 'service_account' | 'api_key' | 'system' | 'operator';

/** Who acts. `id` is at most 200 characters of printable ASCII, because it travels in the signed context. */
export interface Actor {
  readonly type: ActorType;
  readonly id: string;
  readonly name?: string;
}

/** What is known of a session; times in milliseconds since the epoch, by the database's clock. */
export interface SessionFacts {
  /** Names the session; no credential. */
  readonly id: string;
  /** How they showed who they are: password, totp, passkey and the like. */
  readonly methods: readonly string[];
  readonly startedAtMs: number;
  /** When they last showed who they are. */
  readonly authenticatedAtMs: number;
  /** The request before this one, to half a minute. */
  readonly lastUsedAtMs: number;
  /** When they last passed a second factor; null for never in this session. */
  readonly mfaAtMs: number | null;
  /** Whether they have a second factor at all. */
  readonly hasFactor: boolean;
}

/** What is known of an API key. */
export interface ApiKeyFacts {
  readonly id: string;
  /** For whom it acts. */
  readonly holder: { readonly type: 'user' | 'service_account'; readonly id: string };
  readonly createdAtMs: number;
  /** The only permissions it passes on; null for all of its holder's. */
  readonly scopes: readonly string[] | null;
}

/** The compartment in which everything below a request or a job runs. */
export interface TenantContext {
  readonly kind: 'tenant';
  readonly tenant: { readonly id: TenantId; readonly slug?: string };
  readonly actor: Actor;
  /** Milliseconds since the epoch; from then on the context refuses work. */
  readonly expiresAtMs: number;
  readonly requestId?: string;
  /** Where the request came from, where that is recorded; told by the client or a proxy, verified by nobody. */
  readonly origin?: { readonly ip?: string | undefined; readonly userAgent?: string | undefined };
  /** The session that the request came by, where it is one of Bulkhead's. */
  readonly session?: SessionFacts;
  /** The API key that the request came by, where it is one of Bulkhead's. */
  readonly apiKey?: ApiKeyFacts;
  /** The verified token's claims, where the identity came from a JWT. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** An operator's crossing: every tenant is in reach, and the reason is on record before the first query. */
export interface OperatorContext {
  readonly kind: 'operator';
  readonly actor: Actor;
  readonly reason: string;
  readonly crossingId: string;
  readonly expiresAtMs: number;
}

export type Context = TenantContext | OperatorContext;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const ACTOR_ID = /^[\x21-\x7e]{1,200}$/;

/**
 * Reads a tenant id, folding case.
 *
 * @throws `isolation.tenant_id_invalid` when it is not a UUID.
 */
export function parseTenantId(value: unknown): TenantId {
  const id = typeof value === 'string' ? value.toLowerCase() : '';
  if (!UUID.test(id)) throw isolationError('isolation.tenant_id_invalid');
  // The brand has no value at run time; the pattern above is what earns it.
  return id as TenantId;
}

/** @throws `isolation.actor_invalid` when the id cannot travel in the signed context. */
export function assertActor(actor: Actor): void {
  if (!ACTOR_ID.test(actor.id)) throw isolationError('isolation.actor_invalid');
}

const storage = new AsyncLocalStorage<Context | undefined>();

/** True when both stand for the same actor in the same compartment. */
export function isSameContext(one: Context, other: Context): boolean {
  if (one === other) return true;
  if (one.actor.type !== other.actor.type || one.actor.id !== other.actor.id) return false;
  if (one.kind === 'operator') {
    return other.kind === 'operator' && one.crossingId === other.crossingId;
  }
  return other.kind === 'tenant' && one.tenant.id === other.tenant.id;
}

/** Runs `fn` and everything it awaits inside `context`. */
export function runInContext<T>(context: Context, fn: () => T): T {
  // Entered again for each event of a request: frozen the first time, looked at from then on.
  return storage.run(Object.isFrozen(context) ? context : Object.freeze(context), fn);
}

/**
 * The same, and starts what `fn` returns. The queries of Prisma, Drizzle and Knex are thenables that send
 * nothing until somebody awaits them; whoever awaits the outcome of this stands outside the context.
 */
export function startInContext<T>(context: Context, fn: () => T): T {
  return runInContext(context, () => started(fn()));
}

function started<T>(value: T): T {
  const { then } = (value ?? {}) as { then?: unknown };
  if (typeof then !== 'function' || value instanceof Promise) return value;
  // A promise of the same outcome: for the caller, who can only await it, the same thing.
  return new Promise((resolve, reject) => then.call(value, resolve, reject)) as T;
}

/**
 * Runs `fn` in no context. Whatever outlives a request (a socket, a timer, a queue) is made in here: its
 * callbacks would otherwise run in the context of whoever happened to make it.
 */
export function runOutsideContext<T>(fn: () => T): T {
  // Not `exit`: that one turns Node's async hooks off and on again, which costs 20 times as much.
  return storage.run(undefined, fn);
}

const ended = new WeakSet<OperatorContext>();

/** From now on nothing runs in this crossing, whatever of it is still under way. */
export function endCrossing(context: OperatorContext): void {
  ended.add(context);
}

/** True where the context refuses work; one whose end is not a number has ended. */
export function isOver(context: Context, nowMs: number = Date.now()): boolean {
  if (context.kind === 'operator' && ended.has(context)) return true;
  return !(nowMs < context.expiresAtMs);
}

/** The context here, or undefined where there is none. Says nothing about expiry. */
export function peekContext(): Context | undefined {
  return storage.getStore();
}

/**
 * The context here.
 *
 * @throws `isolation.context_missing` where there is none, `isolation.context_expired` past its end.
 */
export function currentContext(nowMs: number = Date.now()): Context {
  const context = storage.getStore();
  if (context === undefined) throw isolationError('isolation.context_missing');
  if (isOver(context, nowMs)) throw isolationError('isolation.context_expired');
  return context;
}

/**
 * The tenant's context here.
 *
 * @throws `isolation.context_missing` where there is none, and in an operator's crossing, which has no tenant of its
 * own; `isolation.context_expired` past its end.
 */
export function currentTenant(): TenantContext {
  const context = currentContext();
  if (context.kind === 'tenant') return context;
  throw isolationError('isolation.context_missing', {
    message: 'An operator’s crossing has no tenant of its own: enter one first.',
  });
}
