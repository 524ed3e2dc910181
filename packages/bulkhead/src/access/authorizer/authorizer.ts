/**
 * Decides in this process what the actor of a context may do.
 *
 * Promises: a change that was committed anywhere decides here within a second, also when the connection that
 * tells of changes dies or falls silent; what cannot be known to be that recent is `access.unavailable`, never an
 * old answer. A node or a permission that is not known gives nothing. `authorize` and `canAll` ask the database
 * itself for dangerous permissions; `can` does not wait, so for those it is a hint for what to show.
 *
 * Does not promise: that `can` sees a change of the last moments. Within one request it goes on with what was
 * loaded for up to half of the maximum age while the new state is on its way.
 */
import type { SystemConnection, SystemConnectionEvents } from '../../isolation/index.ts';
import {
  type Context,
  currentTenant,
  isolationError,
  peekContext,
  type TenantContext,
} from '../../isolation/index.ts';
import { isBulkheadError } from '../../kernel/errors.ts';
import { accessError } from '../errors.ts';
import type { ActorPermits } from './actor-permits.ts';
import { ChangeFeed } from './change-feed.ts';
import { CoarseClock } from './coarse-clock.ts';
import { type Check, DatabaseQuestions, type QuestionPorts } from './database-questions.ts';
import { EpochCheck } from './epoch-check.ts';
import { SnapshotLoader } from './snapshot-loader.ts';
import { CATALOGUE_TOPIC, StateStore } from './state-store.ts';
import type { ActorState, TenantState } from './tenant-state.ts';

export interface AuthorizerPorts extends QuestionPorts {
  systemConnection(events: SystemConnectionEvents): Promise<SystemConnection>;
  /** Puts a denial on record; its failure is nobody's who was denied. */
  recordDenial?(context: TenantContext, check: Check): void;
  /** Asked of who may do something dangerous: rejects where they have to show first that it is them. */
  confirmDangerous?(context: TenantContext): Promise<void> | undefined;
}

export interface AuthorizerOptions {
  /** The oldest that anything may be by which it is decided. */
  readonly maxAgeMs: number;
  /** How much is remembered, as estimated. */
  readonly cacheBytes: number;
  /** Monotonic; for tests. */
  readonly nowMs?: () => number;
  /** Trees up to so many nodes are loaded whole; for tests. */
  readonly nodesMax?: number;
}

export interface AuthorizerState {
  /** Whether changes are heard of, or asked for. */
  readonly mode: 'listening' | 'asking';
  readonly actors: number;
  readonly bytes: number;
}

/** What apps ask. */
export interface Decisions {
  /**
   * Whether the actor of this context may, at once, from what was loaded when the request began.
   *
   * @throws `access.snapshot_missing` where nothing was loaded, `access.unavailable` when what was loaded is too
   * old, `access.permission_unknown`, `isolation.context_missing`, `isolation.context_expired`
   */
  can(permission: string, node?: string): boolean;
  /**
   * Settles when the actor of this context may.
   *
   * @throws `access.denied`, for a node that is not there as for one of another tenant;
   * `access.unavailable`, `access.permission_unknown`, `isolation.context_missing`, `isolation.context_expired`
   */
  authorize(permission: string, node?: string): Promise<void>;
  /**
   * Many questions at once, answered in their order.
   *
   * @throws `access.unavailable`, `access.permission_unknown`, `isolation.context_missing`,
   * `isolation.context_expired`
   */
  canAll(checks: readonly Check[]): Promise<boolean[]>;
}

export interface Authorizer extends Decisions {
  /**
   * Makes the context's actor ready for `can`: undefined when they are already.
   *
   * @throws `access.unavailable`
   */
  preload(context: TenantContext): Promise<void> | undefined;
  /** `can` for a context at hand. @throws as `can` */
  checker(context: Context | undefined): Checker;
  /** This process has changed who may do what in a tenant, and committed: what is asked next must see it. */
  changed(tenantId: string): void;
  readonly state: AuthorizerState;
  close(): void;
}

/** Answers for one context, looked up once. */
export interface Checker {
  /** As `Decisions.can`. */
  can(permission: string, node?: string): boolean;
}

