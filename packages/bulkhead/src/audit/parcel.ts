/**
 * A parcel: many recorded events in one row of the outbox, a line each, because a row costs more than what is
 * in it.
 *
 * Promises: what `packEvents` and `packSigned` write, `unpack` reads back, event by event and in its order.
 * Whatever else stands in a parcel (SQL may have written it) becomes as many events that cannot be read as it
 * has lines; more lines than any parcel has become one.
 *
 * A line is `<id> <class> <JSON>`, and canonical JSON holds no line break. In a signed parcel a line
 * `=<tenant> <actor>` says in whose name those below it are.
 */
import { createHash } from 'node:crypto';
import { OPERATORS_LOG } from './event.ts';
import { CLASS, STANDARD_CLASS } from './log/log-name.ts';
import type { PendingEvent } from './read-pending.ts';
import type { PreparedEvent } from './record/prepare-event.ts';

/** An event of the outbox, whether it has a row of its own or shares one. */
export interface PendingItem extends PendingEvent {
  readonly class: string;
}

/** Who an event is of. */
export interface EventHolder {
  readonly tenant: string;
  readonly type: string;
  readonly id: string;
}

export interface HeldEvent {
  readonly holder: EventHolder;
  readonly event: PreparedEvent;
}

const EVENTS_MAX = 1_000;
/** With the longest event on top it is still below the bound of the table. */
const FULL_BYTES = 225_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_LENGTH = 36;

/** Events of one tenant and actor, which the database adds itself. */
export function packEvents(events: readonly PreparedEvent[]): string[] {
  const parcels: string[] = [];
  let lines: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const line = lineOf(event);
    lines.push(line);
    bytes += Buffer.byteLength(line) + 1;
    if (bytes >= FULL_BYTES || lines.length === EVENTS_MAX) {
      parcels.push(lines.join('\n'));
      lines = [];
      bytes = 0;
    }
  }
  if (lines.length > 0) parcels.push(lines.join('\n'));
  return parcels;
}

/** As many events of different tenants and actors as one parcel holds. */
export function packSigned(events: readonly HeldEvent[]): { lines: string; count: number } {
  const lines: string[] = [];
  let bytes = 0;
  let count = 0;
  let before: EventHolder | undefined;
  for (const { holder, event } of events) {
    if (before === undefined || !isSame(before, holder)) {
      lines.push(`=${holder.tenant} ${holder.type}:${holder.id}`);
      before = holder;
    }
    const line = lineOf(event);
    lines.push(line);
    bytes += Buffer.byteLength(line) + 1;
    count += 1;
    if (bytes >= FULL_BYTES || lines.length >= EVENTS_MAX - 1) break;
  }
  return { lines: lines.join('\n'), count };
}

const lineOf = ({ id, class: name, text }: PreparedEvent): string => `${id} ${name} ${text}`;

const isSame = (one: EventHolder, other: EventHolder): boolean =>
  one === other || (one.tenant === other.tenant && one.id === other.id && one.type === other.type);

/** The events of a row; of one that is no parcel, the one that it is. */
export function unpack(row: PendingItem): readonly PendingItem[] {
  if (row.source === 'parcel') return readLines(row, false);
  if (row.source === 'signed') return readLines(row, true);
  // SQL wrote it, perhaps an attacker's: what is no name of a class must not become part of a log's name.
  return [CLASS.test(row.class) ? row : { ...row, class: STANDARD_CLASS }];
}

function readLines(row: PendingItem, isSigned: boolean): readonly PendingItem[] {
  const lines = row.event.split('\n', EVENTS_MAX + 1);
  if (lines.length > EVENTS_MAX) return [{ ...row, source: 'record' }];
  const { recorded } = row;
  let tenant = row.tenant;
  let actor = row.actor;
  let lastClass = STANDARD_CLASS;
  const items: PendingItem[] = [];
  for (const [at, line] of lines.entries()) {
    if (isSigned && line.startsWith('=')) {
      const named = line.slice(1, UUID_LENGTH + 1);
      tenant = UUID.test(named) ? named : OPERATORS_LOG;
      actor = line.slice(UUID_LENGTH + 2);
      continue;
    }
    const id = line.slice(0, UUID_LENGTH);
    const space = line.indexOf(' ', UUID_LENGTH + 1);
    const name = line.slice(UUID_LENGTH + 1, space);
    if (space > 0 && line[UUID_LENGTH] === ' ' && UUID.test(id)) {
      if (name !== lastClass) lastClass = CLASS.test(name) ? name : STANDARD_CLASS;
      const event = line.slice(space + 1);
      items.push({ tenant, id, recorded, actor, source: 'record', event, class: lastClass });
    } else {
      const made = madeUpId(row.id, at);
      items.push({
        tenant,
        id: made,
        recorded,
        actor,
        source: 'record',
        event: line,
        class: STANDARD_CLASS,
      });
    }
  }
  return items;
}

/** For a line that names no event: the same each time it is read, and nobody else's. */
function madeUpId(row: string, line: number): string {
  const digest = createHash('sha256').update(`${row}/${line}`).digest();
  // RFC 9562 section 5.8: version and variant have their places, all else is ours.
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x80, 6);
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
