/**
 * Recovery codes as people see them: twelve characters of Crockford's Base32 in three groups, sixty bits.
 *
 * Promises: what people confuse when they copy by hand reads the same (o and 0, i and l and 1, upper and lower
 * case, with hyphens or without). They are stored only as hashes keyed by the configuration, because sixty
 * bits alone would not withstand guessing against a stolen table for ever.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const LENGTH = 12;
export const RECOVERY_CODES = 10;

function newRecoveryCode(): string {
  // 256 is a multiple of 32, so every character is as likely as any other.
  const characters = [...randomBytes(LENGTH)].map((byte) => ALPHABET.charAt(byte % 32)).join('');
  return characters.replace(/(.{4})(?=.)/g, '$1-');
}

/** A whole set, each different. */
export function newRecoveryCodes(): string[] {
  const codes = new Set<string>();
  while (codes.size < RECOVERY_CODES) codes.add(newRecoveryCode());
  return [...codes];
}

/** The one spelling that is hashed, or undefined for what never was a code. */
export function readRecoveryCode(given: string): string | undefined {
  if (given.length > 64) return undefined;
  const code = given.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
  return code.length === LENGTH && [...code].every((one) => ALPHABET.includes(one))
    ? code
    : undefined;
}
