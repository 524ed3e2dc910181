/**
 * Every distinct set of permissions once, as rows of one array: most actors hold one of few sets.
 *
 * Promises: the same set has the same number. A table only grows, up to `isFull`; then whoever keeps it begins
 * another, and the old one goes with the last who uses it.
 */
import type { PermissionIndex, PermissionMask } from './permission-index.ts';

const MASKS_MAX = 200_000;
const MASKS_START = 64;

export class MaskTable {
  readonly index: PermissionIndex;
  /** Row `number` begins at `number * index.width`. */
  #words: Uint32Array;
  readonly #width: number;
  readonly #numbers = new Map<string, number>();
  #count = 0;

  constructor(index: PermissionIndex) {
    this.index = index;
    this.#width = index.width;
    this.#words = new Uint32Array(MASKS_START * index.width);
  }

  get isFull(): boolean {
    return this.#count >= MASKS_MAX;
  }

  /** Whether a mask has a bit; a number that nobody was given has none. */
  has(number: number, bit: number): boolean {
    const word = this.#words[number * this.#width + (bit >>> 5)] ?? 0;
    return (word & (1 << (bit & 31))) !== 0;
  }

  /** Where a mask begins, for `bitAt`. */
  rowOf(number: number): number {
    return number * this.#width;
  }

  /** 1 where the mask that begins there has a bit, 0 where not. */
  bitAt(row: number, bit: number): number {
    return ((this.#words[row + (bit >>> 5)] as number) >>> (bit & 31)) & 1;
  }

  /** A view, for reading. */
  maskOf(number: number): PermissionMask {
    const start = number * this.index.width;
    return this.#words.subarray(start, start + this.index.width);
  }

  numberOf(mask: PermissionMask): number {
    const key = mask.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const start = this.#count * this.index.width;
    if (start + this.index.width > this.#words.length) {
      const longer = new Uint32Array(this.#words.length * 2);
      longer.set(this.#words);
      this.#words = longer;
    }
    this.#words.set(mask, start);
    this.#numbers.set(key, this.#count);
    this.#count += 1;
    return this.#count - 1;
  }
}
