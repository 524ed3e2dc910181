/**
 * Works out what a batch of sealed events adds to its logs: pure but for the trees, which it moves on.
 *
 * Promises: leaves lie in their log in the order given; no chunk crosses a multiple of 256. Whoever plans a
 * batch and does not commit it must drop the trees that it was planned on.
 */
import { leafHash, TILE_WIDTH } from 'bulkhead-verify';
import type { TileNode } from '../log/tiled-tree.ts';
import type { LogHead } from './log-heads.ts';

/** What sealing made of one event. */
export interface SealedLeaf {
  readonly eventId: string;
  readonly leaf: Buffer;
  readonly openings: readonly { readonly subject: string; readonly sealed: Buffer }[];
}

export interface LogBatch {
  readonly head: LogHead;
  readonly leaves: readonly SealedLeaf[];
}

export interface PlannedChunk {
  readonly first: number;
  readonly leaves: readonly SealedLeaf[];
  readonly hashes: readonly Buffer[];
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

export function planLog({ head, leaves }: LogBatch): PlannedLog {
  const expected = head.tree.size;
  const chunks: PlannedChunk[] = [];
  const nodes: TileNode[] = [];
  for (let at = 0; at < leaves.length; ) {
    const first = expected + at;
    const room = TILE_WIDTH - (first % TILE_WIDTH);
    const mine = leaves.slice(at, at + room);
    const hashes = mine.map(({ leaf }) => leafHash(leaf));
    for (const hash of hashes) head.tree.append(hash, nodes);
    chunks.push({ first, leaves: mine, hashes });
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
