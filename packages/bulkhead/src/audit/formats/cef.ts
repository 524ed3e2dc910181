/**
 * Common Event Format, version 0 (ArcSight, "Implementing ArcSight CEF"), without a syslog header.
 *
 * Promises: no value can end its field or start another: pipes and backslashes are escaped in the header,
 * equals signs and backslashes in the extension, and line ends in both. Values are cut at the lengths of the
 * CEF dictionary and then end in `…`. The dictionary has no place for old and new values of a row.
 */
import { isIPv4 } from 'node:net';
import { canonicalJson } from '../canonical-json.ts';
import type { AuditEvent, Outcome } from '../event.ts';
import {
  closedFields,
  cutText,
  describeEvent,
  type EventFormat,
  PRODUCT,
  typedId,
} from './event-format.ts';

/** 0 to 10; a SIEM's rules decide what matters, this only separates the usual from the refused. */
const SEVERITY: Readonly<Record<Outcome, number>> = { success: 1, failure: 4, denied: 6 };

export const cef = (version: string): EventFormat => ({
  mediaType: 'text/plain; charset=utf-8',
  extension: 'cef',
  head: '',
  write: (event) => {
    const header = [
      'CEF:0',
      PRODUCT.vendor,
      PRODUCT.name,
      version,
      event.action,
      event.action.replaceAll(/[._]/g, ' '),
      String(SEVERITY[event.outcome]),
    ];
    const extension = extensionOf(event).flatMap(([key, value, lengthMax]) =>
      value === undefined || value === ''
        ? []
        : [`${key}=${escapeExtension(cutText(String(value), lengthMax))}`],
    );
    return `${header.map(escapeHeader).join('|')}|${extension.join(' ')}\n`;
  },
});

type Pair = readonly [key: string, value: string | number | undefined, lengthMax: number];

function extensionOf(event: AuditEvent): Pair[] {
  const person = event.targets.find(({ type }) => type === 'user');
  return [
    ['externalId', event.id, 40],
    ['rt', Date.parse(event.recorded), 20],
    ['end', Date.parse(event.time), 20],
    ['act', event.action, 63],
    ['cat', event.class, 1023],
    ['outcome', event.outcome, 63],
    ['suid', typedId(event.actor), 1023],
    ['suser', event.actor.name, 1023],
    ['duid', person && typedId(person), 1023],
    ['duser', person?.name, 1023],
    // `src` is for IPv4 alone; the dictionary has a custom field for the other.
    ...(event.ip === undefined ? [] : addressOf(event.ip)),
    ['requestClientApplication', event.userAgent, 1023],
    ['reason', event.reason, 1023],
    ['msg', describeEvent(event), 1023],
    ...labelled('cs1', 'tenant', event.tenant),
    ...labelled('cs2', 'targets', event.targets.map(typedId).join(' ')),
    ...labelled('cs3', 'requestId', event.requestId),
    ...labelled('cs4', 'sessionId', event.sessionId),
    ...labelled('cs5', 'metadata', event.metadata && canonicalJson(event.metadata)),
    ...labelled('cs6', 'closed', closedFields(event).join(' ')),
    ...labelled('cn1', 'leafIndex', event.leafIndex),
  ];
}

function addressOf(ip: string): Pair[] {
  if (isIPv4(ip)) return [['src', ip, 15]];
  return [
    ['c6a2', ip, 45],
    ['c6a2Label', 'Source IPv6 Address', 1023],
  ];
}

const CUSTOM_LENGTH_MAX = 4000;

/** A custom field means nothing without its label, so neither is written without the other. */
function labelled(key: string, label: string, value: string | number | undefined): Pair[] {
  if (value === undefined || value === '') return [];
  return [
    [key, value, CUSTOM_LENGTH_MAX],
    [`${key}Label`, label, 1023],
  ];
}

/** The header has no way to say a line's end. */
const escapeHeader = (text: string): string =>
  text.replaceAll(/[\\|]/g, (found) => `\\${found}`).replaceAll(CONTROL, ' ');

const escapeExtension = (text: string): string =>
  text
    .replaceAll(/[\\=]/g, (found) => `\\${found}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll(CONTROL, ' ');

/** Control characters, and the separators that some readers take for a line's end. */
const CONTROL = /[\p{Cc}\u2028\u2029]/gu;
