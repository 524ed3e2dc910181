/**
 * Walks a log from its first leaf to its last, hashing every entry and building the tree anew: what the tables
 * say of hashes, tiles, frontier and look-up is held against it on the way.
 *
 * Promises: one pass, bounded memory. It goes on behind what is wrong wherever it can, so that one run names
 * everything that was tampered with.
 */
import { CompactTree, leafHash, parseBundle, TILE_WIDTH } from 'bulkhead-verify';
import { moment } from '../../kernel/moment.ts';
import type { SealedEvent } from '../event.ts';
import { readLeaf } from '../leaf.ts';
import type { LogName } from '../log/log-name.ts';
import { TiledTree, type TileNode } from '../log/tiled-tree.ts';
import type { Query } from '../open/event-opener.ts';
import type { Findings } from './findings.ts';

export interface WalkedLeaf {
  readonly leafIndex: number;
  readonly event: SealedEvent | undefined;
  /** Where it ends in its chunk's entries; below zero for a chunk's first. */
  readonly end: number;
}

export interface Walk {
  readonly query: Query;
  readonly log: LogName;
  readonly findings: Findings;
  /** Sizes of which the root is wanted. */
  readonly rootsAt: ReadonlySet<number>;
  /** Given whole blocks, the last one perhaps short. */
  readonly onBlock: (block: number, leaves: readonly WalkedLeaf[]) => Promise<void>;
  readonly onProgress?: ((leaves: number) => void) | undefined;
}

export interface Walked {
  readonly size: number;
  readonly frontier: Buffer;
  rootAt(size: number): Uint8Array | undefined;
}

const BLOCK_LEAVES = 1024;
/** Chunks that lie further out, where numbers are no longer exact, are told of as laid over others. */
const FIRST_MAX = 2 ** 52;
/** How far an event's own time may be ahead of when it was appended; see `leaf-text.ts`. */
const AHEAD_MS_MAX = 5 * 60_000 + 1000;

export async function walkLeaves(walk: Walk): Promise<Walked> {
  const { query, log, findings, rootsAt } = walk;
  const tree = new CompactTree();
  const tiled = new TiledTree(0, Buffer.of());
  const roots = new Map<number, Uint8Array>();
  const nodes: TileNode[] = [];
  let block: WalkedLeaf[] = [];
  let next = 0;
  for (;;) {
    const { rows } = await query(
      `select first, count, entries, hashes, ${moment('sequenced_at')} as sequenced from bulkhead.audit_chunk
        where tenant_id = $1 and class = $2 and first between $3 and ${FIRST_MAX} order by first limit 16`,
      [log.tenant, log.class, next],
    );
    if (rows.length === 0) break;
    for (const row of rows) {
      const first = Number(row.first);
      if (first > next) {
        findings.fail('leaf.missing', `leaves ${next} to ${first - 1} are not there`);
      }
      const entries = entriesOf(row.entries as Buffer);
      const hashes = row.hashes as Buffer;
      if (entries === undefined || entries.length !== Number(row.count)) {
        findings.fail('leaf.unreadable', `the chunk at leaf ${first} does not hold what it counts`);
      }
      let end = 0;
      for (const [nth, bytes] of (entries ?? []).entries()) {
        const leafIndex = first + nth;
        if (leafIndex < next) continue;
        const hash = leafHash(bytes);
        if (!hash.equals(hashes.subarray(32 * nth, 32 * nth + 32))) {
          findings.fail('leaf.changed', `leaf ${leafIndex} is not the one that was hashed`);
        }
        tree.append(hash);
        tiled.append(hash, nodes);
        const event = readLeaf(bytes);
        holdLeaf(findings, log, leafIndex, event, String(row.sequenced));
        const isFirst = end === 0;
        end += 2 + bytes.length;
        block.push({ leafIndex, event, end: isFirst ? -end : end });
        next = leafIndex + 1;
        if (rootsAt.has(tree.size)) roots.set(tree.size, tree.root());
        if (next % BLOCK_LEAVES === 0) {
          await walk.onBlock(next / BLOCK_LEAVES - 1, block);
          walk.onProgress?.(block.length);
          block = [];
          await holdTiles(query, log, findings, nodes.splice(0));
        }
      }
      // Past a chunk that cannot be read, so that the walk ends.
      next = Math.max(next, first + 1);
    }
  }
  if (block.length > 0) await walk.onBlock(Math.floor(next / BLOCK_LEAVES), block);
  walk.onProgress?.(block.length);
  await holdTiles(query, log, findings, nodes.splice(0));
  await holdNoOverlap(query, log, findings, tree.size);
  return {
    size: tree.size,
    frontier: tiled.frontier(),
    rootAt: (size) => roots.get(size),
  };
}

