/**
 * Verifier keys, `name+hex(key id)+base64(type ‖ public key)` (C2SP signed-note): what a reader must have from
 * somewhere better than the log's own directory. The key id only says which key is meant; the key decides.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { decodeBase64 } from './hash-text.ts';
import { sha256 } from './leaf-hash.ts';
import { Malformed } from './malformed.ts';

/** An Ed25519 signature over a note's text, or a witness's with its time (C2SP tlog-cosignature, v1). */
export type SignatureType = 'ed25519' | 'cosignature';

const TYPE_BYTES: Readonly<Record<SignatureType, number>> = { ed25519: 0x01, cosignature: 0x04 };
export const PUBLIC_KEY_BYTES = 32;

export interface VerifierKey {
  readonly name: string;
  readonly id: number;
  readonly type: SignatureType;
  readonly publicKey: Uint8Array;
}

/** Not empty, no Unicode space and no plus: or a key's text and a signature's line could be read in two ways. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && !/[\p{White_Space}\p{Surrogate}+]/u.test(name);
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4], as a number. */
export function keyId(
  name: string,
  publicKey: Uint8Array,
  type: SignatureType = 'ed25519',
): number {
  const named = Buffer.from(`${name}\n`, 'utf8');
  return sha256(Buffer.concat([named, Buffer.of(TYPE_BYTES[type]), publicKey])).readUInt32BE(0);
}

export function makeVerifierKey(
  name: string,
  publicKey: Uint8Array,
  type: SignatureType = 'ed25519',
): VerifierKey {
  if (!isKeyName(name)) throw new Malformed('a key name is not empty and has no space and no plus');
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new Malformed('a public key is 32 bytes long');
  return { name, id: keyId(name, publicKey, type), type, publicKey: Buffer.from(publicKey) };
}

export function formatVerifierKey(
  name: string,
  publicKey: Uint8Array,
  type: SignatureType = 'ed25519',
): string {
  const { id } = makeVerifierKey(name, publicKey, type);
  const key = Buffer.concat([Buffer.of(TYPE_BYTES[type]), publicKey]);
  return `${name}+${formatKeyId(id)}+${key.toString('base64')}`;
}

export function formatKeyId(id: number): string {
  return id.toString(16).padStart(8, '0');
}

/** Splits on the first two pluses only: base64 has pluses of its own. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', id = '', encoded = ''] =
    /^([^+]*)\+([0-9a-fA-F]{8})\+(.*)$/s.exec(text) ?? [];
  if (name === '') throw new Malformed('a verifier key is name+hex+base64');
  const key = decodeBase64(encoded);
  if (key === undefined || key.length === 0) throw new Malformed("the key's base64 is wrong");
  const type = (Object.keys(TYPE_BYTES) as SignatureType[]).find((of) => TYPE_BYTES[of] === key[0]);
  if (type === undefined) throw new Malformed('the key is of a type that is not supported');
  const made = makeVerifierKey(name, key.subarray(1), type);
  if (formatKeyId(made.id) !== id.toLowerCase())
    throw new Malformed('the key does not have the id beside it');
  return made;
}

/** The DER header of an Ed25519 public key (RFC 8410), before the 32 bytes themselves. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

export function toKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({
    key: Buffer.concat([SPKI_HEADER, publicKey]),
    format: 'der',
    type: 'spki',
  });
}
