/** Entry bundles: up to 256 entries, each behind its length as a big-endian uint16 (C2SP tlog-tiles). */
import { HASH_BYTES, sha256Into } from './leaf-hash.ts';
import { Malformed } from './malformed.ts';
import { TILE_WIDTH } from './tile-path.ts';

export const ENTRY_BYTES_MAX = 65_535;
export const BUNDLE_BYTES_MAX = TILE_WIDTH * (2 + ENTRY_BYTES_MAX);

export function encodeBundle(entries: readonly Uint8Array[]): Buffer {
  if (entries.length > TILE_WIDTH) throw new RangeError('a bundle holds at most 256 entries');
  const bundle = Buffer.allocUnsafe(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > ENTRY_BYTES_MAX)
      throw new RangeError('an entry is at most 65,535 bytes long');
    bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/** The entries, as views into `bytes`. With `width`, there must be exactly that many. */
export function parseBundle(bytes: Uint8Array, width?: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (entries.length === (width ?? TILE_WIDTH)) {
      throw new Malformed(
        `${bytes.length - at} bytes follow entry ${entries.length - 1}, the last one`,
      );
    }
    const start = at + 2;
    const end = start + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
    if (start > bytes.length || end > bytes.length) {
      throw new Malformed(`entry ${entries.length} is cut off`);
    }
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  if (width !== undefined && entries.length !== width) {
    throw new Malformed(`${entries.length} entries where there should be ${width}`);
  }
  return entries;
}

/**
 * The leaf hashes of a bundle's entries, one after the other. It writes the 0x00 of the leaf over the low byte
 * of each entry's length, so that nothing is copied: **`bytes` is used up**, `entries` stay what they were.
 */
export function hashBundle(bytes: Uint8Array, entries: readonly Uint8Array[]): Buffer {
  const hashes = Buffer.allocUnsafe(entries.length * HASH_BYTES);
  let at = 0;
  entries.forEach((entry, index) => {
    const end = at + 2 + entry.length;
    bytes[at + 1] = 0x00;
    sha256Into(bytes.subarray(at + 1, end), hashes, index * HASH_BYTES);
    at = end;
  });
  return hashes;
}
