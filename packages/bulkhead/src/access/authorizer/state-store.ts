/**
 * All that this process remembers of tenants and actors, within a bound.
 *
 * Promises: never more than `bytesMax` by its own estimate, which the bench holds against the process's memory;
 * who was used longest ago goes first, and a tenant's tree goes with the last of its actors.
 */
import { createHash } from 'node:crypto';
import type { MaskTable } from './mask-table.ts';
import { ActorState, TenantState } from './tenant-state.ts';

/** The row under which the catalogue of permissions moves. */
export const CATALOGUE = '00000000-0000-0000-0000-000000000000';

const BYTES_TENANT = 900;
const TOPIC_LENGTH = 32;

export class StateStore {
  /** Of the newest catalogue that was sent. */
  masks: MaskTable | undefined;
  readonly #bytesMax: number;
  readonly #tenants = new Map<string, TenantState>();
  readonly #byTopic = new Map<string, TenantState>();
  /** In order of use, the one used longest ago first. */
  readonly #actors = new Map<string, ActorState>();
  readonly #treeBytes = new Map<TenantState, number>();
  #bytes = 0;
  #catalogueEpoch = -1;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get actorCount(): number {
    return this.#actors.size;
  }

  get catalogueEpoch(): number {
    return this.#catalogueEpoch;
  }

  tenant(id: string): TenantState | undefined {
    return this.#tenants.get(id);
  }

  /** The tenant that a notification speaks of, if it is known here. */
  tenantByTopic(topic: string): TenantState | undefined {
    return this.#byTopic.get(topic);
  }

  tenants(): IterableIterator<TenantState> {
    return this.#tenants.values();
  }

  find(tenantId: string, type: string, id: string): ActorState | undefined {
    return this.#actors.get(keyOf(tenantId, type, id));
  }

  /** The actor's place, made where there is none, and the youngest from now on. */
  claim(tenantId: string, type: string, id: string, nowMs: number): ActorState {
    const key = keyOf(tenantId, type, id);
    let actor = this.#actors.get(key);
    if (actor === undefined) {
      const tenant = this.#tenantOf(tenantId);
      actor = new ActorState(key, tenant, type, id);
      tenant.actors.set(key, actor);
      this.#actors.set(key, actor);
    } else if (this.#bytes * 2 > this.#bytesMax) {
      // A Map iterates in order of insertion. Far below the bound nothing is evicted soon.
      this.#actors.delete(key);
      this.#actors.set(key, actor);
    }
    actor.usedAtMs = nowMs;
    actor.tenant.usedAtMs = nowMs;
    return actor;
  }

  /** Counts an actor anew after a load, and lets go of what no longer has room. */
  weigh(actor: ActorState, nowMs: number): void {
    if (actor.isEvicted) return;
    const bytes = actor.permits?.bytes ?? 0;
    this.#bytes += bytes - actor.bytes;
    actor.bytes = bytes;
    this.weighTree(actor.tenant);
    for (const oldest of this.#actors.values()) {
      if (this.#bytes <= this.#bytesMax || oldest === actor) break;
      this.evict(oldest, nowMs);
    }
  }

  weighTree(tenant: TenantState): void {
    const before = this.#treeBytes.get(tenant);
    if (before === undefined) return;
    const bytes = BYTES_TENANT + (tenant.tree?.bytes ?? 0);
    this.#treeBytes.set(tenant, bytes);
    this.#bytes += bytes - before;
  }

  evict(actor: ActorState, nowMs: number): void {
    if (actor.isEvicted) return;
    actor.evict(nowMs);
    this.#actors.delete(actor.key);
    this.#bytes -= actor.bytes;
    const { tenant } = actor;
    tenant.actors.delete(actor.key);
    if (tenant.actors.size > 0) return;
    tenant.forgotten(nowMs);
    this.#tenants.delete(tenant.id);
    this.#byTopic.delete(topicOf(tenant.id));
    this.#bytes -= this.#treeBytes.get(tenant) ?? 0;
    this.#treeBytes.delete(tenant);
  }

  /** Forgets a tenant whole, when what is known of it contradicts the database. */
  forget(tenant: TenantState, nowMs: number): void {
    for (const actor of [...tenant.actors.values()]) this.evict(actor, nowMs);
  }

  /** The catalogue is at `epoch` at least; everything made from an earlier one is outdated. */
  sawCatalogue(epoch: number, nowMs: number): void {
    if (epoch <= this.#catalogueEpoch) return;
    const isFirst = this.#catalogueEpoch === -1;
    this.#catalogueEpoch = epoch;
    // Nothing was made from an earlier one; a load under way is compared with this epoch.
    if (isFirst) return;
    for (const tenant of this.#tenants.values()) tenant.changed(nowMs);
  }

  #tenantOf(id: string): TenantState {
    let tenant = this.#tenants.get(id);
    if (tenant === undefined) {
      tenant = new TenantState(id);
      this.#tenants.set(id, tenant);
      this.#byTopic.set(topicOf(id), tenant);
      this.#treeBytes.set(tenant, BYTES_TENANT);
      this.#bytes += BYTES_TENANT;
    }
    return tenant;
  }
}

const keyOf = (tenantId: string, type: string, id: string) => `${tenantId}${type}:${id}`;

export const CATALOGUE_TOPIC = topicOf(CATALOGUE);

/** What notifications say instead of a tenant's id: whoever listens uninvited learns none. */
export function topicOf(tenantId: string): string {
  return createHash('sha256').update(tenantId).digest('hex').slice(0, TOPIC_LENGTH);
}
