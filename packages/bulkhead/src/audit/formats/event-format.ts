/** What a format of export is: a head, and one text for one event. All of them are pure. */
import type { AuditEvent } from '../event.ts';

export const formatNames = ['ndjson', 'csv', 'ocsf', 'ecs', 'cef', 'rfc5424'] as const;
export type FormatName = (typeof formatNames)[number];

export interface EventFormat {
  /** `text/csv` and the like. */
  readonly mediaType: string;
  /** Of a file, without the dot. */
  readonly extension: string;
  /** Comes once, before the first event, also when there is none. */
  readonly head: string;
  /** One event, with the line's end. Two events never share a line, and one never takes two. */
  readonly write: (event: AuditEvent) => string;
}

/** The product as SIEMs are told it. */
export const PRODUCT = { vendor: 'Bulkhead', name: 'Bulkhead' } as const;

/** `user:7f3…`: a typed id, as search takes it too. */
export const typedId = ({ type, id }: { readonly type: string; readonly id: string }): string =>
  `${type}:${id}`;

/** One sentence for people: `Ada Lovelace did note.created on note:42: success`. */
export function describeEvent(event: AuditEvent): string {
  const who = event.actor.name ?? typedId(event.actor);
  const what = event.targets.map((target) => target.name ?? typedId(target));
  const on = what.length === 0 ? '' : ` on ${what.join(', ')}`;
  return `${who} did ${event.action}${on}: ${event.outcome}`;
}

/** At most so many UTF-16 units, never half a pair; what is cut off shows as `…`. */
export function cutText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const cut = text.slice(0, lengthMax - 1);
  const last = cut.charCodeAt(cut.length - 1);
  return `${last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut}…`;
}

/** The fields that say why a value is not shown, as `/actor/name=erased`. */
export const closedFields = (event: AuditEvent): string[] =>
  Object.entries(event.closed ?? {}).map(([path, why]) => `${path}=${why}`);

/** The text with the pictures of control characters (U+2400 and on) in their places: always one line. */
export function pictured(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (control) => {
    const code = control.charCodeAt(0);
    if (code === 0x7f) return '\u2421';
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\u2424';
  });
}
