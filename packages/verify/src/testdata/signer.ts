/** Keys of logs and witnesses for the tests. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { cosignatureMessage, encodeCosignature } from '../cosignature.ts';
import { formatSignatureLine } from '../signed-note.ts';
import { formatVerifierKey, keyId } from '../verifier-key.ts';

export interface Signer {
  readonly name: string;
  readonly vkey: string;
  /** The same key, as a witness's. */
  readonly witnessKey: string;
  /** A signature line over a note's text. */
  sign(text: string): string;
  cosign(text: string, timestamp: number | bigint): string;
}

const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The same name and seed make the same key. */
export function makeSigner(name: string, seed = name): Signer {
  const secret = createHash('sha256').update(seed).digest();
  const der = Buffer.concat([PKCS8_HEADER, secret]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const publicKey = spki.subarray(-32);
  return {
    name,
    vkey: formatVerifierKey(name, publicKey),
    witnessKey: formatVerifierKey(name, publicKey, 'cosignature'),
    sign: (text) =>
      formatSignatureLine(name, keyId(name, publicKey), sign(null, Buffer.from(text), privateKey)),
    cosign: (text, timestamp) => {
      const time = BigInt(timestamp);
      const signature = sign(null, Buffer.from(cosignatureMessage(text, time)), privateKey);
      const cosignature = encodeCosignature({ timestamp: time, signature });
      return formatSignatureLine(name, keyId(name, publicKey, 'cosignature'), cosignature);
    },
  };
}
