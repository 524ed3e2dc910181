/**
 * What one actor may do in one tenant, as masks on nodes.
 *
 * Promises: a grant counts on its node and everything below, until its end and not a moment longer; limits
 * (an API key's) only ever take away. Each node is worked out once and is one byte from then on.
 * Does not promise to be current: whoever holds one knows from when it is.
 */
import { type NodeTree, ROOT } from './node-tree.ts';
import { confine, type PermissionIndex, type PermissionMask, unite } from './permission-index.ts';

/** What a role gives on a node, until `endsAtMs` (monotonic; Infinity without an end). */
export interface HeldGrant {
  readonly node: number;
  readonly mask: PermissionMask;
  readonly endsAtMs: number;
}

export interface HeldLimits {
  readonly mask: PermissionMask | undefined;
  /** The nodes at or below which anything is permitted at all. */
  readonly nodes: ReadonlySet<number> | undefined;
}

export interface ActorFacts {
  readonly index: PermissionIndex;
  readonly tree: NodeTree;
  readonly grants: readonly HeldGrant[];
  readonly limits: HeldLimits | undefined;
  /** From then on nothing holds: the end of a delegation. */
  readonly endsAtMs: number;
}

/** `unknown`: the tree does not have the node. */
export type Verdict = 'granted' | 'refused' | 'unknown';

const BYTE_MASKS_MAX = 255;
const MASKS_MAX = 65_535;
const LINEAR_MASKS_MAX = 16;
const BYTES_EMPTY = 700;
const BYTES_EACH_GRANT = 60;

export class ActorPermits {
  readonly index: PermissionIndex;
  readonly tree: NodeTree;
  /** The earliest end among what this was made from. */
  readonly expiresAtMs: number;
  readonly #bitOf: ReadonlyMap<string, number>;
  readonly #width: number;
  readonly #direct: ReadonlyMap<number, PermissionMask>;
  readonly #limits: HeldLimits | undefined;
  /** Kept only where something ends: the rest is then worked out again without a question. */
  readonly #facts: ActorFacts | undefined;
  /** The distinct masks one behind the other. */
  #words: Uint32Array;
  #maskCount = 0;
  /** For each node the number of its mask and one; 0 is not worked out yet. */
  #maskAt: Uint8Array | Uint16Array;
  #known: Map<string, number> | undefined;

  constructor(facts: ActorFacts, nowMs: number) {
    this.index = facts.index;
    this.tree = facts.tree;
    this.#bitOf = facts.index.bitOf;
    this.#width = facts.index.width;
    this.#limits = facts.limits;
    const over = nowMs >= facts.endsAtMs;
    const held = over ? [] : facts.grants.filter(({ endsAtMs }) => nowMs < endsAtMs);
    this.expiresAtMs = over
      ? Number.POSITIVE_INFINITY
      : held.reduce((end, { endsAtMs }) => Math.min(end, endsAtMs), facts.endsAtMs);
    this.#facts = this.expiresAtMs === Number.POSITIVE_INFINITY ? undefined : facts;
    this.#direct = unitedByNode(held);
    this.#words = new Uint32Array(this.#width);
    this.#maskAt = new Uint8Array(facts.tree.size);
  }

  get bytes(): number {
    const grants = this.#direct.size + (this.#facts?.grants.length ?? 0);
    return (
      BYTES_EMPTY +
      grants * (BYTES_EACH_GRANT + 4 * this.#width) +
      this.#words.byteLength +
      this.#maskAt.byteLength
    );
  }

  /** The same without what has ended by then. */
  at(nowMs: number): ActorPermits {
    return this.#facts === undefined ? this : new ActorPermits(this.#facts, nowMs);
  }

  /** Undefined for a permission that the catalogue lacks. Without a node: on the tenant itself. */
  ask(permission: string, node: string | undefined): Verdict | undefined {
    const bit = this.#bitOf.get(permission);
    if (bit === undefined) return undefined;
    const at = node === undefined ? ROOT : (this.tree.find(node) ?? this.#findFolded(node));
    if (at === undefined) return 'unknown';
    // A node added to the tree since lies past the end, and is read as not worked out.
    const number = this.#maskAt[at] || this.#resolve(at);
    const word = this.#words[(number - 1) * this.#width + (bit >>> 5)] ?? 0;
    return (word & (1 << (bit & 31))) === 0 ? 'refused' : 'granted';
  }

  #findFolded(node: string): number | undefined {
    return this.tree.find(node.toLowerCase());
  }

  #resolve(at: number): number {
    const mask = new Uint32Array(this.#width);
    const { nodes: limitNodes, mask: limitMask } = this.#limits ?? {};
    let isWithin = limitNodes === undefined;
    for (let node = at; node !== -1; node = this.tree.parentOf(node)) {
      const direct = this.#direct.get(node);
      if (direct !== undefined) unite(mask, direct);
      if (limitNodes?.has(node)) isWithin = true;
    }
    if (!isWithin) mask.fill(0);
    if (limitMask !== undefined) confine(mask, limitMask);
    const number = this.#numberOf(mask);
    this.#remember(at, number);
    return number;
  }

  #remember(at: number, number: number): void {
    if (number > BYTE_MASKS_MAX && this.#maskAt instanceof Uint8Array) {
      this.#maskAt = Uint16Array.from(this.#maskAt);
    }
    if (at >= this.#maskAt.length) {
      const longer = new (this.#maskAt.constructor as Uint8ArrayConstructor)(
        Math.max(this.tree.size, this.#maskAt.length * 2),
      );
      longer.set(this.#maskAt);
      this.#maskAt = longer;
    }
    this.#maskAt[at] = number;
  }

  /** The number of a mask, from one; the same for the same mask. */
  #numberOf(mask: PermissionMask): number {
    const known = this.#find(mask);
    if (known !== undefined) return known;
    // As many different masks as this no tenant has; what comes after is worked out each time.
    if (this.#maskCount === MASKS_MAX) this.#forget();
    const start = this.#maskCount * this.#width;
    if (start + this.#width > this.#words.length) {
      const longer = new Uint32Array(this.#words.length * 2);
      longer.set(this.#words);
      this.#words = longer;
    }
    this.#words.set(mask, start);
    this.#maskCount += 1;
    this.#known?.set(mask.join(), this.#maskCount);
    return this.#maskCount;
  }

  #find(mask: PermissionMask): number | undefined {
    if (this.#known !== undefined) return this.#known.get(mask.join());
    for (let number = 0; number < this.#maskCount; number += 1) {
      const start = number * this.#width;
      let word = 0;
      while (word < this.#width && this.#words[start + word] === mask[word]) word += 1;
      if (word === this.#width) return number + 1;
    }
    if (this.#maskCount >= LINEAR_MASKS_MAX) this.#indexMasks();
    return undefined;
  }

  #indexMasks(): void {
    this.#known = new Map();
    for (let number = 0; number < this.#maskCount; number += 1) {
      const start = number * this.#width;
      this.#known.set(this.#words.subarray(start, start + this.#width).join(), number + 1);
    }
  }

  #forget(): void {
    this.#maskAt.fill(0);
    this.#maskCount = 0;
    this.#known = new Map();
  }
}

function unitedByNode(grants: readonly HeldGrant[]): Map<number, PermissionMask> {
  const united = new Map<number, PermissionMask>();
  for (const { node, mask } of grants) {
    const before = united.get(node);
    // The first mask may be a role's own, which others share: it is copied before it grows.
    if (before === undefined) united.set(node, mask);
    else {
      const both = before.slice();
      unite(both, mask);
      united.set(node, both);
    }
  }
  return united;
}
