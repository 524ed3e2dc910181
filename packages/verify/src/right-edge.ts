/** The right edge of a tiled tree: its partial tiles, one a level at most, which together are the whole tree. */
import { CompactTree } from './compact-tree.ts';
import { hashAt } from './row.ts';
import { TILE_WIDTH } from './tile-path.ts';

export interface EdgeTile {
  readonly level: number;
  readonly n: number;
  readonly width: number;
}

/** The highest level first, and with it the leftmost part of the tree. */
export function rightEdge(size: number): EdgeTile[] {
  const tiles = [];
  for (let level = 0; size >= TILE_WIDTH ** level; level++) {
    const width = edgeWidth(size, level);
    if (width > 0) tiles.unshift({ level, n: Math.floor(size / TILE_WIDTH ** (level + 1)), width });
  }
  return tiles;
}

/** C2SP tlog-tiles, "Partial Tiles". */
export function edgeWidth(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH;
}

/** The root of a tree, from the hashes on its right edge by level; nothing when a level is missing. */
export function rootOfEdge(
  size: number,
  hashesByLevel: ReadonlyMap<number, Buffer>,
): Uint8Array | undefined {
  const tree = new CompactTree();
  for (const { level, width } of rightEdge(size)) {
    const hashes = hashesByLevel.get(level);
    if (hashes === undefined) return undefined;
    for (let at = 0; at < width; at++) tree.append(hashAt(hashes, at), 8 * level);
  }
  return tree.root();
}
