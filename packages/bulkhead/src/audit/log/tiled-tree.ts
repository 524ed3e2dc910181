/**
 * A growing Merkle tree that tells of each node which belongs into a tile: the roots of 256, 65,536 … leaves.
 *
 * Level by level a small tree of at most 255 nodes; when it has 256, its root is a node of the level above.
 * Promises: nothing of the tree but its frontier is needed to go on, and the frontier is that of the one tree
 * (RFC 6962), not of the levels.
 */
import { CompactTree, perfectRoot, TILE_WIDTH } from 'bulkhead-verify';

const HASH_BYTES = 32;

/** A node that was completed: root of 256^level leaves. */
export interface TileNode {
  readonly level: number;
  readonly index: number;
  readonly hash: Uint8Array;
}

export class TiledTree {
  #size: number;
  readonly #levels: CompactTree[] = [];

  /** @param frontier the roots of the tree's perfect subtrees, largest first, one after the other */
  constructor(size: number, frontier: Uint8Array) {
    this.#size = size;
    const widths = digits(size);
    let end = frontier.length;
    for (const width of widths) {
      const start = end - HASH_BYTES * bitsOf(width);
      if (start < 0) throw new RangeError(`the frontier is too short for ${size} leaves`);
      this.#levels.push(restore(width, frontier.subarray(start, end)));
      end = start;
    }
    if (end !== 0) throw new RangeError(`the frontier is too long for ${size} leaves`);
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Appends the hashes of leaves that lie one after the other; nodes that they complete are added to `completed`,
   * lower levels first.
   */
  append(leafHashes: Uint8Array, completed: TileNode[]): void {
    for (let at = 0; at < leafHashes.length; ) {
      const height = heightFrom(this.#size, (leafHashes.length - at) / HASH_BYTES);
      const end = at + HASH_BYTES * 2 ** height;
      this.#size += 2 ** height;
      this.#carry(subtreeRoot(leafHashes.subarray(at, end), height), height, completed);
      at = end;
    }
  }

  /** Adds a subtree of the lowest level, and to each level above what it completes. */
  #carry(root: Uint8Array, height: number, completed: TileNode[]): void {
    let hash = root;
    let leaves = 1;
    for (let level = 0; ; level += 1) {
      let tree = this.#levels[level];
      if (tree === undefined) {
        tree = new CompactTree();
        this.#levels[level] = tree;
      }
      tree.append(hash, level === 0 ? height : 0);
      if (tree.size < TILE_WIDTH) return;
      hash = tree.root();
      this.#levels[level] = new CompactTree();
      leaves *= TILE_WIDTH;
      completed.push({ level: level + 1, index: this.#size / leaves - 1, hash });
    }
  }

  frontier(): Buffer {
    return Buffer.concat(this.#levels.map((tree) => Buffer.concat(tree.state().hashes)).reverse());
  }
}

/** Appends the hashes of leaves that lie one after the other, subtree by subtree, which is quicker than one by one. */
export function appendHashes(tree: CompactTree, leafHashes: Uint8Array): void {
  for (let at = 0; at < leafHashes.length; ) {
    const height = heightFrom(tree.size, (leafHashes.length - at) / HASH_BYTES);
    const end = at + HASH_BYTES * 2 ** height;
    tree.append(subtreeRoot(leafHashes.subarray(at, end), height), height);
    at = end;
  }
}

/** Of the largest perfect subtree that may begin at a leaf, has no more than so many, and is of one tile. */
function heightFrom(first: number, leavesMax: number): number {
  let height = 0;
  for (let leaves = 2; leaves <= Math.min(leavesMax, TILE_WIDTH); leaves *= 2) {
    if (first % leaves !== 0) break;
    height += 1;
  }
  return height;
}

const subtreeRoot = (hashes: Uint8Array, height: number): Uint8Array =>
  height === 0 ? hashes : perfectRoot(hashes, 2 ** height);

/** The root of the tree that has this frontier. */
export function rootOfFrontier(size: number, frontier: Uint8Array): Uint8Array {
  return restore(size, frontier).root();
}

export function restore(size: number, frontier: Uint8Array): CompactTree {
  const hashes = [];
  for (let at = 0; at < frontier.length; at += HASH_BYTES) {
    hashes.push(frontier.subarray(at, at + HASH_BYTES));
  }
  return CompactTree.restore({ size, hashes });
}

/** Of a number to base 256, the lowest first. */
function digits(size: number): number[] {
  const found = [];
  for (let rest = size; rest > 0; rest = Math.floor(rest / TILE_WIDTH)) {
    found.push(rest % TILE_WIDTH);
  }
  return found;
}

function bitsOf(byte: number): number {
  let bits = 0;
  for (let rest = byte; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
}
