/** Reads a leaf back: bytes of the log, which may have been tampered with, into a sealed event. */
import { auditError } from './errors.ts';
import type { SealedEvent } from './event.ts';

/** Made once: that takes longer than reading a leaf. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined for bytes that the sequencer has not written. */
export function readLeaf(bytes: Uint8Array): SealedEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
  return isSealedEvent(value) ? value : undefined;
}

/**
 * The same for readers, who cannot go on without it.
 *
 * @throws `audit.log_damaged`
 */
export function expectLeaf(bytes: Uint8Array, of: string, leafIndex: number): SealedEvent {
  const event = readLeaf(bytes);
  if (event !== undefined) return event;
  throw auditError('audit.log_damaged', {
    message: `Leaf ${leafIndex} of the log ${of} is not an event.`,
  });
}

/** What readers rely on. Values of JSON may be any: whoever reads them takes them as they are. */
function isSealedEvent(value: unknown): value is SealedEvent {
  if (!isObject(value)) return false;
  const { targets, commitments, location } = value;
  return (
    value.v === 1 &&
    isText(value.id) &&
    isText(value.tenant) &&
    isMoment(value.time) &&
    (value.recorded === value.time || isMoment(value.recorded)) &&
    isText(value.action) &&
    isText(value.outcome) &&
    isParty(value.actor) &&
    Array.isArray(targets) &&
    targets.every(isParty) &&
    isMaybeText(value.ip) &&
    isMaybeText(value.userAgent) &&
    isMaybeText(value.requestId) &&
    isMaybeText(value.sessionId) &&
    isMaybeText(value.reason) &&
    (location === undefined || isLocation(location)) &&
    areMaybeTexts(value.pseudonyms) &&
    areMaybeTexts(value.committedJson) &&
    (commitments === undefined || areTexts(commitments))
  );
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isMoment = (value: unknown): boolean =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isMaybeText = (value: unknown): boolean => value === undefined || typeof value === 'string';
const areMaybeTexts = (value: unknown): boolean =>
  value === undefined || (Array.isArray(value) && value.every(isText));
/** A loop, because every leaf that is read passes here. */
function areTexts(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const name in value) if (!isText(value[name])) return false;
  return true;
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isParty = (value: unknown): boolean =>
  isObject(value) && isText(value.type) && isText(value.id) && isMaybeText(value.name);

const isLocation = (value: unknown): boolean =>
  isObject(value) &&
  isMaybeText(value.country) &&
  isMaybeText(value.region) &&
  isMaybeText(value.city);
