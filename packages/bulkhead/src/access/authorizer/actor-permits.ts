/**
 * What one actor may do in one tenant, as masks on places of its tree.
 *
 * Promises: a grant counts on its node and everything below, until its end and not a moment longer; limits (an API
 * key's) only ever take away. A question costs the same the first time as later: nothing is kept for each node.
 * Does not promise to be current: whoever holds one knows from when it is.
 */
import type { MaskTable } from './mask-table.ts';
import { ABOVE_ROOT, LEVELS, type NodeTree, ROOT } from './node-tree.ts';
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

interface More {
  readonly endsAtMs: number | undefined;
  /** Kept only where something ends: the rest is then worked out again without a question. */
  readonly facts: ActorFacts | undefined;
  /** The number of the mask on each place, where there are many. */
  readonly byPlace: ReadonlyMap<number, number> | undefined;
  /** The places at or below which anything is permitted at all. */
  readonly within: ReadonlySet<number> | undefined;
}

/** `unknown`: the tree does not have the node. */
export type Verdict = 'granted' | 'refused' | 'unknown';

/**
 * Up to so many lie in the object itself and are looked through one by one; more are found by the places above the
 * one in question. Thousands of actors take turns, and each object that a question reads is a fetch from memory.
 */
const FEW_MAX = 4;
/** Where a mask begins and the level of its place are one number. */
const LEVEL_BITS = 3;
const LEVEL = (1 << LEVEL_BITS) - 1;
const BYTES_EMPTY = 600;
const BYTES_EACH_OF_MANY = 56;
/** Kept only where something ends: a role's mask and when. */
const BYTES_EACH_FACT = 260;

export class ActorPermits {
  readonly tree: NodeTree;
  readonly #masks: MaskTable;
  readonly #place0: number;
  readonly #mask0: number;
  readonly #place1: number;
  readonly #mask1: number;
  readonly #place2: number;
  readonly #mask2: number;
  readonly #place3: number;
  readonly #mask3: number;
  /** What few have; undefined for the others. */
  readonly #more: More | undefined;

  constructor(facts: ActorFacts, nowMs: number) {
    const { tree, masks, limits } = facts;
    const isOver = nowMs >= facts.endsAtMs;
    const held = isOver ? [] : facts.grants.filter(({ endsAtMs }) => nowMs < endsAtMs);
    const endsAtMs = isOver
      ? Number.POSITIVE_INFINITY
      : held.reduce((end, each) => Math.min(end, each.endsAtMs), facts.endsAtMs);
    const ends = endsAtMs !== Number.POSITIVE_INFINITY;
    const byPlace = unitedByPlace(held, limits?.mask, masks);
    const isFew =
      byPlace.size <= FEW_MAX && [...byPlace.keys()].every((at) => tree.levelOf(at) < LEVELS);
    const few = isFew ? [...byPlace] : [];
    const nothing = masks.rowOf(masks.numberOf(masks.index.maskOf([])));
    const place = (n: number) => few[n]?.[0] ?? ROOT;
    const mask = (n: number) => {
      const [at, number] = few[n] ?? [];
      if (at === undefined || number === undefined) return nothing << LEVEL_BITS;
      return (masks.rowOf(number) << LEVEL_BITS) | tree.levelOf(at);
    };
    this.tree = tree;
    this.#masks = masks;
    this.#place0 = place(0);
    this.#mask0 = mask(0);
    this.#place1 = place(1);
    this.#mask1 = mask(1);
    this.#place2 = place(2);
    this.#mask2 = mask(2);
    this.#place3 = place(3);
    this.#mask3 = mask(3);
    this.#more =
      ends || !isFew || limits?.places !== undefined
        ? {
            endsAtMs: ends ? endsAtMs : undefined,
            facts: ends ? facts : undefined,
            byPlace: isFew ? undefined : byPlace,
            within: limits?.places,
          }
        : undefined;
  }

  get index(): PermissionIndex {
    return this.#masks.index;
  }

  /** The earliest end among what this was made from; undefined where nothing ends. */
  get endsAtMs(): number | undefined {
    return this.#more?.endsAtMs;
  }

  get bytes(): number {
    const facts = this.#more?.facts?.grants.length ?? 0;
    const many = this.#more?.byPlace?.size ?? 0;
    return BYTES_EMPTY + BYTES_EACH_OF_MANY * many + BYTES_EACH_FACT * facts;
  }

  /** The same without what has ended by then. */
  at(nowMs: number): ActorPermits {
    const facts = this.#more?.facts;
    return facts === undefined ? this : new ActorPermits(facts, nowMs);
  }

  /** Undefined for a permission that the catalogue lacks. Without a node: on the tenant itself. */
  ask(permission: string, node: string | undefined): Verdict | undefined {
    const { tree } = this;
    // The node first: its strings are fetched from memory while the permission is looked up.
    const place =
      node === undefined ? ROOT : (tree.placeOf.get(node) ?? tree.placeOf.get(node.toLowerCase()));
    const bit = this.#masks.index.bitOf.get(permission);
    if (bit === undefined) return undefined;
    if (place === undefined) return 'unknown';
    const isGranted =
      this.#more === undefined ? this.#fewHold(bit, place) : this.#moreHold(this.#more, bit, place);
    return isGranted ? 'granted' : 'refused';
  }

  #fewHold(bit: number, place: number): boolean {
    const { tree } = this;
    const masks = this.#masks;
    const mask0 = this.#mask0;
    const mask1 = this.#mask1;
    const mask2 = this.#mask2;
    const mask3 = this.#mask3;
    const held =
      (tree.isWithin(place, this.#place0, mask0 & LEVEL) & masks.bitAt(mask0 >>> LEVEL_BITS, bit)) |
      (tree.isWithin(place, this.#place1, mask1 & LEVEL) & masks.bitAt(mask1 >>> LEVEL_BITS, bit)) |
      (tree.isWithin(place, this.#place2, mask2 & LEVEL) & masks.bitAt(mask2 >>> LEVEL_BITS, bit)) |
      (tree.isWithin(place, this.#place3, mask3 & LEVEL) & masks.bitAt(mask3 >>> LEVEL_BITS, bit));
    return held !== 0;
  }

  #moreHold({ byPlace, within }: More, bit: number, place: number): boolean {
    const isGranted =
      byPlace === undefined ? this.#fewHold(bit, place) : this.#manyHold(byPlace, bit, place);
    return isGranted && (within === undefined || this.#isWithin(within, place));
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
