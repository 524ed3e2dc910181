/**
 * The token of a session: 256 bits of chance that only the browser keeps.
 *
 * Promises: what the database holds of it is its SHA-256, from which nobody gets back to the token. A fast hash
 * is the right one: there is nothing to guess in 256 bits.
 */
import { createHash, randomBytes } from 'node:crypto';

export interface MintedToken {
  /** For the cookie; shown once. */
  readonly token: string;
  /** For the database. */
  readonly hash: Buffer;
}

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export function mintSessionToken(): MintedToken {
  const token = randomBytes(32).toString('base64url');
  return { token, hash: hashSessionToken(token) };
}

/** Of the text as it stands in the cookie. */
export function hashSessionToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** False for what cannot be a token: the database need not be asked. */
export function isSessionToken(text: string): boolean {
  return TOKEN.test(text);
}
