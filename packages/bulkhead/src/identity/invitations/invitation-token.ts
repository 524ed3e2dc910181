/**
 * What the link of an invitation holds: 128 bits of chance and as many by which we know that we made it, for that
 * address, behind a prefix that scanners of secrets can find. The database holds its SHA-256.
 *
 * Promises: whoever has a good link has read the mail. SQL in the app's role may put any hash into an invitation
 * that its actor may make; a token for that hash it cannot make, because no key lies in the database.
 */
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { parseContextKey } from '../../isolation/index.ts';

const PREFIX = 'bhi_';
const FORMAT = /^bhi_[A-Za-z0-9_-]{43}$/;
const CHANCE_BYTES = 16;
const MAC_BYTES = 16;

export interface InvitationToken {
  readonly token: string;
  readonly hash: Buffer;
}

export interface InvitationTokens {
  mint(email: string): InvitationToken;
  /** Whether one of our processes made the token, for this address. */
  isFor(email: string, token: string): boolean;
}

/** @param contextKeys `bhk1_…`; the first makes tokens, all are accepted. */
export function createInvitationTokens(contextKeys: readonly string[]): InvitationTokens {
  const keys = contextKeys.map((text) =>
    Buffer.from(hkdfSync('sha256', parseContextKey(text).secret, '', 'bulkhead/invitation/v1', 32)),
  );
  const mac = (key: Buffer, chance: Buffer, email: string): Buffer =>
    createHmac('sha256', key).update(chance).update(email).digest().subarray(0, MAC_BYTES);
  return {
    mint(email) {
      const [first] = keys;
      if (first === undefined) throw new TypeError('no key makes tokens');
      const chance = randomBytes(CHANCE_BYTES);
      const bytes = Buffer.concat([chance, mac(first, chance, email)]);
      const token = `${PREFIX}${bytes.toString('base64url')}`;
      return { token, hash: digest(token) };
    },
    isFor(email, token) {
      if (!FORMAT.test(token)) return false;
      const bytes = Buffer.from(token.slice(PREFIX.length), 'base64url');
      const chance = bytes.subarray(0, CHANCE_BYTES);
      const given = bytes.subarray(CHANCE_BYTES);
      return keys.some((key) => timingSafeEqual(mac(key, chance, email), given));
    },
  };
}

/** The hash under which the database knows it; for what was never one, the hash of nothing. */
export function hashInvitationToken(text: string): Buffer {
  return FORMAT.test(text) ? digest(text) : Buffer.alloc(32);
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
