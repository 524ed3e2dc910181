/**
 * Sends a planned batch to `bulkhead.audit_append`: one statement, and so all or nothing.
 *
 * Byte strings travel end to end in one parameter and arrays in binary: a batch of 2,000 events is a megabyte
 * or two that is copied once.
 */

import type { BatchBytes } from './batch-bytes.ts';
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
  /** What chunks and, once it is encoded, everything else is made of. */
  readonly bytes: BatchBytes;
  /** The count of erasures under which the batch was sealed. */
  readonly erasures: string;
}

const PARAMETERS = 34;
const APPEND = `select bulkhead.audit_append(${Array.from({ length: PARAMETERS }, (_, at) => `$${at + 1}`).join(', ')})`;

/** @throws SQLSTATE 40001 when somebody else came first; 23505 when an event's id is in a log already. */
export async function appendBatch(query: Query, parameters: EncodedBatch): Promise<void> {
  await query(APPEND, parameters);
}

/** The parameters of the statement. */
export type EncodedBatch = unknown[];

export function encodeBatch({ rows, logs, subjects, bytes, erasures }: Batch): EncodedBatch {
  const log = {
    frontierAt: logs.map(({ frontier }) => bytes.add(frontier)),
    frontierLength: logs.map(({ frontier }) => frontier.length),
  };
  const chunk = encodeChunks(logs);
  const tile = encodeTiles(logs, bytes);
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
    uuidArray(chunk.eventIds),
    uuidArray(subjects.map(({ tenant }) => tenant)),
    uuidArray(subjects.map(({ pseudonym }) => pseudonym)),
    int4Array(subjectRefAt),
    int4Array(subjects.map(({ sealedRef }) => sealedRef.length)),
    int4Array(subjects.map(({ wrappedKey }) => wrappedKey.length)),
    int4Array(opening.log),
    int8Array(opening.leafIndex),
    uuidArray(opening.subject),
    int4Array(opening.at),
    int4Array(opening.members),
    int4Array(opening.length),
    erasures,
  ];
}

/** Logs are named by their place in the batch, counted from 1. */
function encodeChunks(logs: readonly PlannedLog[]) {
  const made = {
    log: [] as number[],
    first: [] as number[],
    count: [] as number[],
    entriesAt: [] as number[],
    entriesLength: [] as number[],
    hashesAt: [] as number[],
    eventIds: [] as string[],
  };
  logs.forEach(({ chunks }, index) => {
    for (const { first, eventIds, entriesAt, entriesLength, hashesAt } of chunks) {
      made.log.push(index + 1);
      made.first.push(first);
      made.count.push(eventIds.length);
      made.entriesAt.push(entriesAt);
      made.entriesLength.push(entriesLength);
      made.hashesAt.push(hashesAt);
      for (const id of eventIds) made.eventIds.push(id);
    }
  });
  return made;
}

function encodeTiles(logs: readonly PlannedLog[], bytes: BatchBytes) {
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

function encodeOpenings(logs: readonly PlannedLog[], bytes: BatchBytes) {
  const made = {
    log: [] as number[],
    leafIndex: [] as number[],
    subject: [] as string[],
    at: [] as number[],
    members: [] as number[],
    length: [] as number[],
  };
  logs.forEach(({ chunks }, index) => {
    for (const { openings } of chunks) {
      for (const { subject, first, members, sealed } of openings) {
        made.log.push(index + 1);
        made.leafIndex.push(first);
        made.subject.push(subject);
        made.at.push(bytes.add(members, sealed));
        made.members.push(members.length);
        made.length.push(sealed.length);
      }
    }
  });
  return made;
}
