/**
 * A witness's cosignature (C2SP tlog-cosignature, v1): the time it was made as a big-endian uint64, and an
 * Ed25519 signature over that time and the checkpoint. It says: at that time this was the largest tree that I
 * had seen of this log, and it extends every one I saw before.
 */
const SIGNATURE_BYTES = 64;

/** "It MUST NOT exceed 2^63 - 1." */
const TIMESTAMP_MAX = 2n ** 63n - 1n;

export interface Cosignature {
  /** Seconds since 1970, in full: it is signed to the last digit, however far ahead. */
  readonly timestamp: bigint;
  readonly signature: Uint8Array;
}

export function readCosignature(bytes: Uint8Array): Cosignature | undefined {
  if (bytes.length !== 8 + SIGNATURE_BYTES) return undefined;
  const timestamp = Buffer.from(bytes).readBigUInt64BE(0);
  if (timestamp > TIMESTAMP_MAX) return undefined;
  return { timestamp, signature: bytes.subarray(8) };
}

export function encodeCosignature({ timestamp, signature }: Cosignature): Buffer {
  const bytes = Buffer.alloc(8 + signature.length);
  bytes.writeBigUInt64BE(timestamp, 0);
  bytes.set(signature, 8);
  return bytes;
}

/** What the witness signs. */
export function cosignatureMessage(noteText: string, timestamp: bigint): string {
  return `cosignature/v1\ntime ${timestamp}\n${noteText}`;
}
