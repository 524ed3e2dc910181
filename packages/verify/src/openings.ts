/**
 * Openings: that a personal field, of which the log holds only a commitment, had this value. A commitment is
 * HMAC-SHA256(key = salt, value) with a fresh random salt of 32 bytes; without the salt, which erasure destroys,
 * it says nothing about the value any more, and the entry and every proof of it stay as they were.
 */
import { isUtf8 } from 'node:buffer';
import { createHmac } from 'node:crypto';
import { parseDecimal } from './checkpoint.ts';
import { decodeBase64, decodeHash } from './hash-text.ts';
import { readJsonObject } from './json-object.ts';
import { Malformed } from './malformed.ts';

export const OPENINGS_BYTES_MAX = 256 * 1024 * 1024;

export interface Opening {
  readonly line: number;
  readonly index: number;
  readonly commitment: Buffer;
  /** Which field of the entry it says it is, where the entry names its commitments. */
  readonly path?: string;
  /** Nothing when the field was erased. */
  readonly salt?: Buffer;
  readonly value?: Buffer;
}

export interface BadLine {
  readonly line: number;
  readonly message: string;
}

export function parseOpenings(bytes: Uint8Array): { openings: Opening[]; bad: BadLine[] } {
  if (!isUtf8(bytes)) throw new Malformed('not UTF-8');
  const openings: Opening[] = [];
  const bad: BadLine[] = [];
  const lines = Buffer.from(bytes).toString('utf8').split('\n');
  lines.forEach((text, at) => {
    if (text.trim() === '') return;
    const line = at + 1;
    try {
      openings.push({ line, ...parseOpening(text) });
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      bad.push({ line, message: error.message });
    }
  });
  return { openings, bad };
}

function parseOpening(text: string): Omit<Opening, 'line'> {
  const members = readJsonObject(text);
  const index = parseDecimal(members.get('leafIndex')?.source ?? '');
  if (index === undefined) throw new Malformed('leafIndex is not a plain whole number up to 2^53');
  const commitment = hashMember(members.get('commitment')?.value);
  if (commitment === undefined) throw new Malformed('commitment is not 32 bytes in base64 or hex');
  const path = members.get('path')?.value ?? undefined;
  if (path !== undefined && typeof path !== 'string') throw new Malformed('path is not a text');
  const field = { index, commitment, ...(path !== undefined && { path }) };
  const saltMember = members.get('salt');
  if (saltMember === undefined) throw new Malformed('salt is missing');
  if (saltMember.value === null) return field;
  const salt = hashMember(saltMember.value);
  if (salt === undefined) throw new Malformed('salt is not 32 bytes in base64 or hex');

  const value = members.get('value')?.value ?? undefined;
  const valueB64 = members.get('valueB64')?.value ?? undefined;
  if ((value === undefined) === (valueB64 === undefined)) {
    throw new Malformed('there must be either value or valueB64');
  }
  if (typeof value === 'string' && !/\p{Surrogate}/u.test(value)) {
    return { ...field, salt, value: Buffer.from(value, 'utf8') };
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return { ...field, salt, value: Buffer.from(members.get('value')?.source ?? '', 'utf8') };
  }
  const decoded = typeof valueB64 === 'string' ? decodeBase64(valueB64) : undefined;
  if (decoded === undefined) throw new Malformed('the value is no text, or its base64 is wrong');
  return { ...field, salt, value: decoded };
}

function hashMember(value: unknown): Buffer | undefined {
  return typeof value === 'string' ? decodeHash(value) : undefined;
}

/** Whether salt and value lead to the commitment. */
export function opens({ salt, value, commitment }: Opening): boolean {
  if (salt === undefined || value === undefined) return false;
  return createHmac('sha256', salt).update(value).digest().equals(commitment);
}

/**
 * Whether the entry holds the commitment, in whichever way it writes 32 bytes; and where it is JSON with a
 * `commitments` member, under the opening's path, so that one field's value cannot pass for another's.
 */
export function holdsCommitment(entry: Uint8Array, { commitment, path }: Opening): boolean {
  const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.byteLength);
  const named = path === undefined ? undefined : commitmentsOf(bytes);
  if (named !== undefined && path !== undefined) {
    return Object.hasOwn(named, path) && hashMember(named[path])?.equals(commitment) === true;
  }
  const hex = commitment.toString('hex');
  const base64url = commitment.toString('base64url');
  const written = [hex, hex.toUpperCase(), commitment.toString('base64'), base64url, commitment];
  return written.some((form) => bytes.includes(form));
}

function commitmentsOf(entry: Buffer): Record<string, unknown> | undefined {
  try {
    const event: unknown = JSON.parse(entry.toString('utf8'));
    if (typeof event !== 'object' || event === null || !('commitments' in event)) return undefined;
    const { commitments } = event;
    const isNamed =
      typeof commitments === 'object' && commitments !== null && !Array.isArray(commitments);
    return isNamed ? (commitments as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON: then it does not name its commitments.
    return undefined;
  }
}
