/** Naming the parts of a tree: perfect subtrees by height and number, and the ranges that proofs speak of. */
import { nodeHash } from './leaf-hash.ts';

/** The perfect subtree over the leaves `index * 2^height` up to, not with, `(index + 1) * 2^height`. */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** Gives the root of a perfect subtree, for example out of tiles. */
export type HashAt = (height: number, index: number) => Uint8Array;

/** The largest power of two below `n`: where RFC 6962 splits a tree of n > 1 leaves. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The perfect subtrees, left to right, that the tree over the leaves [begin, end) consists of. */
export function subtreesOf(begin: number, end: number): Subtree[] {
  const subtrees = [];
  for (let at = begin; at < end; ) {
    let height = 0;
    let leaves = 1;
    while (leaves * 2 <= end - at) {
      leaves *= 2;
      height += 1;
    }
    subtrees.push({ height, index: at / leaves });
    at += leaves;
  }
  return subtrees;
}

/** The root of the tree that consists of these subtrees. */
export function joinSubtrees(subtrees: readonly Subtree[], hashAt: HashAt): Uint8Array {
  const hashes = subtrees.map(({ height, index }) => hashAt(height, index));
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}

export function checkSizes(...sizes: number[]): void {
  for (const size of sizes) {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError('sizes and indexes are whole numbers up to 2^53');
    }
  }
}
