/**
 * Sends a planned batch to `bulkhead.audit_append`: one statement, and so all or nothing.
 *
 * Byte strings travel end to end in one parameter and arrays in binary: a batch of 2,000 events is a megabyte
 * or two that is copied once.
 */
import { int2Array, int4Array, int8Array, textArray, tidArray, uuidArray } from './binary-array.ts';
import type { Query } from './log-heads.ts';
import type { PlannedLog } from './plan-batch.ts';
import type { PendingRow } from './take-pending.ts';

/** A person who was not known before. */
export interface NewSubject {
  readonly tenant: string;
  readonly pseudonym: string;
  readonly ref: Buffer;
  readonly sealedRef: Buffer;
  readonly wrappedKey: Buffer;
}

export interface Batch {
  /** All rows that the batch consumes, those too of which nothing comes into a log. */
  readonly rows: readonly PendingRow[];
  /** In the order of their names, so that two sequencers never wait for each other in a circle. */
  readonly logs: readonly PlannedLog[];
  readonly subjects: readonly NewSubject[];
  /** The count of erasures under which the batch was sealed. */
  readonly erasures: string;
}

const PARAMETERS = 36;
const APPEND = `select bulkhead.audit_append(${Array.from({ length: PARAMETERS }, (_, at) => `$${at + 1}`).join(', ')})`;

/** @throws SQLSTATE 40001 when somebody else came first; 23505 when an event's id is in a log already. */
export async function appendBatch(query: Query, batch: Batch): Promise<void> {
  await query(APPEND, encodeBatch(batch));
}

/** Bytes end to end; says where each string lies. */
class Bytes {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  add(...parts: readonly Uint8Array[]): number {
    const at = this.#length;
    for (const part of parts) {
      this.#parts.push(part);
      this.#length += part.length;
    }
    return at;
  }

  get length(): number {
    return this.#length;
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts, this.#length);
  }
}

function encodeBatch({ rows, logs, subjects, erasures }: Batch): unknown[] {
  const bytes = new Bytes();
  const log = {
    frontierAt: logs.map(({ frontier }) => bytes.add(frontier)),
    frontierLength: logs.map(({ frontier }) => frontier.length),
  };
  const chunk = encodeChunks(logs, bytes);
  const tile = encodeTiles(logs, bytes);
  const event = encodeEvents(logs);
  const subjectRefAt = subjects.map(({ ref, sealedRef, wrappedKey }) =>
    bytes.add(ref, sealedRef, wrappedKey),
  );
  const opening = encodeOpenings(logs, bytes);
  return [
    tidArray(rows.map(({ place }) => place)),
    int8Array(rows.map(({ seq }) => Number(seq))),
    bytes.toBuffer(),
    uuidArray(logs.map(({ head }) => head.tenant)),
    textArray(logs.map(({ head }) => head.class)),
    textArray(logs.map(({ head }) => head.origin)),
    int8Array(logs.map(({ expected }) => expected)),
    int8Array(logs.map(({ next }) => next)),
    int4Array(log.frontierAt),
    int4Array(log.frontierLength),
    int4Array(chunk.log),
    int8Array(chunk.first),
    int4Array(chunk.count),
    int4Array(chunk.entriesAt),
    int4Array(chunk.entriesLength),
    int4Array(chunk.hashesAt),
    int4Array(tile.log),
    int2Array(tile.level),
    int8Array(tile.first),
    int4Array(tile.count),
    int4Array(tile.hashesAt),
    int4Array(event.log),
    uuidArray(event.id),
    int8Array(event.leafIndex),
    uuidArray(subjects.map(({ tenant }) => tenant)),
    uuidArray(subjects.map(({ pseudonym }) => pseudonym)),
    int4Array(subjectRefAt),
    int4Array(subjects.map(({ sealedRef }) => sealedRef.length)),
    int4Array(subjects.map(({ wrappedKey }) => wrappedKey.length)),
    int4Array(opening.log),
    uuidArray(opening.event),
    int8Array(opening.leafIndex),
    uuidArray(opening.subject),
    int4Array(opening.at),
    int4Array(opening.length),
    erasures,
  ];
}

/** Logs are named by their place in the batch, counted from 1. */
function encodeChunks(logs: readonly PlannedLog[], bytes: Bytes) {
  const made = {
    log: [] as number[],
    first: [] as number[],
    count: [] as number[],
    entriesAt: [] as number[],
    entriesLength: [] as number[],
    hashesAt: [] as number[],
  };
  logs.forEach(({ chunks }, index) => {
    for (const { first, leaves, hashes } of chunks) {
      const lengths = Buffer.allocUnsafe(2 * leaves.length);
      const entriesAt = bytes.length;
      leaves.forEach(({ leaf }, at) => {
        lengths.writeUInt16BE(leaf.length, 2 * at);
        bytes.add(lengths.subarray(2 * at, 2 * at + 2), leaf);
      });
      made.log.push(index + 1);
      made.first.push(first);
      made.count.push(leaves.length);
      made.entriesAt.push(entriesAt);
      made.entriesLength.push(bytes.length - entriesAt);
      made.hashesAt.push(bytes.add(...hashes));
    }
  });
  return made;
}

function encodeTiles(logs: readonly PlannedLog[], bytes: Bytes) {
  const made = {
    log: [] as number[],
    level: [] as number[],
    first: [] as number[],
    count: [] as number[],
    hashesAt: [] as number[],
  };
  logs.forEach(({ tiles }, index) => {
    for (const { level, first, hashes } of tiles) {
      made.log.push(index + 1);
      made.level.push(level);
      made.first.push(first);
      made.count.push(hashes.length);
      made.hashesAt.push(bytes.add(...hashes));
    }
  });
  return made;
}

function encodeEvents(logs: readonly PlannedLog[]) {
  const made = { log: [] as number[], id: [] as string[], leafIndex: [] as number[] };
  logs.forEach(({ chunks }, index) => {
    for (const { first, leaves } of chunks) {
      leaves.forEach(({ eventId }, at) => {
        made.log.push(index + 1);
        made.id.push(eventId);
        made.leafIndex.push(first + at);
      });
    }
  });
  return made;
}

function encodeOpenings(logs: readonly PlannedLog[], bytes: Bytes) {
  const made = {
    log: [] as number[],
    event: [] as string[],
    leafIndex: [] as number[],
    subject: [] as string[],
    at: [] as number[],
    length: [] as number[],
  };
  logs.forEach(({ chunks }, index) => {
    for (const { first, leaves } of chunks) {
      leaves.forEach(({ eventId, openings }, place) => {
        for (const { subject, sealed } of openings) {
          made.log.push(index + 1);
          made.event.push(eventId);
          made.leafIndex.push(first + place);
          made.subject.push(subject);
          made.at.push(bytes.add(sealed));
          made.length.push(sealed.length);
        }
      });
    }
  });
  return made;
}
