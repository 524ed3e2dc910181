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

/** Nobody's place. */
const NOWHERE = 2 ** 29;
/** So many levels from the root down are compared without a walk; few trees are deeper. */
export const LEVELS = 8;

const BYTES_EMPTY = 640;
/** A UUID's string and its entry in the map. */
const BYTES_EACH = 100;
const BYTES_PLACE = 80;
const BYTES_SLOT = 16;

export class NodeTree {
  readonly epoch: number;
  /** The place of each node that is known. */
  readonly placeOf = new NodePlaces();
  readonly #parents: number[] = [ABOVE_ROOT];
  /** For each place the one it lies below on each level, itself on its own; `NOWHERE` further down. */
  readonly #lineage: number[] = rootsLineage();
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

  /** How far a place lies below the root, up to `LEVELS` and no further. */
  levelOf(place: number): number {
    const start = place * LEVELS;
    const level = this.#lineage.slice(start, start + LEVELS).indexOf(place);
    return level === -1 ? LEVELS : level;
  }

  /**
   * 1 where a place is the other one, which is on that level, one of `LEVELS`, or below it; 0 where not. Without a
   * branch: the answers have no pattern that a processor could guess.
   */
  isWithin(place: number, other: number, level: number): number {
    const above = this.#lineage[place * LEVELS + level] as number;
    return ((above ^ other) - 1) >>> 31;
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
    this.#trace(own, place);
    return own;
  }

  #trace(own: number, above: number): void {
    const start = above * LEVELS;
    const lineage = this.#lineage.slice(start, start + LEVELS);
    const level = lineage.indexOf(NOWHERE);
    if (level !== -1) lineage[level] = own;
    this.#lineage.push(...lineage);
  }
}

function rootsLineage(): number[] {
  const lineage = new Array<number>(LEVELS).fill(NOWHERE);
  lineage[0] = ROOT;
  return lineage;
}
