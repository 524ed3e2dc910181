/** Bytes of a batch, end to end in one buffer, which is what is sent: nothing is put together a second time. */

import { leafHashInto } from 'bulkhead-verify';

/** Of the UTF-8 of a text, for each of its UTF-16 code units. */
const UTF8_BYTES_MAX = 3;
const LENGTH_BYTES = 2;

export class BatchBytes {
  #buffer: Buffer;
  #length = 0;

  constructor(expected: number) {
    this.#buffer = Buffer.allocUnsafe(expected);
  }

  get length(): number {
    return this.#length;
  }

  /** Says where they lie. */
  add(...parts: readonly Uint8Array[]): number {
    const at = this.#length;
    for (const part of parts) {
      this.#makeRoom(part.length);
      this.#buffer.set(part, this.#length);
      this.#length += part.length;
    }
    return at;
  }

  /** Adds the UTF-8 of a text; returns its length. */
  addText(text: string): number {
    this.#makeRoom(text.length * UTF8_BYTES_MAX);
    const length = this.#buffer.write(text, this.#length, 'utf8');
    this.#length += length;
    return length;
  }

  /**
   * Adds a leaf that lies among other bytes, as it stands in a C2SP entry bundle, its length before it, and writes its
   * hash.
   */
  addEntry(from: BatchBytes, at: number, length: number, hashes: Buffer, hashAt: number): void {
    this.#makeRoom(LENGTH_BYTES + length);
    const start = this.#length + LENGTH_BYTES;
    this.#buffer.writeUInt16BE(length, this.#length);
    from.#buffer.copy(this.#buffer, start, at, at + length);
    this.#length = start + length;
    leafHashInto(this.#buffer, start, this.#length, hashes, hashAt);
  }

  /** Bytes that were added; good until more are. */
  slice(at: number, length: number): Buffer {
    return this.#buffer.subarray(at, at + length);
  }

  /** Begins anew in the same room. */
  clear(): void {
    this.#buffer.fill(0, 0, this.#length);
    this.#length = 0;
  }

  toBuffer(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
