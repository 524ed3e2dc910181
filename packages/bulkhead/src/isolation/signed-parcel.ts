/**
 * Signs a text that the app's process hands to the database in the name of several tenants and actors:
 * `p1.<kid:8>.<expiry:10>.` stands before it, and one HMAC vouches for all of it.
 *
 * Promises: a signed parcel is good for a minute, and can never be taken for a context, whose tokens begin in
 * another way. Says nothing of what the text says: whoever has it signed has checked that.
 */
import { createHmac } from 'node:crypto';
import type { ContextKey } from './context-key.ts';

export interface SignedParcel {
  readonly head: string;
  readonly mac: string;
}

const LIFETIME_SECONDS = 60;

export function signParcel(key: ContextKey, text: string, nowMs: number): SignedParcel {
  const end = Math.floor(nowMs / 1000) + LIFETIME_SECONDS;
  const head = `p1.${key.kid}.${String(end).padStart(10, '0')}.`;
  return { head, mac: createHmac('sha256', key.secret).update(head).update(text).digest('hex') };
}
