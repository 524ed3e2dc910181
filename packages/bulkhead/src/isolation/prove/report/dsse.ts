/**
 * DSSE, the envelope in which in-toto statements are signed, with Ed25519.
 *
 * Promises: what is signed is the pre-authentication encoding, so a payload cannot be passed off as another
 * type; key ids are the SHA-256 of the public key (SPKI, DER), as other tools compute them.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { isolationError } from '../../errors.ts';

export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

const envelopeSchema = z.object({
  payloadType: z.string(),
  payload: z.base64(),
  signatures: z.array(z.object({ keyid: z.string(), sig: z.base64() })).min(1),
});
export type Envelope = z.output<typeof envelopeSchema>;

export function signEnvelope(statement: unknown, key: KeyObject): Envelope {
  const payload = Buffer.from(JSON.stringify(statement), 'utf8');
  const signature = sign(null, preAuthenticationEncoding(IN_TOTO_PAYLOAD_TYPE, payload), key);
  return {
    payloadType: IN_TOTO_PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyId(key), sig: signature.toString('base64') }],
  };
}

/** The statement inside, or undefined when no signature of this key holds. */
export function openEnvelope(document: unknown, publicKey: KeyObject): unknown {
  const { payloadType, payload, signatures } = envelopeSchema.parse(document);
  const body = Buffer.from(payload, 'base64');
  const signed = signatures.some(({ sig }) =>
    verify(
      null,
      preAuthenticationEncoding(payloadType, body),
      publicKey,
      Buffer.from(sig, 'base64'),
    ),
  );
  if (!signed || payloadType !== IN_TOTO_PAYLOAD_TYPE) return undefined;
  return JSON.parse(body.toString('utf8'));
}

/** The PAE of the DSSE specification, version 1. */
export function preAuthenticationEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType, 'utf8');
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

export function keyId(key: KeyObject): string {
  const publicKey = key.type === 'public' ? key : createPublicKey(key);
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

export function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString().trim();
}

/** A key that signs once; the reader must keep its public part to check anything later. */
export function ephemeralKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

/**
 * A private Ed25519 key as `openssl genpkey -algorithm ed25519` writes it.
 *
 * @throws `isolation.prove_key_invalid`
 */
export async function readSigningKey(path: string): Promise<KeyObject> {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(await readFile(path));
  } catch (cause) {
    throw isolationError('isolation.prove_key_invalid', {
      message: `${path} is not a private key in PEM.`,
      // The parser's words may quote the file.
      detail: cause instanceof Error ? cause.name : 'unreadable',
    });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw isolationError('isolation.prove_key_invalid', {
    message: `${path} holds a key of another kind (${key.asymmetricKeyType}); Ed25519 is needed.`,
  });
}
