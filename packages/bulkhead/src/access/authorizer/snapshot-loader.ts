/**
 * Loads what actors hold, once for everybody who waits for it.
 *
 * Promises: what is installed is not older than any change that was heard of before; a load which a change
 * overtook is done again, a few times, and then it is an error rather than an old answer.
 */
import { accessError } from '../errors.ts';
import { ActorPermits } from './actor-permits.ts';
import { type DatabaseQuestions, isNodeId } from './database-questions.ts';
import { MaskTable } from './mask-table.ts';
import { readAnswer } from './snapshot-answer.ts';
import type { StateStore } from './state-store.ts';
import type { ActorState, Coverage, TenantState } from './tenant-state.ts';

const ATTEMPTS_MAX = 5;
/** A tree up to here is sent whole; from there on nodes come as they are asked for, and so many are kept. */
const NODES_MAX = 20_000;
const NODES_KEPT_MAX = 50_000;
const UNKNOWN_WAITING_MAX = 256;

export interface SnapshotLoaderOptions {
  readonly questions: DatabaseQuestions;
  readonly store: StateStore;
  readonly nowMs: () => number;
  readonly coverage: () => Coverage | undefined;
  readonly nodesMax?: number;
}

export class SnapshotLoader {
  readonly #options: SnapshotLoaderOptions;
  readonly #unknown = new Map<ActorState, Set<string>>();

  constructor(options: SnapshotLoaderOptions) {
    this.#options = options;
  }

  /** @throws `access.unavailable` */
  load(actor: ActorState): Promise<void> {
    actor.loading ??= this.#load(actor).finally(() => {
      actor.loading = undefined;
    });
    return actor.loading;
  }

  /** Learns where nodes stand; those that the tenant does not have stay unknown. @throws `access.unavailable` */
  async locate(actor: ActorState, nodes: readonly string[]): Promise<void> {
    const ids = nodes.filter(isNodeId);
    if (ids.length === 0) return;
    const { tenant } = actor;
    const { questions, store, nowMs } = this.#options;
    const { epoch, tree: treeEpoch, paths } = await questions.places(actor, ids);
    tenant.sawEpoch(epoch, nowMs());
    const { tree } = tenant;
    // The tree moved meanwhile: what was found is of another one, and all that is known loads anew.
    if (tree?.epoch !== treeEpoch) return tenant.changed(nowMs());
    if (tree.size > NODES_KEPT_MAX) {
      tenant.tree = undefined;
      return tenant.changed(nowMs());
    }
    for (const path of paths) tree.addPath(tenant.id, path);
    store.weighTree(tenant);
  }

  /** The same in a moment and for whoever asks next; a burst of unknown ids costs one question at a time. */
  locateSoon(actor: ActorState, node: string): void {
    const waiting = this.#unknown.get(actor);
    if (waiting !== undefined) {
      if (waiting.size < UNKNOWN_WAITING_MAX) waiting.add(node);
      return;
    }
    const nodes = new Set([node]);
    this.#unknown.set(actor, nodes);
    setImmediate(() => {
      this.locate(actor, [...nodes])
        // Nobody waits for it; whoever needs the node asks again.
        .catch(() => undefined)
        .finally(() => this.#unknown.delete(actor));
    });
  }

  async #load(actor: ActorState): Promise<void> {
    const { questions, store, nowMs, coverage, nodesMax = NODES_MAX } = this.#options;
    const { tenant } = actor;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const { stamp } = tenant;
      const covered = coverage();
      const known = { tree: tenant.tree, masks: store.masks };
      const askedAtMs = nowMs();
      const answer = await questions.snapshot(
        actor,
        { tree: known.tree?.epoch, catalogue: known.masks?.index.epoch },
        nodesMax,
      );
      const at = nowMs();
      if (!tenant.accepts(stamp, answer.epoch) || answer.catalogue < store.catalogueEpoch) continue;
      store.sawCatalogue(answer.catalogue, at);
      tenant.sawEpoch(answer.epoch, at);
      tenant.verified(askedAtMs, covered);
      // Somebody else's load may have brought the same tree meanwhile: all actors of a tenant share one.
      const tree = tenant.tree?.epoch === answer.tree ? tenant.tree : known.tree;
      const facts = readAnswer(tenant.id, answer, { masks: known.masks, tree }, askedAtMs);
      keepMasks(store, facts.masks);
      keepTree(tenant, facts.tree);
      actor.install(new ActorPermits(facts, at));
      store.weigh(actor, at);
      return;
    }
    // Known here as newer than in the database, for example after a restore: begin again from nothing.
    store.forget(tenant, nowMs());
    throw accessError('access.unavailable', { detail: 'what was loaded was always overtaken' });
  }
}

/** Loads that brought a catalogue of the same epoch at the same time share one table from then on. */
function keepMasks(store: StateStore, masks: MaskTable): void {
  const kept = store.masks;
  if (kept === undefined || kept.index.epoch < masks.index.epoch) store.masks = masks;
  else if (kept.isFull) store.masks = new MaskTable(kept.index);
}

function keepTree(tenant: TenantState, tree: NonNullable<TenantState['tree']>): void {
  if (tenant.tree === undefined || tenant.tree.epoch <= tree.epoch) tenant.tree = tree;
}
