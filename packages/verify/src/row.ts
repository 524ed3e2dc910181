/** Up to 256 neighbouring hashes of one level, some of them perhaps unknown. */
import { HASH_BYTES } from './leaf-hash.ts';

export interface Row {
  readonly width: number;
  /** `width` hashes; where one is unknown, zeros. */
  readonly hashes: Buffer;
  readonly unknown: ReadonlySet<number>;
  /** What the stored tile holds instead, where that is something else. */
  readonly stored?: Buffer;
  /** Of an upper row: the roots that differing stored tiles below would have. */
  readonly claimed?: ReadonlyMap<number, Buffer>;
  /** The files that its hashes were taken from; where the tile itself is there, not those below it. */
  readonly files?: readonly string[];
  /** Of an upper row: the files of each row below. */
  readonly filesBelow?: readonly (readonly string[])[];
}

export function wholeRow(hashes: Buffer): Row {
  return { width: hashes.length / HASH_BYTES, hashes, unknown: new Set() };
}

export function rowOf(parts: readonly (Uint8Array | undefined)[]): Row {
  const hashes = Buffer.alloc(parts.length * HASH_BYTES);
  const unknown = new Set<number>();
  parts.forEach((hash, at) => {
    if (hash === undefined) unknown.add(at);
    else hashes.set(hash, at * HASH_BYTES);
  });
  return { width: parts.length, hashes, unknown };
}

export function hashAt(hashes: Buffer, at: number): Buffer {
  return hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}

/** The first `width` hashes, if they are all known. */
export function firstOf(row: Row, width: number): Buffer | undefined {
  for (const at of row.unknown) if (at < width) return undefined;
  return row.hashes.subarray(0, width * HASH_BYTES);
}

/** Where `hashes` says something else than the row knows, as far as both go. */
export function differences(row: Row, hashes: Buffer): number[] {
  const shared = Math.min(row.hashes.length, hashes.length);
  if (row.unknown.size === 0 && row.hashes.compare(hashes, 0, shared, 0, shared) === 0) return [];
  const wrong = [];
  for (let at = 0; at < shared / HASH_BYTES; at++) {
    if (!row.unknown.has(at) && !hashAt(row.hashes, at).equals(hashAt(hashes, at))) wrong.push(at);
  }
  return wrong;
}

/** The row, with what it does not know taken from `hashes`. */
export function filledFrom(row: Row, hashes: Buffer): Row {
  if (row.unknown.size === 0) return row;
  const filled = Buffer.from(row.hashes);
  for (const at of row.unknown) filled.set(hashAt(hashes, at), at * HASH_BYTES);
  return { ...row, hashes: filled, unknown: new Set() };
}
