/**
 * What the vault knows of one tenant: its index key, and from that the persons' references and pseudonyms.
 *
 * Promises: a pseudonym commits to the person's type and id (whoever gets the salt can check it), and
 * without the salt, which erasing destroys, it is a random number.
 */
import { createHmac } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { SubjectRef } from '../event.ts';
import { random, seal, unseal } from './cipher.ts';
import type { KeyWrapper } from './key-wrapper.ts';

/** A person of a tenant's log with the key of their values. */
export interface LiveSubject {
  readonly pseudonym: string;
  readonly key: Buffer;
}

/** The row of a person who was not known before. */
export interface NewSubject {
  readonly tenant: string;
  readonly pseudonym: string;
  readonly ref: Buffer;
  readonly sealedRef: Buffer;
  readonly wrappedKey: Buffer;
}

const KEY_BYTES = 32;
const SALT_BYTES = 32;

export const subjectPurpose = (tenant: string, pseudonym: string): string =>
  `subject/${tenant}/${pseudonym}`;
const refPurpose = (tenant: string, pseudonym: string): string => `ref/${tenant}/${pseudonym}`;
export const indexPurpose = (tenant: string): string => `index/${tenant}`;

export function newIndexKey(): Buffer {
  return random(KEY_BYTES);
}

/** Type and id as one text that no other pair has. */
const refText = ({ type, id }: SubjectRef): string => canonicalJson([type, id]);

/** Finds a person in `audit_subject`: tells nothing without the tenant's index key. */
export function refOf(indexKey: Buffer, ref: SubjectRef): Buffer {
  return createHmac('sha256', indexKey).update('ref').update(refText(ref)).digest();
}

/** The key of a tenant's search index; stays the same when wrapping keys change. */
export function searchKeyOf(indexKey: Buffer): Buffer {
  return createHmac('sha256', indexKey).update('search').digest();
}

/** A UUID of version 8 made of HMAC-SHA256(salt, type and id). */
export function pseudonymOf(salt: Buffer, ref: SubjectRef): string {
  const digest = createHmac('sha256', salt).update(refText(ref)).digest();
  // RFC 9562 section 5.8: version and variant have their places, all else is ours.
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A key and a pseudonym for a person, and the row that keeps them. */
export function newSubject(
  wrapper: KeyWrapper,
  tenant: string,
  indexKey: Buffer,
  ref: SubjectRef,
): { live: LiveSubject; row: NewSubject } {
  const key = random(KEY_BYTES);
  const salt = random(SALT_BYTES);
  const pseudonym = pseudonymOf(salt, ref);
  const opened = canonicalJson({ id: ref.id, salt: salt.toString('base64'), type: ref.type });
  return {
    live: { pseudonym, key },
    row: {
      tenant,
      pseudonym,
      ref: refOf(indexKey, ref),
      sealedRef: seal(key, refPurpose(tenant, pseudonym), opened),
      wrappedKey: wrapper.wrap(tenant, subjectPurpose(tenant, pseudonym), key),
    },
  };
}

/** Who stands behind a pseudonym; undefined when the row was tampered with. */
export function openRef(
  tenant: string,
  { pseudonym, key }: LiveSubject,
  sealedRef: Buffer,
): SubjectRef | undefined {
  const plain = unseal(key, refPurpose(tenant, pseudonym), sealedRef);
  if (plain === undefined) return undefined;
  // GCM has authenticated it: it is what `newSubject` wrote.
  const { type, id, salt } = JSON.parse(plain.toString('utf8')) as SubjectRef & { salt: string };
  return pseudonymOf(Buffer.from(salt, 'base64'), { type, id }) === pseudonym
    ? { type, id }
    : undefined;
}
