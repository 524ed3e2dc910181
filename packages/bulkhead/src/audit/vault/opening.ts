/**
 * An opening: the personal values of one person in one event with their salts, encrypted under their key.
 */
import { canonicalJson, type JsonValue } from '../canonical-json.ts';
import { random, seal, unseal } from './cipher.ts';
import { hmacSha256 } from './hmac.ts';
import type { LiveSubject } from './tenant-vault.ts';

/** One field, opened. */
export interface OpenedField {
  /** Where it stands in the event, as a JSON pointer. */
  readonly path: string;
  readonly salt: Buffer;
  readonly value: JsonValue;
}

const SALT_BYTES = 32;

const openingPurpose = (tenant: string, event: string, pseudonym: string): string =>
  `opening/${tenant}/${event}/${pseudonym}`;

/** The bytes that a commitment is over: of a text its UTF-8, of all else its canonical JSON. */
export function committedBytes(value: JsonValue): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** HMAC-SHA256(salt, value): says nothing about a value that can be guessed, as long as the salt is secret. */
export function commitmentOf(salt: Buffer, value: JsonValue): string {
  return hmacSha256(salt, committedBytes(value));
}

/** A fresh salt and the commitment to a value with it. */
export function commit(value: JsonValue): { salt: Buffer; commitment: string } {
  const salt = random(SALT_BYTES);
  return { salt, commitment: commitmentOf(salt, value) };
}

export function sealOpening(
  tenant: string,
  event: string,
  { pseudonym, key }: LiveSubject,
  fields: readonly OpenedField[],
): Buffer {
  const members = fields.map(
    ({ path, salt, value }) =>
      // Base64 needs no escaping.
      `[${JSON.stringify(path)},"${salt.toString('base64')}",${JSON.stringify(value)}]`,
  );
  return seal(key, openingPurpose(tenant, event, pseudonym), `[${members.join(',')}]`);
}

/** The fields of an opening; undefined when it was tampered with or belongs elsewhere. */
export function openOpening(
  tenant: string,
  event: string,
  { pseudonym, key }: LiveSubject,
  sealed: Buffer,
): readonly OpenedField[] | undefined {
  const plain = unseal(key, openingPurpose(tenant, event, pseudonym), sealed);
  if (plain === undefined) return undefined;
  // GCM has authenticated it: it is what `sealOpening` wrote.
  const fields = JSON.parse(plain.toString('utf8')) as [string, string, JsonValue][];
  return fields.map(([path, salt, value]) => ({ path, salt: Buffer.from(salt, 'base64'), value }));
}
