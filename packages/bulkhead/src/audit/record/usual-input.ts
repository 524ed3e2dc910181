/**
 * Tells at a glance that what a caller records is of the usual shape, and writes its text at once: the schema
 * says the same at several times the cost, which counts where every request records.
 *
 * Promises: what passes here passes the schema of `prepare-event.ts`, and comes out as the same text (a test
 * holds one against the other). What does not pass is the schema's to judge.
 */
import { isIP } from 'node:net';
import { canonicalJson, quoted } from '../canonical-json.ts';
import { outcomes, TARGETS_MAX } from '../event.ts';
import type { Surroundings } from './prepare-event.ts';

const TYPE = /^[a-z][a-z0-9_.]{0,63}$/;
/** Characters of which a closer look must decide. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is one of them
const DOUBTFUL = /[\u0000\ud800-\udfff]/;
const OUTCOMES: ReadonlySet<unknown> = new Set(outcomes);

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

export function isUsualInput(given: unknown): given is UsualInput {
  if (!isPlainObject(given)) return false;
  for (const key of Object.keys(given)) {
    const member = given[key];
    if (member === undefined) continue;
    switch (key) {
      // It was found in a catalogue; metadata are checked by the action's own schema.
      case 'action':
      case 'metadata':
        break;
      case 'outcome':
        if (!OUTCOMES.has(member)) return false;
        break;
      case 'targets':
        if (!Array.isArray(member) || member.length > TARGETS_MAX) return false;
        for (const target of member) if (!isTarget(target)) return false;
        break;
      case 'actor':
        if (!isPlainObject(member)) return false;
        for (const name of Object.keys(member)) if (name !== 'name') return false;
        if (member.name !== undefined && !isText(member.name, 256)) return false;
        break;
      case 'ip':
        if (!isText(member, 45) || isIP(member) === 0 || member.includes('%')) return false;
        break;
      case 'userAgent':
        if (!isText(member, 512)) return false;
        break;
      case 'requestId':
        if (!isText(member, 128)) return false;
        break;
      case 'sessionId':
        if (!isText(member, 256)) return false;
        break;
      case 'reason':
        if (!isText(member, 1000)) return false;
        break;
      default:
        return false;
    }
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

function isTarget(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  for (const key of Object.keys(value)) {
    if (key !== 'type' && key !== 'id' && key !== 'name') return false;
  }
  const { type, id, name } = value;
  return (
    typeof type === 'string' &&
    TYPE.test(type) &&
    isText(id, 256) &&
    (name === undefined || isText(name, 256))
  );
}

const isText = (value: unknown, lengthMax: number): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= lengthMax &&
  !DOUBTFUL.test(value);

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
