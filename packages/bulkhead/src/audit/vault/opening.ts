/**
 * Openings: the personal values of one person, event by event with their salts, encrypted under their key.
 *
 * Promises: what was sealed for one person and tenant opens for no other, and what is of one event is of no other:
 * its id stands inside.
 */
import { randomFillSync } from 'node:crypto';
import { canonicalJson, type JsonValue, quoted } from '../canonical-json.ts';
import { random, seal, unseal } from './cipher.ts';
import { hmacSha256, hmacSha256At } from './hmac.ts';
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

const openingsPurpose = (tenant: string, pseudonym: string): string =>
  `openings/${tenant}/${pseudonym}`;

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

/** Salts by the page, which are used where they lie. */
const saltWords = new Uint32Array((512 * SALT_BYTES) / 4);
const salts = Buffer.from(saltWords.buffer);
let saltAt = salts.length;

/** The same for a text, of which the salt is wanted in base64. */
export function commitText(value: string): { salt: string; commitment: string } {
  if (saltAt === salts.length) {
    randomFillSync(salts);
    saltAt = 0;
  }
  const at = saltAt;
  saltAt += SALT_BYTES;
  return {
    salt: salts.toString('base64', at, saltAt),
    commitment: hmacSha256At(saltWords, at / 4, value),
  };
}

/** What one person has in one event, as `sealOpenings` takes it. */
export function openingText(event: string, fields: readonly OpenedField[]): string {
  const members = fields.map(
    ({ path, salt, value }) =>
      // Base64 needs no escaping.
      `[${quoted(path)},"${salt.toString('base64')}",${JSON.stringify(value)}]`,
  );
  return `["${event}",[${members.join(',')}]]`;
}

/** What one person has in several events, of which each is named inside. */
export function sealOpenings(
  tenant: string,
  { pseudonym, key }: LiveSubject,
  texts: readonly Uint8Array[],
): Buffer {
  const plain = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + text.length + 1, 1));
  let at = 0;
  for (const text of texts) {
    plain[at] = at === 0 ? OPEN : COMMA;
    plain.set(text, at + 1);
    at += 1 + text.length;
  }
  plain[at] = CLOSE;
  const sealed = seal(key, openingsPurpose(tenant, pseudonym), plain);
  plain.fill(0);
  return sealed;
}

const [OPEN, COMMA, CLOSE] = Buffer.from('[,]') as unknown as [number, number, number];

/** The fields by event; undefined when it was tampered with or belongs elsewhere. */
export function openOpenings(
  tenant: string,
  { pseudonym, key }: LiveSubject,
  sealed: Buffer,
): ReadonlyMap<string, readonly OpenedField[]> | undefined {
  const plain = unseal(key, openingsPurpose(tenant, pseudonym), sealed);
  if (plain === undefined) return undefined;
  // GCM has authenticated it: it is what `sealOpenings` wrote.
  const events = JSON.parse(plain.toString('utf8')) as [string, FieldText[]][];
  return new Map(events.map(([event, fields]) => [event, fields.map(readField)]));
}

/** The fields of a row of one event, as releases before parcels wrote them; undefined as above. */
export function openOpening(
  tenant: string,
  event: string,
  { pseudonym, key }: LiveSubject,
  sealed: Buffer,
): readonly OpenedField[] | undefined {
  const plain = unseal(key, openingPurpose(tenant, event, pseudonym), sealed);
  if (plain === undefined) return undefined;
  // GCM has authenticated it: it is what a sequencer wrote.
  return (JSON.parse(plain.toString('utf8')) as FieldText[]).map(readField);
}

type FieldText = [path: string, salt: string, value: JsonValue];

const readField = ([path, salt, value]: FieldText): OpenedField => ({
  path,
  salt: Buffer.from(salt, 'base64'),
  value,
});
