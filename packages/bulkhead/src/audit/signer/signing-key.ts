/**
 * Signing keys of the audit log, `bha1_` and 43 base64url characters: the 32 bytes of an Ed25519 private key.
 *
 * One key signs all logs; what differs is the name it goes by, which is the log's origin (C2SP signed-note),
 * so that a checkpoint of one log never passes as another's.
 */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  formatCheckpointBody,
  formatSignatureLine,
  formatVerifierKey,
  keyId,
} from 'bulkhead-verify';
import { auditError } from '../errors.ts';

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Buffer;
}

const FORM = /^bha1_([A-Za-z0-9_-]{43})$/;
/** The DER header of an Ed25519 private key (RFC 8410), before its 32 bytes. */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_KEY_BYTES = 32;

export function generateSigningKey(): string {
  return `bha1_${randomBytes(32).toString('base64url')}`;
}

/** @throws `audit.signing_key_invalid` */
export function parseSigningKey(text: string): SigningKey {
  const encoded = FORM.exec(text)?.[1];
  if (encoded === undefined) throw auditError('audit.signing_key_invalid');
  const seed = Buffer.from(encoded, 'base64url');
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_HEADER, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(-PUBLIC_KEY_BYTES) };
}

/** What an auditor is given: the key as it is known in one log. */
export function verifierKeyOf(key: SigningKey, origin: string): string {
  return formatVerifierKey(origin, key.publicKey);
}

/** A checkpoint as a signed note, with a line of every key. */
export function signCheckpoint(
  keys: readonly SigningKey[],
  checkpoint: { readonly origin: string; readonly size: number; readonly root: Uint8Array },
): string {
  const text = formatCheckpointBody(checkpoint);
  const lines = keys.map(({ privateKey, publicKey }) => {
    const signature = sign(null, Buffer.from(text), privateKey);
    return formatSignatureLine(checkpoint.origin, keyId(checkpoint.origin, publicKey), signature);
  });
  return `${text}\n${lines.join('')}`;
}
