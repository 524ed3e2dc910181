/**
 * Works out what a batch of sealed events adds to its logs: pure but for the trees, which it moves on.
 *
 * Promises: leaves lie in their log in the order given; no chunk crosses a multiple of 256. Whoever plans a
 * batch and does not commit it must drop the trees that it was planned on.
 */
import { TILE_WIDTH } from 'bulkhead-verify';
import type { TileNode } from '../log/tiled-tree.ts';
import { sealOpenings } from '../vault/opening.ts';
import type { LiveSubject } from '../vault/tenant-vault.ts';
import type { BatchBytes } from './batch-bytes.ts';
import type { LogHead } from './log-heads.ts';

/** Bytes that lie among others. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/** What sealing made of one event, and where it lies. */
export interface SealedLeaf {
  readonly eventId: string;
  readonly leaf: Place;
  readonly openings: readonly SealedOpening[];
}

export interface SealedOpening extends Place {
  readonly person: LiveSubject;
}

export interface LogBatch {
  readonly head: LogHead;
  readonly leaves: readonly SealedLeaf[];
}

/** Its bytes lie in those of the batch. */
export interface PlannedChunk {
  readonly first: number;
  readonly eventIds: readonly string[];
  readonly entriesAt: number;
  readonly entriesLength: number;
  readonly hashesAt: number;
  readonly openings: readonly PlannedOpening[];
}

/** What one person has in a chunk, sealed. */
export interface PlannedOpening {
  readonly subject: string;
  /** The first leaf of it. */
  readonly first: number;
  /** All of its leaves, modulo 256. */
  readonly members: Buffer;
  readonly sealed: Buffer;
}

/** Nodes of one level that follow each other in one tile. */
export interface PlannedTile {
  readonly level: number;
  readonly first: number;
  readonly hashes: Uint8Array[];
}

export interface PlannedLog {
  readonly head: LogHead;
  /** The size before. */
  readonly expected: number;
  readonly next: number;
  readonly frontier: Buffer;
  readonly chunks: readonly PlannedChunk[];
  readonly tiles: readonly PlannedTile[];
}

const HASH_BYTES = 32;
/** For the hashes of one chunk, which are copied out of it before the next. */
const hashRoom = Buffer.allocUnsafe(TILE_WIDTH * HASH_BYTES);

/** Whoever reads one event of a person deciphers no more than about this. */
const OPENINGS_LENGTH_MAX = 32_768;

/**
 * @param sealed where leaves and openings lie, in the order in which they were sealed
 * @param bytes to which what is sent of them is added
 */
export function planLog(
  { head, leaves }: LogBatch,
  sealed: BatchBytes,
  bytes: BatchBytes,
): PlannedLog {
  const expected = head.tree.size;
  const chunks: PlannedChunk[] = [];
  const nodes: TileNode[] = [];
  for (let at = 0; at < leaves.length; ) {
    const first = expected + at;
    const room = TILE_WIDTH - (first % TILE_WIDTH);
    const mine = leaves.slice(at, at + room);
    const hashes = hashRoom.subarray(0, mine.length * HASH_BYTES);
    const entriesAt = bytes.length;
    mine.forEach(({ leaf }, nth) => {
      bytes.addEntry(sealed, leaf.at, leaf.length, hashes, nth * HASH_BYTES);
    });
    head.tree.append(hashes, nodes);
    chunks.push({
      first,
      eventIds: mine.map(({ eventId }) => eventId),
      entriesAt,
      entriesLength: bytes.length - entriesAt,
      hashesAt: bytes.add(hashes),
      openings: sealPersons(head.tenant, first, mine, sealed),
    });
    at += mine.length;
  }
  return {
    head,
    expected,
    next: head.tree.size,
    frontier: head.tree.frontier(),
    chunks,
    tiles: piecesOf(nodes),
  };
}

interface OpenGroup {
  readonly first: number;
  readonly members: number[];
  readonly texts: Buffer[];
  length: number;
}

/** Person by person, because enciphering and a row cost more than what is in them. */
function sealPersons(
  tenant: string,
  first: number,
  leaves: readonly SealedLeaf[],
  bytes: BatchBytes,
): PlannedOpening[] {
  const groups = new Map<LiveSubject, OpenGroup>();
  const planned: PlannedOpening[] = [];
  const close = (person: LiveSubject, { first, members, texts }: OpenGroup): void => {
    const sealed = sealOpenings(tenant, person, texts);
    planned.push({ subject: person.pseudonym, first, members: Buffer.from(members), sealed });
  };
  leaves.forEach(({ openings }, at) => {
    for (const { person, at: textAt, length } of openings) {
      let group = groups.get(person);
      if (group === undefined || group.length > OPENINGS_LENGTH_MAX) {
        if (group !== undefined) close(person, group);
        group = { first: first + at, members: [], texts: [], length: 0 };
        groups.set(person, group);
      }
      group.members.push((first + at) % TILE_WIDTH);
      group.texts.push(bytes.slice(textAt, length));
      group.length += length;
    }
  });
  for (const [person, group] of groups) close(person, group);
  return planned;
}

function piecesOf(nodes: readonly TileNode[]): PlannedTile[] {
  const open = new Map<number, PlannedTile>();
  const pieces: PlannedTile[] = [];
  for (const { level, index, hash } of nodes) {
    let piece = open.get(level);
    if (piece === undefined || index % TILE_WIDTH === 0) {
      piece = { level, first: index, hashes: [] };
      open.set(level, piece);
      pieces.push(piece);
    }
    piece.hashes.push(hash);
  }
  return pieces;
}
