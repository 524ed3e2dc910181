/**
 * A tenant's nodes as numbers, each with its parent's number; all actors of the tenant share one.
 *
 * Promises: a node that is in here stands where the database had it at `epoch`. A small tenant's tree begins
 * with every node there was; a big one's has those that somebody asked for, with the nodes above them.
 */

/** The tenant itself is the root. */
export const ROOT = 0;

const BYTES_EMPTY = 400;
/** A UUID's string, its place in the map, and its parent's number. */
const BYTES_EACH = 130;

export class NodeTree {
  readonly epoch: number;
  readonly #indexOf = new Map<string, number>();
  readonly #parents: number[] = [-1];

  constructor(epoch: number, rootId: string) {
    this.epoch = epoch;
    this.#indexOf.set(rootId, ROOT);
  }

  get size(): number {
    return this.#parents.length;
  }

  get bytes(): number {
    return BYTES_EMPTY + BYTES_EACH * this.size;
  }

  /** The node's number, or undefined for one that is not in here. Ids are lower-case UUIDs. */
  find(id: string): number | undefined {
    return this.#indexOf.get(id);
  }

  /** -1 for the root. */
  parentOf(index: number): number {
    return this.#parents[index] ?? -1;
  }

  /** Adds a node whose parent is in here already; one that stands here keeps its place. */
  add(id: string, parent: string): number | undefined {
    const known = this.#indexOf.get(id);
    if (known !== undefined) return known;
    const above = this.#indexOf.get(parent);
    if (above === undefined) return undefined;
    const index = this.#parents.push(above) - 1;
    this.#indexOf.set(id, index);
    return index;
  }

  /** Adds a node by its path, from below the root down to the node itself. */
  addPath(rootId: string, path: readonly string[]): void {
    let above = rootId;
    for (const id of path) {
      this.add(id, above);
      above = id;
    }
  }
}
