/**
 * Keeps what is secret in a mail from whoever reads the database while it waits: the token of a link above all.
 *
 * Promises: AES-256-GCM under a key that is derived from the context keys, which the database does not hold,
 * and bound to the recipient. The first key writes, all read.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { parseContextKey } from '../../isolation/index.ts';
import { identityError } from '../errors.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface MailSeal {
  seal(recipient: string, secret: Readonly<Record<string, string>>): Buffer;
  /** @throws `identity.mail_unreadable` when no key opens it. */
  open(recipient: string, sealed: Buffer): Readonly<Record<string, string>>;
}

/** @param contextKeys `bhk1_…`, the first of which signs contexts. */
export function createMailSeal(contextKeys: readonly string[]): MailSeal {
  const keys = contextKeys.map((text) =>
    Buffer.from(hkdfSync('sha256', parseContextKey(text).secret, '', 'bulkhead/mail/seal/v1', 32)),
  );
  const [first] = keys;
  if (first === undefined) throw identityError('identity.mail_unreadable');
  return {
    seal(recipient, secret) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', first, nonce).setAAD(Buffer.from(recipient));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
    },
    open(recipient, sealed) {
      for (const key of keys) {
        const plain = tryOpen(key, recipient, sealed);
        if (plain !== undefined) return JSON.parse(plain) as Readonly<Record<string, string>>;
      }
      throw identityError('identity.mail_unreadable');
    },
  };
}

function tryOpen(key: Buffer, recipient: string, sealed: Buffer): string | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(recipient))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
