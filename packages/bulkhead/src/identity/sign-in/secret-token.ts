/**
 * Secrets that are handed out once: flows, reset links, changes of address, known devices.
 *
 * Promises: 256 random bits behind a prefix that scanners of secrets can find; only the SHA-256 is stored, so
 * a stolen table opens nothing. Does not promise that a token is still good: the database decides that.
 */
import { createHash, randomBytes } from 'node:crypto';

const BYTES = 32;
const ENCODED = /^[A-Za-z0-9_-]{43}$/;

export type SecretKind = 'flow' | 'reset' | 'email' | 'device';

const PREFIXES: Readonly<Record<SecretKind, string>> = {
  flow: 'bhf_',
  reset: 'bhr_',
  email: 'bhe_',
  device: 'bhd_',
};

export interface SecretToken {
  /** For its bearer alone. */
  readonly token: string;
  /** For the database. */
  readonly hash: Buffer;
}

export function newSecret(kind: SecretKind): SecretToken {
  const token = `${PREFIXES[kind]}${randomBytes(BYTES).toString('base64url')}`;
  return { token, hash: digest(token) };
}

/** The hash under which the database knows a token; undefined for what was never one of this kind. */
export function hashSecret(kind: SecretKind, token: string | undefined): Buffer | undefined {
  const prefix = PREFIXES[kind];
  if (token === undefined || !token.startsWith(prefix)) return undefined;
  return ENCODED.test(token.slice(prefix.length)) ? digest(token) : undefined;
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();