const CHANNEL = 'bulkhead_access';
const IN_USE_MS = 10_000;
const ATTEMPTS_MAX = 4;
/** How many actors of a tenant are loaded again at once when it changes; others when they ask. */
const EAGER_MAX = 32;
/** One for all: under AsyncLocalStorage a promise is among the dearer things that a request makes. */
const GRANTED = Promise.resolve();

export function createAuthorizer(ports: AuthorizerPorts, options: AuthorizerOptions): Authorizer {
  const { maxAgeMs } = options;
  const nowMs = options.nowMs ?? (() => performance.now());
  // Older than half, it is asked for; older than the whole, it decides nothing.
  const askAfterMs = maxAgeMs / 2;
  const clock = new CoarseClock(nowMs);
  const store = new StateStore(options.cacheBytes);
  const questions = new DatabaseQuestions(ports);
  const bindings = new WeakMap<Context, Binding>();
  const coverage = () => feed.coverage;
  const epochs = new EpochCheck({
    questions,
    store,
    nowMs,
    coverage,
    timeoutMs: maxAgeMs,
    everyMs: maxAgeMs / 4,
    inUseMs: IN_USE_MS,
  });
  const loader = new SnapshotLoader({
    questions,
    store,
    nowMs,
    coverage,
    ...(options.nodesMax !== undefined && { nodesMax: options.nodesMax }),
  });
  const feed = new ChangeFeed({
    connect: (events) => ports.systemConnection(events),
    channel: CHANNEL,
    beatMs: maxAgeMs / 5,
    nowMs,
    onPayload,
    onListening: () => void epochs.verifyInUse().catch(() => undefined),
  });

  function onPayload(payload: string): void {
    const at = nowMs();
    const [topic = '', epoch] = payload.split(' ');
    if (topic === '*' || topic === CATALOGUE_TOPIC) {
      for (const tenant of store.tenants()) tenant.changed(at);
      return;
    }
    const tenant = store.tenantByTopic(topic);
    if (tenant === undefined) return;
    if (epoch === undefined || !/^\d+$/.test(epoch)) tenant.changed(at);
    else tenant.sawEpoch(Number(epoch), at);
    loadAgain([...tenant.actors.values()], at);
  }

  /** Requests under way may ask again at any moment, and cannot wait then. */
  function loadAgain(actors: ActorState[], atMs: number): void {
    const inUse = actors.filter((actor) => !actor.isCurrent && atMs - actor.usedAtMs < IN_USE_MS);
    inUse.sort((one, other) => other.usedAtMs - one.usedAtMs);
    // Whoever needs it asks again and hears of the failure.
    for (const actor of inUse.slice(0, EAGER_MAX)) loader.load(actor).catch(() => undefined);
  }

  /**
   * A context's actor, and for how long and until which change what they may is known: thousands of them take turns,
   * and each object less that a question reads is a fetch from memory less.
   */
  class Binding implements Checker {
    readonly context: TenantContext;
    /** Whole milliseconds, which lie in the object itself. */
    readonly endsAtMs: number;
    actor: ActorState;
    #permits: ActorPermits | undefined;
    /** Good while the tenant is this one and its stamp this one, until then. */
    #tenant: TenantState;
    #stamp = -1;
    #goodUntilMs = 0;

    constructor(context: TenantContext, actor: ActorState, atMs: number) {
      this.context = context;
      this.endsAtMs = Math.floor(atMs + context.expiresAtMs - Date.now());
      this.actor = actor;
      this.#tenant = actor.tenant;
    }

    can(permission: string, node?: string): boolean {
      const at = clock.about();
      let permits = this.#permits;
      if (permits === undefined || at >= this.#goodUntilMs || this.#stamp !== this.#tenant.stamp) {
        permits = this.#renew(at);
      }
      let verdict = permits.ask(permission, node);
      if (verdict === 'unknown' && permits !== this.actor.permits) {
        // Loaded again meanwhile, perhaps with a tree that has it.
        verdict = this.#renew(at).ask(permission, node);
      }
      if (verdict === 'granted') return true;
      if (verdict === undefined) throw unknownPermission(permission);
      if (verdict === 'unknown' && node !== undefined) loader.locateSoon(this.actor, node);
      return false;
    }

    #renew(atMs: number): ActorPermits {
      if (atMs >= this.endsAtMs) throw isolationError('isolation.context_expired');
      const { actor } = this;
      const { permits, tenant } = actor;
      const recentUntilMs = tenant.asOfMs + askAfterMs;
      const endsAtMs = permits?.endsAtMs ?? Number.POSITIVE_INFINITY;
      if (permits === undefined || !actor.isCurrent || atMs >= recentUntilMs || atMs >= endsAtMs) {
        return late(this, atMs);
      }
      this.#permits = permits;
      this.#tenant = tenant;
      this.#stamp = tenant.stamp;
      this.#goodUntilMs = Math.floor(Math.min(this.endsAtMs, recentUntilMs, endsAtMs));
      return permits;
    }
  }

  function bind(context: TenantContext, atMs: number): Binding {
    const known = bindings.get(context);
    const { tenant, actor } = context;
    const state = store.claim(tenant.id, actor.type, actor.id, atMs);
    if (known !== undefined) {
      known.actor = state;
      return known;
    }
    const binding = new Binding(context, state, atMs);
    bindings.set(context, binding);
    return binding;
  }

  /** A context that the gate's one was copied into, or another of the same actor's. */
  function adopt(context: Context): Binding {
    const known =
      context.kind === 'tenant' &&
      store.find(context.tenant.id, context.actor.type, context.actor.id);
    if (!known) throw unbound();
    return bind(context, clock.read());
  }

  function isRecent(actor: ActorState, atMs: number): boolean {
    return actor.isCurrent && atMs - actor.tenant.asOfMs < askAfterMs;
  }

  /** Without what has ended by now. */
  function unended(actor: ActorState, atMs: number): ActorPermits | undefined {
    const { permits } = actor;
    if (permits?.endsAtMs === undefined || atMs < permits.endsAtMs) return permits;
    actor.permits = permits.at(atMs);
    store.weigh(actor, atMs);
    return actor.permits;
  }

  async function ready(actor: ActorState): Promise<ActorPermits> {
    feed.want();
    epochs.keepAsking();
    let failure: unknown;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const at = clock.read();
      if (isRecent(actor, at)) {
        const permits = unended(actor, at);
        if (permits !== undefined) return permits;
      }
      try {
        if (actor.isCurrent) await epochs.verify(actor.tenant);
        else {
          await loader.load(actor);
          // Others crowded it out at once. Good for this question, and remembered by nobody.
          if (actor.isEvicted && actor.permits !== undefined) return actor.permits;
        }
      } catch (error) {
        failure = error;
        break;
      }
    }
    const at = clock.read();
    const permits = unended(actor, at);
    // Nothing newer is known, and it is not too old yet: an outage is not felt before it must be.
    if (actor.isCurrent && at - actor.tenant.asOfMs < maxAgeMs && permits !== undefined)
      return permits;
    if (isBulkheadError(failure)) throw failure;
    throw accessError('access.unavailable', { cause: failure });
  }

  /** What `can` goes by when what was loaded is not recent: nothing, or the same for a moment more. */
  function late(binding: Binding, atMs: number): ActorPermits {
    const { actor } = binding;
    const permits = unended(actor, atMs);
    if (permits === undefined) throw accessError('access.snapshot_missing');
    // Recent, and only an end had passed.
    if (isRecent(actor, atMs)) return permits;
    const fresh = actor.isEvicted
      ? store.claim(actor.tenant.id, actor.type, actor.id, atMs)
      : actor;
    fresh.usedAtMs = atMs;
    ready(fresh).then(
      () => {
        binding.actor = fresh;
      },
      // It shows below, and to whoever asks next.
      () => undefined,
    );
    const isTolerable =
      atMs - actor.outdatedSinceMs < askAfterMs && atMs - actor.tenant.asOfMs < maxAgeMs;
    // Exactly now, because the coarse clock may lag behind.
    if (!isTolerable && !isRecent(actor, clock.read())) throw accessError('access.unavailable');
    return permits;
  }

  // Questions of one request follow one another.
  let lastContext: Context | undefined;
  let lastBinding: Binding | undefined;

  function checker(context: Context | undefined): Binding {
    if (context === lastContext && lastBinding !== undefined) return lastBinding;
    if (context === undefined) throw unbound();
    lastBinding = bindings.get(context) ?? adopt(context);
    lastContext = context;
    return lastBinding;
  }

  async function decideAll(
    context: TenantContext,
    checks: readonly Check[],
  ): Promise<{ answers: boolean[]; dangerous: readonly number[] }> {
    let { actor } = bind(context, clock.read());
    let permits = await ready(actor);
    const asked = (check: Check) => {
      const verdict = permits.ask(check.permission, check.node);
      if (verdict === undefined) throw unknownPermission(check.permission);
      return verdict;
    };
    const unknown = checks.flatMap((check) =>
      check.node !== undefined && asked(check) === 'unknown' ? [check.node] : [],
    );
    if (unknown.length > 0) {
      await loader.locate(actor, unknown);
      ({ actor } = bind(context, clock.read()));
      permits = await ready(actor);
    }
    const answers = checks.map((check) => asked(check) === 'granted');
    // What is refused by what is remembered stays refused; only a yes is asked for again.
    const dangerous = checks.flatMap(({ permission }, n) =>
      answers[n] && permits.index.isDangerous(permission) ? [n] : [],
    );
    if (dangerous.length > 0) {
      const confirmed = await questions.decide(
        actor,
        dangerous.map((n) => checks[n] as Check),
      );
      for (const [place, n] of dangerous.entries()) answers[n] = confirmed[place] === true;
    }
    return { answers, dangerous };
  }

  /** True where it needs neither a load nor the database: what almost every request asks. */
  function isGrantedAtOnce(
    context: TenantContext,
    permission: string,
    node: string | undefined,
  ): boolean {
    const at = clock.read();
    const { actor } = bind(context, at);
    if (!isRecent(actor, at)) return false;
    const permits = unended(actor, at);
    if (permits?.ask(permission, node) !== 'granted' || permits.index.isDangerous(permission)) {
      return false;
    }
    feed.want();
    epochs.keepAsking();
    return true;
  }

  async function authorize(
    context: TenantContext,
    permission: string,
    node: string | undefined,
  ): Promise<void> {
    const check = { permission, node };
    const { answers, dangerous } = await decideAll(context, [check]);
    if (answers[0] === true) {
      if (dangerous.length > 0) await ports.confirmDangerous?.(context);
      return;
    }
    ports.recordDenial?.(context, check);
    throw accessError('access.denied', {
      detail: `${permission} on ${node ?? 'the tenant'}`,
    });
  }

  return {
    preload(context) {
      const at = clock.read();
      const { actor } = bind(context, at);
      if (!isRecent(actor, at) || unended(actor, at) === undefined) {
        return ready(actor).then(() => undefined);
      }
      feed.want();
      epochs.keepAsking();
      return undefined;
    },
    can: (permission, node) => checker(peekContext()).can(permission, node),
    checker,
    authorize(permission, node) {
      try {
        const context = currentTenant();
        if (isGrantedAtOnce(context, permission, node)) return GRANTED;
        return authorize(context, permission, node);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    canAll: async (checks) => (await decideAll(currentTenant(), checks)).answers,
    changed(tenantId) {
      const at = nowMs();
      const tenant = store.tenant(tenantId);
      if (tenant === undefined) return;
      tenant.changed(at);
      loadAgain([...tenant.actors.values()], at);
    },
    get state(): AuthorizerState {
      return {
        mode: feed.coverage === undefined ? 'asking' : 'listening',
        actors: store.actorCount,
        bytes: store.bytes,
      };
    },
    close() {
      feed.close();
      epochs.close();
      clock.close();
    },
  };
}

/** Why a context has no actor here. */
function unbound(): Error {
  currentTenant();
  return accessError('access.snapshot_missing');
}

function unknownPermission(permission: string): Error {
  return accessError('access.permission_unknown', {
    message: `There is no permission ${JSON.stringify(permission.slice(0, 100))}.`,
  });
}
