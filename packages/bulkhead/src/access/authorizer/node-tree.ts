/**
 * A tenant's nodes; all actors of the tenant share one tree.
 *
 * Only places matter: a node has one of its own if something is below it or was granted on it, and all other nodes
 * stand in their parent's place, because whoever may there may here. So an actor has one number for each place,
 * however many leaves there are.
 *
 * Promises: a node that is in here stands where the database had it at `epoch`. A small tenant's tree begins with
 * every node there was; a big one's has those that somebody asked for, with the nodes above them.
 */

import { NodePlaces } from './node-places.ts';

/** The tenant's own place, above all others. */
export const ROOT = 0;
/** Where the way up ends. */
export const ABOVE_ROOT = -1;

const BYTES_EMPTY = 500;
/** A UUID's string and its entry in the map. */
const BYTES_EACH = 100;
const BYTES_PLACE = 16;
const BYTES_SLOT = 16;

export class NodeTree {
  readonly epoch: number;
  /** The place of each node that is known. */
  readonly placeOf = new NodePlaces();
  readonly #parents: number[] = [ABOVE_ROOT];
  readonly #owners: string[];

  constructor(epoch: number, rootId: string) {
    this.epoch = epoch;
    this.#owners = [rootId];
    this.placeOf.set(rootId, ROOT);
  }

  /** How many nodes there are. */
  get size(): number {
    return this.placeOf.size;
  }

  get placeCount(): number {
    return this.#parents.length;
  }

  get bytes(): number {
    return (
      BYTES_EMPTY +
      BYTES_EACH * this.size +
      BYTES_PLACE * this.placeCount +
      BYTES_SLOT * this.placeOf.slotCount
    );
  }

  /** The place above; `ABOVE_ROOT` above the root. */
  above(place: number): number {
    return this.#parents[place] ?? ABOVE_ROOT;
  }

  /** Whether a place is the other one or below it. */
  isWithin(place: number, other: number): boolean {
    const parents = this.#parents;
    // A place is always younger than the one above it.
    let at = place;
    while (at > other) at = parents[at] ?? ABOVE_ROOT;
    return at === other;
  }

  /** Adds a node whose parent is in here already; one that is in here stays where it is. */
  add(id: string, parent: string): void {
    if (this.placeOf.has(id)) return;
    const above = this.own(parent);
    if (above !== undefined) this.placeOf.set(id, above);
  }

  /** Adds a node by its path, from below the root down to the node itself. */
  addPath(rootId: string, path: readonly string[]): void {
    let above = rootId;
    for (const id of path) {
      this.add(id, above);
      above = id;
    }
  }

  /** The node's own place, given to it now if it had none; undefined for a node that is not in here. */
  own(id: string): number | undefined {
    const place = this.placeOf.get(id);
    if (place === undefined || this.#owners[place] === id) return place;
    const own = this.#parents.push(place) - 1;
    this.#owners.push(id);
    this.placeOf.set(id, own);
    return own;
  }
}
