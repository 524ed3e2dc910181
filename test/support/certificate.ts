/** Certificates for servers of tests (RFC 5280), made anew in each run: none to expire, no key in the repository. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export interface CertificateAuthority {
  /** What clients trust. */
  readonly ca: string;
  /** A certificate for one address, with its key. */
  issue(address: string): { readonly cert: string; readonly key: string };
}

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
};
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes));
const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
const TRUE = der(0x01, Buffer.from([0xff]));
const name = (text: string): Buffer =>
  sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(text)))));
const time = (year: number): Buffer => der(0x18, Buffer.from(`${year}0101000000Z`));
const extension = (last: number, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(0x55, 0x1d, last), ...(critical ? [TRUE] : []), der(0x04, value));
const pem = (kind: string, bytes: Buffer): string =>
  `-----BEGIN ${kind}-----\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${kind}-----\n`;

let serial = 1;

function certificate(
  subject: { readonly name: string; readonly key: KeyObject },
  issuer: { readonly name: string; readonly key: KeyObject },
  extensions: readonly Buffer[],
): string {
  serial += 1;
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([serial])),
    ECDSA_SHA256,
    name(issuer.name),
    sequence(time(2020), time(2120)),
    name(subject.name),
    subject.key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, issuer.key)]);
  return pem('CERTIFICATE', sequence(body, ECDSA_SHA256, der(0x03, signature)));
}

export function createCertificateAuthority(): CertificateAuthority {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: `authority ${serial}`, key: own.privateKey };
  const ca = certificate({ name: issuer.name, key: own.publicKey }, issuer, [
    extension(0x13, true, sequence(TRUE)),
  ]);
  return {
    ca,
    issue(address) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const numbers = address.split('.').map(Number);
      const general =
        numbers.length === 4 && numbers.every(Number.isInteger)
          ? der(0x87, Buffer.from(numbers))
          : der(0x82, Buffer.from(address));
      const cert = certificate({ name: address, key: publicKey }, issuer, [
        extension(0x11, false, sequence(general)),
      ]);
      return { cert, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
    },
  };
}
