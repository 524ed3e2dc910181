/**
 * What wraps the vault's keys. Another provider (a key management service) puts its own in place of the
 * local one: nothing else of the vault knows where wrapping keys come from.
 */
import { auditError } from '../errors.ts';
import { seal, unseal } from './cipher.ts';
import { parseVaultKey, tenantWrappingKey, type VaultKey } from './vault-key.ts';

export interface KeyWrapper {
  /** Gets ready what wrapping for these tenants needs; the other two then answer without waiting. */
  prepare(tenants: Iterable<string>): Promise<void>;
  wrap(tenant: string, purpose: string, key: Buffer): Buffer;
  /** @throws `audit.vault_key_absent` when no key opens it. */
  unwrap(tenant: string, purpose: string, wrapped: Buffer): Buffer;
  /** Whether the key that it was wrapped by is here: what that one does not open, none does. */
  knows(wrapped: Buffer): boolean;
}

const KID_BYTES = 4;
const TENANTS_MAX = 10_000;

/**
 * Wraps under keys of the configuration. The first wraps, all unwrap: put a new key first and keep the old
 * one for what it wrapped.
 */
export function createLocalKeyWrapper(texts: readonly string[]): KeyWrapper {
  const keys = texts.map(parseVaultKey);
  const first = keys[0];
  if (first === undefined) throw auditError('audit.vault_key_invalid');
  const derived = new Map<string, Buffer>();

  function keyFor(key: VaultKey, tenant: string): Buffer {
    const name = key.kid.toString('hex') + tenant;
    const known = derived.get(name);
    if (known !== undefined) return known;
    if (derived.size >= TENANTS_MAX) derived.clear();
    const made = tenantWrappingKey(key, tenant);
    derived.set(name, made);
    return made;
  }

  return {
    prepare: async () => {},
    wrap: (tenant, purpose, key) =>
      Buffer.concat([first.kid, seal(keyFor(first, tenant), purpose, key)]),
    unwrap(tenant, purpose, wrapped) {
      const kid = wrapped.subarray(0, KID_BYTES);
      for (const key of keys) {
        if (!key.kid.equals(kid)) continue;
        const plain = unseal(keyFor(key, tenant), purpose, wrapped.subarray(KID_BYTES));
        if (plain !== undefined) return plain;
      }
      throw auditError('audit.vault_key_absent');
    },
    knows: (wrapped) => keys.some(({ kid }) => kid.equals(wrapped.subarray(0, KID_BYTES))),
  };
}