function entriesOf(bytes: Buffer): Uint8Array[] | undefined {
  try {
    return parseBundle(bytes);
  } catch {
    return undefined;
  }
}

function holdLeaf(
  findings: Findings,
  log: LogName,
  leafIndex: number,
  event: SealedEvent | undefined,
  sequenced: string,
): void {
  if (event === undefined) {
    findings.fail('leaf.unreadable', `leaf ${leafIndex} is not an event`);
    return;
  }
  if (event.tenant !== log.tenant) {
    findings.fail('leaf.tenant', `leaf ${leafIndex} is of tenant ${event.tenant}`);
  }
  const ahead = Date.parse(event.time) - Date.parse(sequenced);
  if (!(ahead <= AHEAD_MS_MAX) || !(Date.parse(event.recorded) <= Date.parse(sequenced) + 1000)) {
    findings.fail('leaf.time', `leaf ${leafIndex} says it is later than it was appended`);
  }
}

/** Nodes of the tree above the leaves, against the pieces of tiles that hold them. */
async function holdTiles(
  query: Query,
  log: LogName,
  findings: Findings,
  nodes: readonly TileNode[],
): Promise<void> {
  if (nodes.length === 0) return;
  const { rows } = await query(
    `select n.level, n.index, substr(t.hashes, (32 * (n.index - t.first))::integer + 1, 32) as hash
       from unnest($3::smallint[], $4::bigint[]) as n (level, index)
       left join lateral (
         select k.first, k.hashes from bulkhead.audit_tile k
          where k.tenant_id = $1 and k.class = $2 and k.level = n.level and k.first <= n.index
            and k.first + k.count > n.index
          order by k.first desc limit 1) as t on true`,
    [log.tenant, log.class, nodes.map(({ level }) => level), nodes.map(({ index }) => index)],
  );
  const held = new Map(rows.map((row) => [`${row.level}/${row.index}`, row.hash as Buffer | null]));
  for (const { level, index, hash } of nodes) {
    const at = held.get(`${level}/${index}`) ?? undefined;
    const place = `node ${index} of level ${level}, over leaves ${index * TILE_WIDTH ** level} to ${(index + 1) * TILE_WIDTH ** level - 1}`;
    if (at === undefined) findings.fail('tile.missing', place);
    else if (!at.equals(hash)) findings.fail('tile.changed', place);
  }
}

/** Chunks that begin inside of others, and tiles beyond the leaves. */
async function holdNoOverlap(
  query: Query,
  log: LogName,
  findings: Findings,
  size: number,
): Promise<void> {
  const { rows } = await query(
    `select sum(count) as leaves from bulkhead.audit_chunk where tenant_id = $1 and class = $2`,
    [log.tenant, log.class],
  );
  const leaves = Number(rows[0]?.leaves ?? 0);
  if (leaves > size) {
    findings.fail('leaf.overlap', `there are ${leaves} entries in a log of ${size}`);
  }
  const beyond = await query(
    `select level, first from bulkhead.audit_tile
      where tenant_id = $1 and class = $2 and (first::numeric + count) * power(256::numeric, level) > $3 limit 10`,
    [log.tenant, log.class, size],
  );
  for (const { level, first } of beyond.rows) {
    findings.fail('tile.surplus', `nodes from ${first} on of level ${level} are over no leaves`);
  }
}
