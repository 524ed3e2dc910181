/**
 * Reads nodes of a log's tree out of the tables: leaf hashes from the chunks, the levels above from the tiles.
 *
 * Promises: a handful of tiles for any proof, in one round trip, however large the log is. Does not promise
 * that what it reads is true: whoever verifies finds that out.
 */
import { type HashAt, perfectRoot, type Subtree, TILE_WIDTH } from 'bulkhead-verify';
import { auditError } from '../errors.ts';
import { int2Array, int8Array } from '../sequencer/binary-array.ts';
import type { LogName } from './log-name.ts';

/** Runs a statement as a role that may read the log. */
export interface LogQueryable {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

const HASH_BYTES = 32;
/** A tile is 256 nodes wide, eight levels of the tree. */
const TILE_HEIGHT = 8;

/** Nodes of one level, from `first` up to, not with, `end`; never across a multiple of 256. */
interface Range {
  readonly level: number;
  readonly first: number;
  readonly end: number;
}

const READ = `
  select t.n::integer as ordinal, c.first, c.hashes
    from unnest($3::smallint[], $4::bigint[], $5::bigint[]) with ordinality as t (level, first, last, n)
   cross join lateral (
     select k.first, k.hashes from bulkhead.audit_chunk k
      where t.level = 0 and k.tenant_id = $1 and k.class = $2 and k.first between t.first and t.last
     union all
     select k.first, k.hashes from bulkhead.audit_tile k
      where t.level > 0 and k.tenant_id = $1 and k.class = $2 and k.level = t.level and k.first between t.first and t.last
   ) as c
   order by t.n, c.first`;

/** Hashes of one level of a log, one after the other; each tile is read once, however many ranges lie in it. */
export async function readHashes(
  db: LogQueryable,
  log: LogName,
  ranges: readonly Range[],
): Promise<Buffer[]> {
  if (ranges.length === 0) return [];
  const ends = new Map<string, { level: number; start: number; end: number }>();
  for (const range of ranges) {
    const start = startOfTile(range);
    const tile = ends.get(tileKey(range));
    if (tile === undefined) ends.set(tileKey(range), { level: range.level, start, end: range.end });
    else tile.end = Math.max(tile.end, range.end);
  }
  const wanted = [...ends.values()];
  const { rows } = await db.query(READ, [
    log.tenant,
    log.class,
    int2Array(wanted.map(({ level }) => level)),
    int8Array(wanted.map(({ start }) => start)),
    int8Array(wanted.map(({ end }) => end - 1)),
  ]);
  const pieces = new Map<string, Buffer[]>([...ends.keys()].map((key) => [key, []]));
  const keys = [...ends.keys()];
  for (const { ordinal, hashes } of rows) {
    pieces.get(keys[Number(ordinal) - 1] ?? '')?.push(hashes as Buffer);
  }
  const tiles = new Map([...pieces].map(([key, found]) => [key, Buffer.concat(found)]));
  return cut(tiles, ranges);
}

/** Tiles by `tileKey`, from their beginning on; they may end early. */
export type Tiles = ReadonlyMap<string, Buffer>;

function cut(tiles: Tiles, ranges: readonly Range[]): Buffer[] {
  return ranges.map((range) => {
    const hashes = tiles.get(tileKey(range)) ?? Buffer.of();
    const begin = (range.first % TILE_WIDTH) * HASH_BYTES;
    const length = (range.end - range.first) * HASH_BYTES;
    if (hashes.length < begin + length) throw auditError('audit.leaf_absent');
    return hashes.subarray(begin, begin + length);
  });
}

const startOfTile = ({ first }: Range): number => first - (first % TILE_WIDTH);
const keyOfTile = (level: number, start: number): string => `${level}/${start}`;
const tileKey = (range: Range): string => keyOfTile(range.level, startOfTile(range));

/** Reads the roots of these subtrees; the function that is returned gives each. */
export async function readSubtrees(
  db: LogQueryable,
  log: LogName,
  subtrees: readonly Subtree[],
): Promise<HashAt> {
  return rootsOf(subtrees, await readHashes(db, log, subtrees.map(rangeOf)));
}

/**
 * The roots of these subtrees out of tiles that were read.
 *
 * @throws `audit.leaf_absent` when a tile is missing or ends early
 */
export function subtreesIn(tiles: Tiles, subtrees: readonly Subtree[]): HashAt {
  return rootsOf(subtrees, cut(tiles, subtrees.map(rangeOf)));
}

/** Rows with a tile's level, its first node and its hashes. */
export function tilesOf(rows: readonly Record<string, unknown>[]): Tiles {
  return new Map(
    rows
      .filter(({ hashes }) => hashes !== null)
      .map(({ level, start, hashes }) => [
        keyOfTile(Number(level), Number(start)),
        hashes as Buffer,
      ]),
  );
}

function rangeOf({ height, index }: Subtree): Range {
  const level = Math.floor(height / TILE_HEIGHT);
  const width = 2 ** (height % TILE_HEIGHT);
  return { level, first: index * width, end: (index + 1) * width };
}

/** @param read the hashes that each subtree is over */
function rootsOf(subtrees: readonly Subtree[], read: readonly Buffer[]): HashAt {
  const roots = new Map(
    subtrees.map(({ height, index }, at) => [
      `${height}/${index}`,
      perfectRoot(read[at] ?? Buffer.of(), 2 ** (height % TILE_HEIGHT)),
    ]),
  );
  return (height, index) => {
    const root = roots.get(`${height}/${index}`);
    if (root === undefined) throw new RangeError('a subtree was not asked for');
    return root;
  };
}

/** A tile as C2SP tlog-tiles has it: `width` hashes of one level from 256 × `n` on. */
export async function readTile(
  db: LogQueryable,
  log: LogName,
  tile: { readonly level: number; readonly n: number; readonly width: number },
): Promise<Buffer> {
  const first = tile.n * TILE_WIDTH;
  const [hashes = Buffer.of()] = await readHashes(db, log, [
    { level: tile.level, first, end: first + tile.width },
  ]);
  return hashes;
}
