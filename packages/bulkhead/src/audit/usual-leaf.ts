/**
 * Seals the usual event, in which all that is personal is the actor's: their id, name, address, browser and
 * session. It is the sequencer's hot path, written out where `seal-event.ts` and `leaf-text.ts` go by lists.
 *
 * Promises: the same leaf and opening as theirs but for the random salts (a test holds one against the other).
 */
import { canonicalJson, quoted } from './canonical-json.ts';
import type { AuditTarget } from './event.ts';
import type { ReadEvent } from './read-pending.ts';
import type { KnownSubject, Sealed } from './seal-event.ts';
import { commitText } from './vault/opening.ts';

export function sealUsual(read: ReadEvent, person: KnownSubject): Sealed {
  const { event, id } = read;
  let commitments = '';
  let fields = '';
  // In the order of their paths, which is that of the leaf's keys.
  const commit = (path: string, value: string | undefined): void => {
    if (value === undefined) return;
    const { salt, commitment } = commitText(value);
    const before = commitments === '' ? '' : ',';
    commitments += `${before}"${path}":"${commitment}"`;
    fields += `${before}["${path}","${salt}",${quoted(value)}]`;
  };
  commit('/actor/name', event.actor?.name);
  commit('/ip', event.ip);
  commit('/sessionId', event.sessionId);
  commit('/userAgent', event.userAgent);

  let leaf = `{"action":"${event.action}","actor":{"id":"${person.pseudonym}","type":"${read.actor.type}"}`;
  if (event.after !== undefined) leaf += `,"after":${canonicalJson(event.after)}`;
  if (event.before !== undefined) leaf += `,"before":${canonicalJson(event.before)}`;
  if (commitments !== '') leaf += `,"commitments":{${commitments}}`;
  leaf += `,"id":"${id}"`;
  if (event.metadata !== undefined) leaf += `,"metadata":${canonicalJson(event.metadata)}`;
  leaf += `,"outcome":"${event.outcome}","pseudonyms":["/actor/id"]`;
  if (event.reason !== undefined) leaf += `,"reason":${quoted(event.reason)}`;
  leaf += `,"recorded":"${read.recorded}"`;
  if (event.requestId !== undefined) leaf += `,"requestId":${quoted(event.requestId)}`;
  leaf += `,"source":"${read.source}","targets":[`;
  const { targets } = event;
  for (let at = 0; at < targets.length; at += 1) {
    if (at > 0) leaf += ',';
    leaf += partyText(targets[at] as AuditTarget);
  }
  leaf += `],"tenant":"${read.tenant}","time":"${read.recorded}","v":1}`;
  // An erased person's salts are thrown away here, and with them the only way to open the commitments.
  const isOpen = person.key !== undefined && fields !== '';
  return { leaf, openings: isOpen ? [{ person, text: `["${id}",[${fields}]]` }] : [] };
}

function partyText({ type, id, name }: AuditTarget): string {
  return `{"id":${quoted(id)}${name === undefined ? '' : `,"name":${quoted(name)}`},"type":"${type}"}`;
}
