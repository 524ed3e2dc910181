/**
 * Contexts that the database must refuse, by what is wrong with them. With the app's key the genuine ones
 * that are merely too old or too long-lived are among them; without it only forgeries.
 *
 * They follow the documented format instead of the signer, so that a fault of the signer cannot hide here.
 */
import { createHmac } from 'node:crypto';
import { parseContextKey } from '../context-key.ts';
import type { Random } from './random.ts';

export interface TokenRequest {
  readonly victim: string;
  readonly attacker: string;
  readonly kids: readonly string[];
  /** `bhk1_…`; only ever used to sign what must be refused. */
  readonly contextKey: string | undefined;
  readonly random: Random;
  readonly nowMs: number;
}

export function forgedTokens(request: TokenRequest): Map<string, string> {
  const { victim, attacker, random } = request;
  const kid = request.kids[0] ?? '00000000';
  const now = Math.floor(request.nowMs / 1000);
  const forger = Buffer.from(random.hex(64), 'hex');
  const sign = (secret: Buffer, keyId: string, tenant: string, expiry: number): string => {
    const body = `v1.${keyId}.${tenant}.${String(expiry).padStart(10, '0')}.user:attack`;
    return `${body}.${createHmac('sha256', secret).update(body).digest('hex')}`;
  };
  const forged = sign(forger, kid, victim, now + 240);
  const tokens = new Map<string, string>([
    ['forged', forged],
    ['unknown key', sign(forger, random.hex(8), victim, now + 240)],
    ['key id with a wildcard', sign(forger, '%%%%%%%%', victim, now + 240)],
    ['unsigned', forged.slice(0, -65)],
    ['signature of zeros', forged.slice(0, -64) + '0'.repeat(64)],
    ['truncated', forged.slice(0, 60)],
    ['dotted actor', forged.replace('user:attack', `x.${victim}.9999999999.y`)],
    ['shifted fields', `v1.${kid}.${attacker}.${victim}.${now + 240}.${'0'.repeat(64)}`],
    ['over-long', `${forged.slice(0, -65)}${'a'.repeat(400)}${forged.slice(-65)}`],
    ['other version', forged.replace('v1.', 'v0.')],
    ['bare id', victim],
    ['SQL', `${victim}' or true --`],
  ]);
  if (request.contextKey !== undefined) {
    const genuine = parseContextKey(request.contextKey);
    tokens.set('expired', sign(genuine.secret, genuine.kid, victim, now - 5));
    tokens.set('lives for ever', sign(genuine.secret, genuine.kid, victim, 4_102_444_800));
    tokens.set('lives an hour', sign(genuine.secret, genuine.kid, victim, now + 3_600));
    const own = sign(genuine.secret, genuine.kid, attacker, now - 5);
    tokens.set('own, relabelled', own.replace(attacker, victim));
  }
  return tokens;
}
