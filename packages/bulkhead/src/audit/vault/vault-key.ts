/** The text form of the keys that wrap the vault's own, `bhv1_` and 43 base64url characters. */
import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { auditError } from '../errors.ts';

const FORMAT = /^bhv1_([A-Za-z0-9_-]{43})$/;

export interface VaultKey {
  /** Four bytes that name the key in front of what it wrapped; say nothing about it. */
  readonly kid: Buffer;
  readonly secret: Buffer;
}

/** A fresh key in its text form. */
export function generateVaultKey(): string {
  return `bhv1_${randomBytes(32).toString('base64url')}`;
}

/** @throws `audit.vault_key_invalid`; the message never holds the key. */
export function parseVaultKey(text: string): VaultKey {
  const encoded = FORMAT.exec(text)?.[1];
  if (encoded === undefined) throw auditError('audit.vault_key_invalid');
  const secret = Buffer.from(encoded, 'base64url');
  const kid = createHash('sha256').update('bulkhead/vault-key/v1').update(secret).digest();
  return { kid: kid.subarray(0, 4), secret };
}

/** The tenant's own wrapping key (RFC 5869): what one tenant's key wrapped opens under no other's. */
export function tenantWrappingKey(key: VaultKey, tenant: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key.secret, tenant, 'bulkhead/audit/vault/tenant/v1', 32));
}
