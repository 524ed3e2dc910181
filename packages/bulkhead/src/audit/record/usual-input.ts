/**
 * Tells at a glance that what a caller records is of the usual shape, and writes its text at once: the schema
 * says the same at several times the cost, which counts where every request records.
 *
 * Promises: what passes here passes the schema of `prepare-event.ts`, and comes out as the same text (a test
 * holds one against the other). What does not pass is the schema's to judge.
 */
import { canonicalJson, quoted } from '../canonical-json.ts';
import { type Glance, isUsualField } from '../usual-fields.ts';
import type { Surroundings } from './prepare-event.ts';

/** Characters of which a closer look must decide. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is one of them
const DOUBTFUL = /[\u0000\ud800-\udfff]/;

const given: Glance = {
  isText: (value, lengthMax) =>
    typeof value === 'string' &&
    value.length > 0 &&
    value.length <= lengthMax &&
    !DOUBTFUL.test(value),
  isPlainObject,
};

export interface UsualInput {
  readonly actor?: { readonly name?: string };
  readonly outcome?: string;
  readonly targets?: readonly {
    readonly type: string;
    readonly id: string;
    readonly name?: string;
  }[];
  readonly ip?: string;
  readonly userAgent?: string;
  readonly requestId?: string;
  readonly sessionId?: string;
  readonly reason?: string;
  readonly metadata?: unknown;
}

export function isUsualInput(input: unknown): input is UsualInput {
  if (!isPlainObject(input)) return false;
  for (const key of Object.keys(input)) {
    // The action was found in a catalogue; metadata are checked by its own schema.
    if (input[key] === undefined || key === 'action' || key === 'metadata') continue;
    if (!isUsualField(key, input[key], given)) return false;
  }
  return true;
}

/** Canonical JSON, keys in their order. */
export function usualText(
  action: string,
  given: UsualInput,
  metadata: object | undefined,
  around: Surroundings,
): string {
  const name = given.actor?.name ?? around.actor.name;
  const ip = given.ip ?? around.ip;
  const reason = given.reason ?? around.reason;
  const requestId = given.requestId ?? around.requestId;
  const userAgent = given.userAgent ?? around.userAgent;
  let text = `{"action":"${action}"`;
  if (name !== undefined) text += `,"actor":{"name":${quoted(name)}}`;
  if (ip !== undefined) text += `,"ip":${quoted(ip)}`;
  if (metadata !== undefined) text += `,"metadata":${canonicalJson(metadata)}`;
  text += `,"outcome":"${given.outcome ?? 'success'}"`;
  if (reason !== undefined) text += `,"reason":${quoted(reason)}`;
  if (requestId !== undefined) text += `,"requestId":${quoted(requestId)}`;
  if (given.sessionId !== undefined) text += `,"sessionId":${quoted(given.sessionId)}`;
  text += ',"targets":[';
  const { targets = [] } = given;
  for (const [at, { id, name: called, type }] of targets.entries()) {
    if (at > 0) text += ',';
    text += `{"id":${quoted(id)}`;
    if (called !== undefined) text += `,"name":${quoted(called)}`;
    text += `,"type":"${type}"}`;
  }
  text += ']';
  if (userAgent !== undefined) text += `,"userAgent":${quoted(userAgent)}`;
  return `${text}}`;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
