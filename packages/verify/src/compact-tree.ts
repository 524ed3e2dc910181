/**
 * A tree kept as the roots of its perfect subtrees, one for each set bit of its size: all that is needed to
 * append and to know the root, 32 bytes × 53 at most, however many leaves there are.
 */
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from './leaf-hash.ts';

/** What a `CompactTree` is, for keeping: the subtrees' roots from left to right, the largest first. */
export interface CompactTreeState {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

export class CompactTree {
  #size = 0;
  /** By height: the root of the perfect subtree of that height which is on the tree's right edge. */
  readonly #roots: (Uint8Array | undefined)[] = [];

  static restore(state: CompactTreeState): CompactTree {
    const tree = new CompactTree();
    if (!Number.isSafeInteger(state.size) || state.size < 0)
      throw new RangeError('a size is whole');
    const heights = [];
    for (let height = 0, rest = state.size; rest > 0; height++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 1) heights.unshift(height);
    }
    if (heights.length !== state.hashes.length) {
      throw new RangeError(`a tree of ${state.size} leaves is kept as ${heights.length} hashes`);
    }
    heights.forEach((height, at) => {
      const hash = state.hashes[at];
      if (hash?.length !== HASH_BYTES) throw new RangeError('a hash is 32 bytes long');
      tree.#roots[height] = Buffer.from(hash);
    });
    tree.#size = state.size;
    return tree;
  }

  get size(): number {
    return this.#size;
  }

  state(): CompactTreeState {
    const hashes = this.#roots.filter((hash) => hash !== undefined).reverse();
    return { size: this.#size, hashes };
  }

  copy(): CompactTree {
    return CompactTree.restore(this.state());
  }

  /** Appends a leaf, or with `height` a whole perfect subtree of 2^height leaves. */
  append(hash: Uint8Array, height = 0): void {
    const leaves = 2 ** height;
    if (this.#size % leaves !== 0)
      throw new RangeError('a subtree goes where one of its size may begin');
    let carried = hash;
    let at = height;
    for (let left = this.#roots[at]; left !== undefined; left = this.#roots[at]) {
      carried = nodeHash(left, carried);
      this.#roots[at] = undefined;
      at += 1;
    }
    this.#roots[at] = carried === hash ? Buffer.from(hash) : carried;
    this.#size += leaves;
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const hash of this.#roots) {
      if (hash !== undefined) root = root === undefined ? hash : nodeHash(hash, root);
    }
    return root ?? EMPTY_ROOT;
  }
}

/** The root over `leafHashes` (RFC 6962, section 2.1). */
export function rootFromLeaves(leafHashes: Iterable<Uint8Array>): Uint8Array {
  const tree = new CompactTree();
  for (const hash of leafHashes) tree.append(hash);
  return tree.root();
}
