/**
 * The place of each node of a tree, by the node's id.
 *
 * A question's id is seldom the string that lies in the tree, so a map has to fetch bucket, entry and one or two
 * strings from memory that is far away in a big tree. In front of it lies a table of marks, made of a few of the id's
 * characters, that is near. Promises: a mark only says where to look, the whole id decides; whoever chooses ids so
 * that their marks are alike makes questions about them dearer by a few comparisons and a look-up in the map.
 */

/** A tree up to here is near as a whole. */
const SMALL_MAX = 256;
/** Behind so many taken slots an id is found in the map alone. */
const PROBES_MAX = 16;
const UUID_LENGTH = 36;
/** Fewer than so many slots for each id, and ids that are far from their marks become many. */
const SLOTS_EACH_MIN = 1.25;
const EMPTY = -1;
/** Beside a place lie the low bits of the mark; places that leave them no room are found in the map alone. */
const MARK_BITS = 12;
const MARK = (1 << MARK_BITS) - 1;
const PLACES_MAX = 1 << 18;

export class NodePlaces {
  readonly #all = new Map<string, number>();
  /** For each slot an id and its place with its mark, side by side; a power of two, and none for a small tree. */
  #slots: (string | number)[] = [];
  #lastSlot = -1;

  get size(): number {
    return this.#all.size;
  }

  get slotCount(): number {
    return this.#lastSlot + 1;
  }

  get(id: string): number | undefined {
    if (this.#lastSlot === -1 || id.length !== UUID_LENGTH) return this.#all.get(id);
    const slots = this.#slots;
    const mark = markOf(id);
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const slot = ((mark + probe) & this.#lastSlot) * 2;
      const found = slots[slot + 1] as number;
      if ((found & MARK) === mark >>> (32 - MARK_BITS) && slots[slot] === id)
        return found >> MARK_BITS;
      if (found === EMPTY) break;
    }
    return this.#all.get(id);
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  set(id: string, place: number): void {
    this.#all.set(id, place);
    if (this.#all.size <= SMALL_MAX) return;
    if (this.#all.size * SLOTS_EACH_MIN > this.slotCount) this.#rebuild();
    else this.#mark(id, place);
  }

  #rebuild(): void {
    let count = SMALL_MAX;
    while (count < this.#all.size * SLOTS_EACH_MIN) count *= 2;
    this.#slots = Array.from({ length: count }, () => ['', EMPTY]).flat();
    this.#lastSlot = count - 1;
    for (const [id, place] of this.#all) this.#mark(id, place);
  }

  #mark(id: string, place: number): void {
    if (id.length !== UUID_LENGTH) return;
    const mark = markOf(id);
    for (let probe = 0; probe < PROBES_MAX; probe += 1) {
      const slot = ((mark + probe) & this.#lastSlot) * 2;
      const isFree = this.#slots[slot + 1] === EMPTY;
      if (!isFree && this.#slots[slot] !== id) continue;
      const isFar = place >= PLACES_MAX;
      if (isFar && isFree) return;
      this.#slots[slot] = isFar ? '' : id;
      this.#slots[slot + 1] = isFar ? 0 : (place << MARK_BITS) | (mark >>> (32 - MARK_BITS));
      return;
    }
  }
}

/**
 * From the last characters, random in UUIDs of versions 4 and 7. Each is a step of its own for the processor, and with
 * fewer of them it fetches ahead further. Ids that all end alike, as those of versions 1 and 6, are found in the map.
 */
function markOf(id: string): number {
  const tail =
    (id.charCodeAt(30) << 25) ^
    (id.charCodeAt(31) << 20) ^
    (id.charCodeAt(32) << 15) ^
    (id.charCodeAt(33) << 10) ^
    (id.charCodeAt(34) << 5) ^
    id.charCodeAt(35);
  const mixed = Math.imul(tail, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
