/**
 * AES-256-GCM as the vault uses it: `0x01 ‖ nonce:12 ‖ ciphertext ‖ tag:16`.
 *
 * Promises: what was sealed for one purpose (tenant, event, subject) opens for no other, and a changed byte
 * opens for none. Nonces are random: fit for far fewer than 2^32 messages under one key, which a person's
 * key never sees.
 */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES;

/** Random bytes are asked of the kernel in pages: one at a time they cost more than the cipher. */
const page = Buffer.allocUnsafe(16_384);
let used = page.length;

/** Fresh random bytes, each handed out once. */
export function random(length: number): Buffer {
  if (used + length > page.length) {
    randomFillSync(page);
    used = 0;
  }
  const fresh = Buffer.allocUnsafe(length);
  page.copy(fresh, 0, used, used + length);
  // What was handed out may be a key: it does not stay in the page.
  page.fill(0, used, used + length);
  used += length;
  return fresh;
}

export function seal(key: Buffer, purpose: string, plain: Buffer | string): Buffer {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(purpose));
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  const sealed = Buffer.allocUnsafe(HEAD_BYTES + body.length + TAG_BYTES);
  sealed[0] = VERSION;
  sealed.set(nonce, 1);
  sealed.set(body, HEAD_BYTES);
  sealed.set(cipher.getAuthTag(), HEAD_BYTES + body.length);
  return sealed;
}

/** Undefined for anything but what `seal` made with this key for this purpose. */
export function unseal(key: Buffer, purpose: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < HEAD_BYTES + TAG_BYTES || sealed[0] !== VERSION) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, HEAD_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(purpose));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(HEAD_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}
