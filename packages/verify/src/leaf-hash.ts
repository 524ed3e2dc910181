/**
 * The hashes of RFC 6962, section 2.1: SHA-256, with one byte in front that keeps a leaf from ever passing
 * as an inner node. Nothing else in this package hashes a tree.
 */
import { hash } from 'node:crypto';

export const HASH_BYTES = 32;

/**
 * SHA-256 of `bytes`, written into `target`. Through a string, which Node makes several times as fast as a Buffer, and
 * byte by byte, which is faster than to ask for it.
 */
export function sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  if (target.length < offset + HASH_BYTES) throw new RangeError('a hash takes 32 bytes');
  const digest = hash('sha256', bytes, 'binary');
  for (let at = 0; at < HASH_BYTES; at += 1) target[offset + at] = digest.charCodeAt(at);
}

export function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

/** The root of a tree without leaves: the hash of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** The hash of a leaf: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Buffer {
  const prefixed = Buffer.allocUnsafe(1 + entry.length);
  prefixed[0] = 0x00;
  prefixed.set(entry, 1);
  return sha256(prefixed);
}

/**
 * The hash of a leaf where it lies among others, behind a byte that is lent for the 0x00 and given back: nothing is
 * copied.
 */
export function leafHashInto(
  bytes: Uint8Array,
  start: number,
  end: number,
  target: Buffer,
  offset: number,
): void {
  const lent = bytes[start - 1];
  if (lent === undefined) throw new RangeError('a leaf lies behind another byte');
  bytes[start - 1] = 0x00;
  sha256Into(bytes.subarray(start - 1, end), target, offset);
  bytes[start - 1] = lent;
}

const pair = Buffer.alloc(1 + 2 * HASH_BYTES);
pair[0] = 0x01;

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new RangeError('a node is hashed from two hashes of 32 bytes');
  }
  pair.set(left, 1);
  pair.set(right, 1 + HASH_BYTES);
  return sha256(pair);
}

/** The root of a perfect tree over `count` hashes (a power of two) that lie one after the other in `hashes`. */
export function perfectRoot(hashes: Uint8Array, count: number): Buffer {
  if (count < 1 || !Number.isInteger(Math.log2(count)) || hashes.length < count * HASH_BYTES) {
    throw new RangeError('a perfect tree has 1, 2, 4, 8 … leaves');
  }
  const row = Buffer.from(hashes.subarray(0, count * HASH_BYTES));
  for (let width = count; width > 1; width /= 2) {
    for (let at = 0; at < width; at += 2) {
      row.copy(pair, 1, at * HASH_BYTES, (at + 2) * HASH_BYTES);
      sha256Into(pair, row, (at / 2) * HASH_BYTES);
    }
  }
  return Buffer.from(row.subarray(0, HASH_BYTES));
}
