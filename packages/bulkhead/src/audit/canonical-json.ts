/**
 * Canonical JSON (RFC 8785): one text for one value, so that two parties who hash it agree.
 *
 * Promises: the same value gives the same text, whatever the order of its keys; what JSON cannot say
 * (NaN, undefined in a list, a date, half a surrogate pair) throws instead of turning into something else.
 * Does not promise bounds: check those first.
 */
import { hasWholeCharacters } from './whole-characters.ts';

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * The canonical text of a value.
 *
 * @throws TypeError for what is not JSON; the message never holds the value.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('JSON has no such number');
      // RFC 8785 section 3.2.2.3 is ECMAScript's own way of writing numbers; -0 comes out as 0.
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? list(value) : object(value);
    default:
      throw new TypeError(`JSON has no ${typeof value}`);
  }
}

function list(values: readonly unknown[]): string {
  let text = '[';
  // Not `map`, which skips the holes of a sparse array.
  for (let index = 0; index < values.length; index += 1) {
    text += (index === 0 ? '' : ',') + canonicalJson(values[index]);
  }
  return `${text}]`;
}

function object(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw new TypeError('JSON has only plain objects');
  }
  const keys = Object.keys(value);
  // The default order is that of UTF-16 code units, which is the RFC's.
  if (!isSorted(keys)) keys.sort();
  let text = '{';
  for (const key of keys) {
    const member = (value as Record<string, unknown>)[key];
    // As JSON does: a member that is not there is not written.
    if (member === undefined) continue;
    text += `${text === '{' ? '' : ','}${quoted(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] as string) > (keys[index] as string)) return false;
  }
  return true;
}

/** What a JSON text must escape, or cannot hold: without any of it, a text stands for itself. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
const UNPLAIN = /["\\\u0000-\u001f\ud800-\udfff]/;

/** The escapes of RFC 8785 section 3.2.2.2 are those of `JSON.stringify`, except for lone surrogates. */
export function quoted(text: string): string {
  if (!UNPLAIN.test(text)) return `"${text}"`;
  if (!hasWholeCharacters(text)) throw new TypeError('JSON has only whole Unicode characters');
  return JSON.stringify(text);
}
