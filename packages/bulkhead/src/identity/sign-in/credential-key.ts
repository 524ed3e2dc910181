/**
 * The keys of the configuration under which credentials lie that must be readable again (TOTP secrets), and
 * that pepper what is too short to withstand guessing by itself (recovery codes).
 *
 * Promises: a stolen database, without the configuration, holds no usable second factor. The first key
 * writes, all read: put a new key first and keep the old one for what it wrote. A secret sealed for one user
 * opens for no other.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { identityError } from '../errors.ts';

const FORMAT = /^bhc1_([A-Za-z0-9_-]{43})$/;
const KID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A fresh key in its text form, `bhc1_…`. */
export function generateCredentialKey(): string {
  return `bhc1_${randomBytes(32).toString('base64url')}`;
}

export const isCredentialKey = (text: string): boolean => FORMAT.test(text);

/** The bytes in front of what the key sealed. */
export const credentialKeyId = (text: string): Buffer => readKey(text).kid;

interface Key {
  /** Four bytes that name the key in front of what it sealed; say nothing about it. */
  readonly kid: Buffer;
  readonly sealing: Buffer;
  readonly hashing: Buffer;
}

function readKey(text: string): Key {
  const encoded = FORMAT.exec(text)?.[1];
  if (encoded === undefined) throw identityError('identity.credential_key_invalid');
  const secret = Buffer.from(encoded, 'base64url');
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', `bulkhead/credential/${purpose}/v1`, 32));
  const kid = createHash('sha256').update('bulkhead/credential-key/v1').update(secret).digest();
  return { kid: kid.subarray(0, KID_BYTES), sealing: derive('seal'), hashing: derive('hash') };
}

export interface CredentialKeys {
  /** `kid:4 ‖ nonce:12 ‖ ciphertext ‖ tag:16`, AES-256-GCM bound to the purpose. */
  seal(purpose: string, plain: Buffer): Buffer;
  /** @throws `identity.credential_key_absent` when no key opens it for this purpose. */
  open(purpose: string, sealed: Buffer): Buffer;
  /** True for what an older key sealed. */
  isStale(sealed: Buffer): boolean;
  /** The keyed hash to store. */
  hash(purpose: string, text: string): Buffer;
  /** The keyed hashes under which it may be stored, one for each key. */
  hashes(purpose: string, text: string): Buffer[];
}

/** @throws `identity.credential_key_invalid`, `identity.credential_key_absent` when there is none. */
export function createCredentialKeys(texts: readonly string[]): CredentialKeys {
  const keys = texts.map(readKey);
  const mac = (key: Key, purpose: string, text: string) =>
    createHmac('sha256', key.hashing).update(`${purpose}\0${text}`).digest();

  function first(): Key {
    const [key] = keys;
    if (key === undefined) throw identityError('identity.credential_key_absent');
    return key;
  }

  return {
    seal(purpose, plain) {
      const { kid, sealing } = first();
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
      cipher.setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([kid, nonce, body, cipher.getAuthTag()]);
    },
    open(purpose, sealed) {
      const kid = sealed.subarray(0, KID_BYTES);
      for (const key of keys) {
        if (!key.kid.equals(kid)) continue;
        const plain = unseal(key.sealing, purpose, sealed.subarray(KID_BYTES));
        if (plain !== undefined) return plain;
      }
      throw identityError('identity.credential_key_absent');
    },
    isStale: (sealed) => !first().kid.equals(sealed.subarray(0, KID_BYTES)),
    hash: (purpose, text) => mac(first(), purpose, text),
    hashes(purpose, text) {
      first();
      return keys.map((key) => mac(key, purpose, text));
    },
  };
}

function unseal(key: Buffer, purpose: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(purpose));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}
