/**
 * Context tokens for the attack: made with the real key (stolen, expired, eternal), or without it.
 * They follow the documented format, so that nothing of Bulkhead's own signing is trusted here.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { AttackTarget } from './attempt.ts';

function sign(secret: Buffer, kid: string, tenantId: string, expirySeconds: number): string {
  const body = `v1.${kid}.${tenantId}.${String(expirySeconds).padStart(10, '0')}.user:attack`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** `contextKey` is the app's own, `bhk1_…`: the stolen token is as genuine as the victim's. */
export function attackTokens(
  contextKey: string,
  victimTenantId: string,
  nowMs = Date.now(),
): AttackTarget['tokens'] {
  const secret = Buffer.from(contextKey.slice('bhk1_'.length), 'base64url');
  const kid = createHash('sha256')
    .update('bulkhead/context-key/v1')
    .update(secret)
    .digest('hex')
    .slice(0, 8);
  const now = Math.floor(nowMs / 1000);
  return {
    stolen: sign(secret, kid, victimTenantId, now + 240),
    forged: sign(randomBytes(32), kid, victimTenantId, now + 240),
    expired: sign(secret, kid, victimTenantId, now - 5),
    eternal: sign(secret, kid, victimTenantId, 4_102_444_800),
    otherKey: sign(randomBytes(32), '00000000', victimTenantId, now + 240),
    unsigned: `v1.${kid}.${victimTenantId}.${now + 240}.user:attack`,
  };
}
