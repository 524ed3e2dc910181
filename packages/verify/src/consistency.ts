/** Consistency proofs (RFC 6962, section 2.1.2): that an earlier tree is the beginning of a later one. */
import { HASH_BYTES, nodeHash } from './leaf-hash.ts';
import {
  checkSizes,
  type HashAt,
  joinSubtrees,
  type Subtree,
  splitPoint,
  subtreesOf,
} from './subtree.ts';

/** What a consistency proof is made of, in its order; see `inclusionPlan`. */
export function consistencyPlan(oldSize: number, newSize: number): Subtree[][] {
  checkSizes(oldSize, newSize);
  if (oldSize < 1 || oldSize > newSize)
    throw new RangeError('the old tree has 1 to new size leaves');
  const plan: Subtree[][] = [];
  let begin = 0;
  let end = newSize;
  while (oldSize < end) {
    const middle = begin + splitPoint(end - begin);
    if (oldSize <= middle) {
      plan.unshift(subtreesOf(middle, end));
      end = middle;
    } else {
      plan.unshift(subtreesOf(begin, middle));
      begin = middle;
    }
  }
  // The verifier knows the whole old tree's root already.
  if (begin > 0) plan.unshift(subtreesOf(begin, end));
  return plan;
}

export function consistencyProof(hashAt: HashAt, oldSize: number, newSize: number): Uint8Array[] {
  return consistencyPlan(oldSize, newSize).map((subtrees) => joinSubtrees(subtrees, hashAt));
}

/** RFC 9162, section 2.1.4.2. From an empty tree nothing follows, so an old size of 0 is never proven. */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize)) return false;
  if (oldSize < 1 || oldSize > newSize) return false;
  if (oldSize === newSize) return proof.length === 0 && Buffer.compare(oldRoot, newRoot) === 0;
  if (proof.some(({ length }) => length !== HASH_BYTES)) return false;

  let at = oldSize - 1;
  let last = newSize - 1;
  while (at % 2 === 1) {
    at = (at - 1) / 2;
    last = Math.floor(last / 2);
  }
  // A perfect old tree is a node of the new one, and its root is where the proof begins.
  const [first, ...rest] = at === 0 ? [oldRoot, ...proof] : proof;
  if (first?.length !== HASH_BYTES) return false;
  let oldReached = first;
  let newReached = first;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      oldReached = nodeHash(sibling, oldReached);
      newReached = nodeHash(sibling, newReached);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newReached = nodeHash(newReached, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return (
    last === 0 &&
    Buffer.compare(oldReached, oldRoot) === 0 &&
    Buffer.compare(newReached, newRoot) === 0
  );
}
