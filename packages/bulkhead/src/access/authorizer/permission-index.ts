/**
 * The names of all permissions as bit numbers, and masks of them.
 *
 * Promises: a mask holds exactly the permissions it was made from, however many there are. An index never
 * changes; a catalogue published anew makes another one, and masks belong to the index that made them.
 */

const WORD_BITS = 32;

/** One bit a permission, 32 in a word. */
export type PermissionMask = Uint32Array;

export class PermissionIndex {
  /** The catalogue's epoch, by which a newer one is told. */
  readonly epoch: number;
  readonly bitOf: ReadonlyMap<string, number>;
  /** How many words a mask has. */
  readonly width: number;
  readonly #dangerous: ReadonlySet<string>;

  /** @param permissions names, each with whether the database is always asked for it. */
  constructor(epoch: number, permissions: readonly (readonly [string, boolean])[]) {
    this.epoch = epoch;
    this.bitOf = new Map(permissions.map(([name], bit) => [name, bit]));
    this.width = Math.max(1, Math.ceil(permissions.length / WORD_BITS));
    this.#dangerous = new Set(permissions.filter(([, danger]) => danger).map(([name]) => name));
  }

  isDangerous(permission: string): boolean {
    return this.#dangerous.has(permission);
  }

  /** Names that the catalogue lacks stand for nothing. */
  maskOf(permissions: Iterable<string>): PermissionMask {
    const mask = new Uint32Array(this.width);
    for (const name of permissions) {
      const bit = this.bitOf.get(name);
      if (bit !== undefined) addBit(mask, bit);
    }
    return mask;
  }

  everything(): PermissionMask {
    return this.maskOf(this.bitOf.keys());
  }
}

function addBit(mask: PermissionMask, bit: number): void {
  const word = bit >>> 5;
  mask[word] = (mask[word] ?? 0) | (1 << (bit & 31));
}

/** Adds what `other` holds to `mask`. */
export function unite(mask: PermissionMask, other: PermissionMask): void {
  for (let word = 0; word < mask.length; word += 1) {
    mask[word] = (mask[word] ?? 0) | (other[word] ?? 0);
  }
}

/** Takes from `mask` what `limit` does not hold. */
export function confine(mask: PermissionMask, limit: PermissionMask): void {
  for (let word = 0; word < mask.length; word += 1) {
    mask[word] = (mask[word] ?? 0) & (limit[word] ?? 0);
  }
}
