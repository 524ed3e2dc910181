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

/** Hashes of one level of a log, one after the other. */
export async function readHashes(
  db: LogQueryable,
  log: LogName,
  ranges: readonly Range[],
): Promise<Buffer[]> {
  if (ranges.length === 0) return [];
  const { rows } = await db.query(READ, [
    log.tenant,
    log.class,
    int2Array(ranges.map(({ level }) => level)),
    // A piece may begin before the range, but not before its tile.
    int8Array(ranges.map(({ first }) => first - (first % TILE_WIDTH))),
    int8Array(ranges.map(({ end }) => end - 1)),
  ]);
  return ranges.map(({ first, end }, at) => {
    const mine = rows.filter(({ ordinal }) => Number(ordinal) === at + 1);
    const hashes = Buffer.concat(mine.map((row) => row.hashes as Buffer));
    const begin = (first % TILE_WIDTH) * HASH_BYTES;
    const length = (end - first) * HASH_BYTES;
    if (hashes.length < begin + length) throw auditError('audit.leaf_absent');
    return hashes.subarray(begin, begin + length);
  });
}

/** Reads the roots of these subtrees; the function that is returned gives each. */
export async function readSubtrees(
  db: LogQueryable,
  log: LogName,
  subtrees: readonly Subtree[],
): Promise<HashAt> {
  const ranges = subtrees.map(({ height, index }) => {
    const level = Math.floor(height / TILE_HEIGHT);
    const width = 2 ** (height % TILE_HEIGHT);
    return { level, first: index * width, end: (index + 1) * width };
  });
  const read = await readHashes(db, log, ranges);
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
