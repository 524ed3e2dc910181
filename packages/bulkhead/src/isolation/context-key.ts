/**
 * The key that signs contexts: the app's process holds it, the database holds its HMAC pads, and the
 * app's database role can read neither.
 *
 * Promises: a key has exactly 32 random bytes; the key id says nothing about the key. Does not keep the
 * key out of the memory of the process that signs.
 */
import { createHash, randomBytes } from 'node:crypto';
import { isolationError } from './errors.ts';

const FORMAT = /^bhk1_([A-Za-z0-9_-]{43})$/;
const BLOCK_BYTES = 64;

/** A parsed signing key. */
export interface ContextKey {
  /** Eight hex digits that name the key in tokens and in `bulkhead.context_key`. */
  readonly kid: string;
  readonly secret: Buffer;
}

/** The inner and outer blocks of HMAC-SHA256 (RFC 2104), each 64 bytes: what the database verifies with. */
export interface KeyPads {
  readonly ipad: Buffer;
  readonly opad: Buffer;
}

/** A fresh key in its text form, `bhk1_` and 43 base64url characters. */
export function generateContextKey(): string {
  return `bhk1_${randomBytes(32).toString('base64url')}`;
}

/** @throws `isolation.context_key_invalid`; the message never holds the key. */
export function parseContextKey(text: string): ContextKey {
  const match = FORMAT.exec(text);
  if (match?.[1] === undefined) throw isolationError('isolation.context_key_invalid');
  const secret = Buffer.from(match[1], 'base64url');
  const kid = createHash('sha256').update('bulkhead/context-key/v1').update(secret).digest('hex');
  return { kid: kid.slice(0, 8), secret };
}

/** The pads that `bulkhead.context_key` stores for this key. */
export function keyPads(key: ContextKey): KeyPads {
  const pad = (byte: number): Buffer => {
    const block = Buffer.alloc(BLOCK_BYTES, byte);
    for (const [index, value] of key.secret.entries()) block[index] = value ^ byte;
    return block;
  };
  return { ipad: pad(0x36), opad: pad(0x5c) };
}
