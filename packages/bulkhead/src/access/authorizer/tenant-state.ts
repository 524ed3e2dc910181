/**
 * What this process knows about a tenant and its actors, and how current that is.
 *
 * Promises: permits count only while nothing newer is known, by epoch or by our own change, and a load that began
 * before a change is not taken for one that saw it. Times are monotonic milliseconds.
 */
import type { ActorPermits } from './actor-permits.ts';
import type { NodeTree } from './node-tree.ts';

/** What one connection vouches for: every change until `asOfMs` was heard on it. A dead one stands still. */
export interface Coverage {
  asOfMs: number;
}

export class TenantState {
  readonly id: string;
  readonly actors = new Map<string, ActorState>();
  tree: NodeTree | undefined;
  usedAtMs = Number.NEGATIVE_INFINITY;
  /** Grows with every change that is heard of; permits carry the one they are good for. */
  stamp = 0;
  #epoch = -1;
  /** Loads that began at an earlier stamp may have missed a change of which no epoch is known. */
  #blindUntilStamp = 0;
  #verifiedAtMs = Number.NEGATIVE_INFINITY;
  #coverage: Coverage | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** The latest moment at which the epoch was known to be the newest. */
  get asOfMs(): number {
    const covered = this.#coverage?.asOfMs ?? Number.NEGATIVE_INFINITY;
    return covered > this.#verifiedAtMs ? covered : this.#verifiedAtMs;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The database was asked at `askedAtMs`, while `coverage` was listening already. */
  verified(askedAtMs: number, coverage: Coverage | undefined): void {
    if (askedAtMs > this.#verifiedAtMs) this.#verifiedAtMs = askedAtMs;
    if (coverage !== undefined) this.#coverage = coverage;
  }

  /** The database is at `epoch` at least. */
  sawEpoch(epoch: number, nowMs: number): void {
    if (epoch <= this.#epoch) return;
    this.#epoch = epoch;
    this.#moved(nowMs);
  }

  /** Something changed, at which epoch nobody said. */
  changed(nowMs: number): void {
    this.#moved(nowMs);
    this.#blindUntilStamp = this.stamp;
  }

  /** No change reaches it any more: what was made from it is not to be taken for current. */
  forgotten(nowMs: number): void {
    this.#moved(nowMs);
  }

  /** Whether what a load that began at `stamp` found at `epoch` may be used from now on. */
  accepts(stamp: number, epoch: number): boolean {
    return stamp >= this.#blindUntilStamp && epoch >= this.#epoch;
  }

  #moved(nowMs: number): void {
    this.stamp += 1;
    for (const actor of this.actors.values()) actor.outdated(nowMs);
  }
}

export class ActorState {
  readonly key: string;
  readonly tenant: TenantState;
  readonly type: string;
  readonly id: string;
  permits: ActorPermits | undefined;
  loading: Promise<void> | undefined;
  /** What the store has counted for it. */
  bytes = 0;
  usedAtMs = Number.NEGATIVE_INFINITY;
  isEvicted = false;
  #outdatedSinceMs = Number.POSITIVE_INFINITY;
  #stamp = -1;

  constructor(key: string, tenant: TenantState, type: string, id: string) {
    this.key = key;
    this.tenant = tenant;
    this.type = type;
    this.id = id;
  }

  /** Nothing newer is known. Says nothing about how long ago anybody asked. */
  get isCurrent(): boolean {
    return this.#stamp === this.tenant.stamp && this.permits !== undefined && !this.isEvicted;
  }

  /** Since when something newer is known, or might be. */
  get outdatedSinceMs(): number {
    return this.#outdatedSinceMs;
  }

  outdated(nowMs: number): void {
    if (this.#outdatedSinceMs === Number.POSITIVE_INFINITY) this.#outdatedSinceMs = nowMs;
  }

  install(permits: ActorPermits): void {
    this.permits = permits;
    this.#stamp = this.tenant.stamp;
    this.#outdatedSinceMs = Number.POSITIVE_INFINITY;
  }

  /** Changes reach it no more: what still holds it may not for long. */
  evict(nowMs: number): void {
    this.isEvicted = true;
    this.outdated(nowMs);
  }
}
