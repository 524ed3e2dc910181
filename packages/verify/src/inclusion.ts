/** Inclusion proofs (RFC 6962, section 2.1.1): that an entry is at its place in the tree with a given root. */
import { HASH_BYTES, nodeHash } from './leaf-hash.ts';
import {
  checkSizes,
  type HashAt,
  joinSubtrees,
  type Subtree,
  splitPoint,
  subtreesOf,
} from './subtree.ts';

/**
 * What an inclusion proof is made of, from the leaf's sibling up: the root over each item's subtrees is one hash
 * of the proof. For callers that fetch before they hash; `inclusionProof` does it in one go.
 */
export function inclusionPlan(index: number, size: number): Subtree[][] {
  checkSizes(index, size);
  if (index >= size) throw new RangeError(`there is no leaf ${index} in a tree of ${size}`);
  const plan = [];
  for (let begin = 0, end = size; end - begin > 1; ) {
    const middle = begin + splitPoint(end - begin);
    if (index < middle) {
      plan.unshift(subtreesOf(middle, end));
      end = middle;
    } else {
      plan.unshift(subtreesOf(begin, middle));
      begin = middle;
    }
  }
  return plan;
}

export function inclusionProof(hashAt: HashAt, index: number, size: number): Uint8Array[] {
  return inclusionPlan(index, size).map((subtrees) => joinSubtrees(subtrees, hashAt));
}

/**
 * The root that `proof` leads to from this leaf, or nothing when the proof is not of the shape that leaf `index`
 * of a tree of `size` has (RFC 9162, section 2.1.3.2).
 */
export function rootFromInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size)) return undefined;
  if (index < 0 || index >= size) return undefined;
  if (leaf.length !== HASH_BYTES || proof.some(({ length }) => length !== HASH_BYTES))
    return undefined;
  let root = leaf;
  let at = index;
  let last = size - 1;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      root = nodeHash(sibling, root);
      // The right edge has no sibling until the path is a right child again.
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : undefined;
}

export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const reached = rootFromInclusion(leaf, index, size, proof);
  return reached !== undefined && Buffer.compare(reached, root) === 0;
}
