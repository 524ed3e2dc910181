/**
 * What the link of an invitation holds: 256 bits of chance behind a prefix that scanners of secrets can find.
 * The database holds its SHA-256, from which nobody gets back to it.
 */
import { createHash, randomBytes } from 'node:crypto';

const FORMAT = /^bhi_[A-Za-z0-9_-]{43}$/;

export interface InvitationToken {
  readonly token: string;
  readonly hash: Buffer;
}

export function mintInvitationToken(): InvitationToken {
  const token = `bhi_${randomBytes(32).toString('base64url')}`;
  return { token, hash: digest(token) };
}

/** The hash under which the database knows it; for what was never one, the hash of nothing. */
export function hashInvitationToken(text: string): Buffer {
  return FORMAT.test(text) ? digest(text) : Buffer.alloc(32);
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
