/**
 * What one actor may do in one tenant, as masks on places of its tree.
 *
 * Promises: a grant counts on its node and everything below, until its end and not a moment longer; limits (an API
 * key's) only ever take away. A question costs the same the first time as later: nothing is kept for each node.
 * Does not promise to be current: whoever holds one knows from when it is.
 */
import type { MaskTable } from './mask-table.ts';
import { ABOVE_ROOT, type NodeTree, ROOT } from './node-tree.ts';
import { confine, type PermissionIndex, type PermissionMask, unite } from './permission-index.ts';

/** What a role gives on a place, until `endsAtMs` (monotonic; Infinity without an end). */
export interface HeldGrant {
  readonly place: number;
  readonly mask: PermissionMask;
  readonly endsAtMs: number;
}

export interface HeldLimits {
  readonly mask: PermissionMask | undefined;
  /** The places at or below which anything is permitted at all. */
  readonly places: ReadonlySet<number> | undefined;
}

export interface ActorFacts {
  readonly masks: MaskTable;
  readonly tree: NodeTree;
  readonly grants: readonly HeldGrant[];
  readonly limits: HeldLimits | undefined;
  /** From then on nothing holds: the end of a delegation. */
  readonly endsAtMs: number;
}

/** `unknown`: the tree does not have the node. */
export type Verdict = 'granted' | 'refused' | 'unknown';

/** Up to so many are looked through one by one; more are found by the places above the one in question. */
const FEW_MAX = 8;
const BYTES_EMPTY = 600;
const BYTES_EACH_GRANT = 16;
const BYTES_EACH_OF_MANY = 56;
/** Kept only where something ends: a role's mask and when. */
const BYTES_EACH_FACT = 260;

export class ActorPermits {
  readonly index: PermissionIndex;
  readonly tree: NodeTree;
  /** The earliest end among what this was made from; undefined where nothing ends. */
  readonly endsAtMs: number | undefined;
  readonly #masks: MaskTable;
  /** What was granted on places themselves: place, number of its mask, place, number and so on. */
  readonly #direct: readonly number[];
  /** The same by place, where there are many. */
  readonly #byPlace: ReadonlyMap<number, number> | undefined;
  /** The places at or below which anything is permitted at all. */
  readonly #within: ReadonlySet<number> | undefined;
  /** Kept only where something ends: the rest is then worked out again without a question. */
  readonly #facts: ActorFacts | undefined;

  constructor(facts: ActorFacts, nowMs: number) {
    this.index = facts.masks.index;
    this.tree = facts.tree;
    this.#masks = facts.masks;
    this.#within = facts.limits?.places;
    const isOver = nowMs >= facts.endsAtMs;
    const held = isOver ? [] : facts.grants.filter(({ endsAtMs }) => nowMs < endsAtMs);
    const first = isOver
      ? Number.POSITIVE_INFINITY
      : held.reduce((end, { endsAtMs }) => Math.min(end, endsAtMs), facts.endsAtMs);
    this.endsAtMs = first === Number.POSITIVE_INFINITY ? undefined : first;
    this.#facts = this.endsAtMs === undefined ? undefined : facts;
    const byPlace = unitedByPlace(held, facts.limits?.mask, facts.masks);
    this.#direct = [...byPlace].flat();
    this.#byPlace = byPlace.size > FEW_MAX ? byPlace : undefined;
  }

  get bytes(): number {
    const facts = this.#facts?.grants.length ?? 0;
    const grants = this.#direct.length / 2;
    const each = this.#byPlace === undefined ? BYTES_EACH_GRANT : BYTES_EACH_OF_MANY;
    return BYTES_EMPTY + each * grants + BYTES_EACH_FACT * facts;
  }

  /** The same without what has ended by then. */
  at(nowMs: number): ActorPermits {
    return this.#facts === undefined ? this : new ActorPermits(this.#facts, nowMs);
  }

  /** Undefined for a permission that the catalogue lacks. Without a node: on the tenant itself. */
  ask(permission: string, node: string | undefined): Verdict | undefined {
    const bit = this.index.bitOf.get(permission);
    if (bit === undefined) return undefined;
    const { tree } = this;
    const place =
      node === undefined ? ROOT : (tree.placeOf.get(node) ?? tree.placeOf.get(node.toLowerCase()));
    if (place === undefined) return 'unknown';
    const isGranted =
      this.#byPlace === undefined
        ? this.#fewHold(bit, place)
        : this.#manyHold(this.#byPlace, bit, place);
    return isGranted && (this.#within === undefined || this.#isWithin(this.#within, place))
      ? 'granted'
      : 'refused';
  }

  #fewHold(bit: number, place: number): boolean {
    const { tree } = this;
    const direct = this.#direct;
    const masks = this.#masks;
    for (let n = 0; n < direct.length; n += 2) {
      // Both are numbers at these places, by construction.
      if (masks.has(direct[n + 1] as number, bit) && tree.isWithin(place, direct[n] as number))
        return true;
    }
    return false;
  }

  #manyHold(byPlace: ReadonlyMap<number, number>, bit: number, place: number): boolean {
    for (let at = place; at !== ABOVE_ROOT; at = this.tree.above(at)) {
      const mask = byPlace.get(at);
      if (mask !== undefined && this.#masks.has(mask, bit)) return true;
    }
    return false;
  }

  #isWithin(places: ReadonlySet<number>, place: number): boolean {
    for (let at = place; at !== ABOVE_ROOT; at = this.tree.above(at)) {
      if (places.has(at)) return true;
    }
    return false;
  }
}

function unitedByPlace(
  grants: readonly HeldGrant[],
  limit: PermissionMask | undefined,
  masks: MaskTable,
): Map<number, number> {
  const united = new Map<number, number>();
  for (const { place, mask } of grants) {
    const both = mask.slice();
    if (limit !== undefined) confine(both, limit);
    const before = united.get(place);
    if (before !== undefined) unite(both, masks.maskOf(before));
    united.set(place, masks.numberOf(both));
  }
  return united;
}
