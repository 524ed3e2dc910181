/**
 * The token of an API key: `<prefix>_<43 base62: 256 bits><6 base62: CRC-32>`.
 *
 * Promises: what is not well-formed or was mistyped is told from a key without asking the database, and secret
 * scanners find a token by its prefix and are right about it by its checksum. The checksum is no protection:
 * whoever knows this file can compute it; the 256 bits are.
 */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export interface MintedKey {
  /** Shown once. */
  readonly token: string;
  /** For the database. */
  readonly hash: Buffer;
  /** The last characters, by which people tell their keys apart. */
  readonly hint: string;
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62^43 is the first power above 2^256. */
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const HINT_LENGTH = 4;
const BODY = new RegExp(`^[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`);

export function mintApiKey(prefix: string): MintedKey {
  const secret = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH);
  const body = `${prefix}_${secret}`;
  const token = body + checksum(body);
  return { token, hash: hashApiKey(token), hint: token.slice(-HINT_LENGTH) };
}

export function hashApiKey(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** True for what this prefix's keys look like and whose checksum is right. */
export function isApiKey(prefix: string, text: string): boolean {
  if (!text.startsWith(prefix) || text.charCodeAt(prefix.length) !== 0x5f) return false;
  if (!BODY.test(text.slice(prefix.length + 1))) return false;
  const end = text.length - CHECKSUM_LENGTH;
  return checksum(text.slice(0, end)) === text.slice(end);
}

/** For secret scanners: what a token of this prefix matches, and nothing else does. */
export function apiKeyPattern(prefix: string): string {
  return `\\b${prefix}_[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}\\b`;
}

/** Of all before it, the prefix too: a key of one product is not one of another. */
function checksum(body: string): string {
  return base62(BigInt(crc32(body)), CHECKSUM_LENGTH);
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) {
    text = ALPHABET[Number(rest % 62n)] + text;
  }
  return text;
}
