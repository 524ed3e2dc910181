/**
 * Asks the database whether anything is newer than what this process knows.
 *
 * Promises: one question at a time for all tenants that somebody waits for; an answer vouches for the moment at
 * which it was asked for and no later one. While nobody listens, tenants in use are asked for by a timer.
 */
import type { DatabaseQuestions } from './database-questions.ts';
import type { StateStore } from './state-store.ts';
import type { Coverage, TenantState } from './tenant-state.ts';

const TENANTS_MAX = 5_000;

export interface EpochCheckOptions {
  readonly questions: DatabaseQuestions;
  readonly store: StateStore;
  readonly nowMs: () => number;
  readonly timeoutMs: number;
  /** Of the connection that listens at this moment. */
  readonly coverage: () => Coverage | undefined;
  readonly everyMs: number;
  /** How long after its last use a tenant is still asked for. */
  readonly inUseMs: number;
}

export class EpochCheck {
  readonly #options: EpochCheckOptions;
  #waiting = new Set<TenantState>();
  #next: Promise<void> | undefined;
  #underway: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: EpochCheckOptions) {
    this.#options = options;
  }

  /** Settles when the tenant's epoch is known as of now or later. @throws `access.unavailable` */
  verify(tenant: TenantState): Promise<void> {
    this.#waiting.add(tenant);
    this.#next ??= this.#underway.then(() => this.#askForWaiting());
    return this.#next;
  }

  /** Asks for all that are in use: after a connection was lost or won. */
  async verifyInUse(): Promise<void> {
    const { store, nowMs, inUseMs } = this.#options;
    const since = nowMs() - inUseMs;
    const inUse = [...store.tenants()].filter(({ usedAtMs }) => usedAtMs >= since);
    inUse.sort((one, other) => other.usedAtMs - one.usedAtMs);
    await Promise.all(inUse.slice(0, TENANTS_MAX).map((tenant) => this.verify(tenant)));
  }

  /** Keeps asking while nobody listens and somebody uses anything. */
  keepAsking(): void {
    if (this.#timer !== undefined) return;
    const { coverage, everyMs, inUseMs, nowMs, store } = this.#options;
    let busyAtMs = nowMs();
    this.#timer = setInterval(() => {
      if (coverage() !== undefined) return;
      const at = nowMs();
      for (const { usedAtMs } of store.tenants()) {
        if (at - usedAtMs < inUseMs) {
          busyAtMs = at;
          break;
        }
      }
      if (at - busyAtMs > inUseMs) this.close();
      // Whoever needs the answer asks again and hears of the failure.
      else this.verifyInUse().catch(() => undefined);
    }, everyMs);
    this.#timer.unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #askForWaiting(): Promise<void> {
    this.#next = undefined;
    const tenants = [...this.#waiting];
    this.#waiting = new Set();
    const asked = this.#ask(tenants);
    this.#underway = asked.catch(() => undefined);
    return asked;
  }

  async #ask(tenants: readonly TenantState[]): Promise<void> {
    const { questions, store, nowMs, timeoutMs, coverage } = this.#options;
    const askedAtMs = nowMs();
    const covered = coverage();
    const { catalogue, epochs } = await questions.epochs(
      tenants.map(({ id }) => id),
      timeoutMs,
    );
    const at = nowMs();
    store.sawCatalogue(catalogue, at);
    for (const [n, tenant] of tenants.entries()) {
      tenant.sawEpoch(epochs[n] ?? 0, at);
      tenant.verified(askedAtMs, covered);
    }
  }
}
