/**
 * What one actor may do in one tenant, as masks on places of its tree.
 *
 * Promises: a grant counts on its node and everything below, until its end and not a moment longer; limits (an API
 * key's) only ever take away. Each place is worked out once and is one number from then on.
 * Does not promise to be current: whoever holds one knows from when it is.
 */
import type { MaskTable } from './mask-table.ts';
import { type NodeTree, ROOT } from './node-tree.ts';
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

/** A list of small numbers takes less than a typed array up to about here. */
const PLACES_IN_LIST_MAX = 64;
const BYTES_EMPTY = 600;
const BYTES_EACH_GRANT = 40;
/** Kept only where something ends: a role's mask and when. */
const BYTES_EACH_FACT = 260;

export class ActorPermits {
  readonly index: PermissionIndex;
  readonly tree: NodeTree;
  /** The earliest end among what this was made from; undefined where nothing ends. */
  readonly endsAtMs: number | undefined;
  readonly #masks: MaskTable;
  /** What was granted on places themselves, by the numbers of masks: a mask of its own takes 200 bytes. */
  readonly #direct: ReadonlyMap<number, number>;
  readonly #limits: HeldLimits | undefined;
  /** Kept only where something ends: the rest is then worked out again without a question. */
  readonly #facts: ActorFacts | undefined;
  /** For each place the number of its mask; 0 is not worked out yet. */
  #maskAt: number[] | Int32Array;

  constructor(facts: ActorFacts, nowMs: number) {
    this.index = facts.masks.index;
    this.tree = facts.tree;
    this.#masks = facts.masks;
    this.#limits = facts.limits;
    const isOver = nowMs >= facts.endsAtMs;
    const held = isOver ? [] : facts.grants.filter(({ endsAtMs }) => nowMs < endsAtMs);
    const first = isOver
      ? Number.POSITIVE_INFINITY
      : held.reduce((end, { endsAtMs }) => Math.min(end, endsAtMs), facts.endsAtMs);
    this.endsAtMs = first === Number.POSITIVE_INFINITY ? undefined : first;
    this.#facts = this.endsAtMs === undefined ? undefined : facts;
    this.#direct = unitedByPlace(held, facts.masks);
    this.#maskAt = places(facts.tree.placeCount);
  }

  get bytes(): number {
    const facts = this.#facts?.grants.length ?? 0;
    const each = Array.isArray(this.#maskAt) ? 8 : 4;
    return (
      BYTES_EMPTY +
      BYTES_EACH_GRANT * this.#direct.size +
      BYTES_EACH_FACT * facts +
      each * this.#maskAt.length
    );
  }

  /** The same without what has ended by then. */
  at(nowMs: number): ActorPermits {
    return this.#facts === undefined ? this : new ActorPermits(this.#facts, nowMs);
  }

  /** Undefined for a permission that the catalogue lacks. Without a node: on the tenant itself. */
  ask(permission: string, node: string | undefined): Verdict | undefined {
    const bit = this.index.bitOf.get(permission);
    if (bit === undefined) return undefined;
    const { placeOf } = this.tree;
    const place =
      node === undefined ? ROOT : (placeOf.get(node) ?? placeOf.get(node.toLowerCase()));
    if (place === undefined) return 'unknown';
    // A place of the tree's that is younger than this lies past the end, and is read as not worked out.
    const number = this.#maskAt[place] || this.#resolve(place);
    const word = this.#masks.words[number * this.index.width + (bit >>> 5)] ?? 0;
    return (word & (1 << (bit & 31))) === 0 ? 'refused' : 'granted';
  }

  #resolve(place: number): number {
    const mask = new Uint32Array(this.index.width);
    const { places: limitPlaces, mask: limitMask } = this.#limits ?? {};
    let isWithin = limitPlaces === undefined;
    for (let at = place; at !== -1; at = this.tree.above(at)) {
      const direct = this.#direct.get(at);
      if (direct !== undefined) unite(mask, this.#masks.maskOf(direct));
      if (limitPlaces?.has(at)) isWithin = true;
    }
    if (!isWithin) mask.fill(0);
    if (limitMask !== undefined) confine(mask, limitMask);
    const number = this.#masks.numberOf(mask);
    if (place >= this.#maskAt.length) this.#lengthen();
    this.#maskAt[place] = number;
    return number;
  }

  #lengthen(): void {
    const longer = places(Math.max(this.tree.placeCount, this.#maskAt.length + 4));
    for (const [place, number] of this.#maskAt.entries()) longer[place] = number;
    this.#maskAt = longer;
  }
}

function places(count: number): number[] | Int32Array {
  return count <= PLACES_IN_LIST_MAX ? new Array<number>(count).fill(0) : new Int32Array(count);
}

function unitedByPlace(grants: readonly HeldGrant[], masks: MaskTable): Map<number, number> {
  const united = new Map<number, number>();
  for (const { place, mask } of grants) {
    const both = mask.slice();
    const before = united.get(place);
    if (before !== undefined) unite(both, masks.maskOf(before));
    united.set(place, masks.numberOf(both));
  }
  return united;
}
