/**
 * Tokens by which a page of ours shows that a change is its own.
 *
 * Promises: a token belongs to one session, survives the rotation of its cookie and the change of a context key,
 * and cannot be made without one. Nothing of it is stored. `SameSite=Lax` and a look at `Sec-Fetch-Site` are the
 * first line; this one holds where a browser has neither.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

export interface CsrfTokens {
  tokenFor(sessionId: string): string;
  /** In the same time whatever the text is. */
  holds(sessionId: string, text: string | undefined): boolean;
}

/** @param contextKeys `bhk1_…`; the first makes tokens, all are accepted. */
export function createCsrfTokens(contextKeys: readonly [string, ...string[]]): CsrfTokens {
  const derive = (key: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, '', 'bulkhead csrf v1', 32));
  const keys = contextKeys.map(derive);
  const first = derive(contextKeys[0]);
  const mac = (key: Buffer, sessionId: string): Buffer =>
    createHmac('sha256', key).update(sessionId).digest();
  return {
    tokenFor: (sessionId) => mac(first, sessionId).toString('base64url'),
    holds(sessionId, text) {
      const given = Buffer.from(text ?? '', 'base64url');
      let held = false;
      for (const key of keys) {
        const expected = mac(key, sessionId);
        if (given.length === expected.length && timingSafeEqual(given, expected)) held = true;
      }
      return held;
    },
  };
}
