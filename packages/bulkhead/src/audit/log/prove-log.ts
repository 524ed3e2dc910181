/**
 * Proofs that a log's tables give to whoever may read it: that an event is in the tree of a signed checkpoint,
 * and that one checkpoint continues another (RFC 6962).
 */
import {
  consistencyPlan,
  consistencyProof,
  type HashAt,
  inclusionPlan,
  inclusionProof,
  subtreesOf,
  TILE_WIDTH,
} from 'bulkhead-verify';
import { auditError } from '../errors.ts';
import type { LogName } from './log-name.ts';
import { type LogQueryable, readSubtrees, subtreesIn, tilesOf } from './tree-reader.ts';

const HASH_BYTES = 32;

/** The JSON form of an inclusion proof; hashes and the entry in base64. */
export interface InclusionProof {
  readonly leafIndex: number;
  readonly treeSize: number;
  readonly hashes: readonly string[];
  readonly leafHash: string;
  readonly rootHash: string;
  /** The leaf itself, so that the proof says of what it is one. */
  readonly entry: string;
}

export interface ProvenInclusion {
  readonly proof: InclusionProof;
  /** The signed note of the checkpoint that it leads to. */
  readonly checkpoint: string;
  readonly log: LogName;
}

/** The JSON form of a consistency proof. */
export interface ConsistencyProof {
  readonly oldSize: number;
  readonly newSize: number;
  readonly hashes: readonly string[];
  readonly oldRoot: string;
  readonly newRoot: string;
}

/**
 * All that a proof is made of, in one statement: the event's place, its checkpoint with the roots of the perfect
 * subtrees that the tree consists of, the leaf, and within the subtree that the leaf lies in, which is as high as the
 * topmost bit in which its index and the tree's size differ, of each level the tile on its way up.
 */
const READ_PROOF = `
  with found as materialized (
    select e.class, e.leaf_index, c.size, c.root, c.frontier, c.note
      from bulkhead.audit_event e
     cross join lateral (
       select k.size, k.root, k.frontier, k.note from bulkhead.audit_checkpoint k
        where k.tenant_id = e.tenant_id and k.class = e.class
          -- By its whole key: a range would be sorted, and a log has a checkpoint for each second in which it grew.
          and k.size = coalesce($3::bigint, (
            select max(m.size) from bulkhead.audit_checkpoint m
             where m.tenant_id = e.tenant_id and m.class = e.class))
        limit 1) as c
     where e.tenant_id = $1 and e.id = $2 and c.size > e.leaf_index)
  select f.class, f.leaf_index, f.size, f.root, f.frontier, f.note, l.entry, t.level, t.start, h.hashes
    from found f
   cross join lateral (
     select bulkhead.audit_leaf(k.entries, (f.leaf_index - k.first)::integer) as entry
       from bulkhead.audit_chunk k
      where k.tenant_id = $1 and k.class = f.class and k.first <= f.leaf_index
      order by k.first desc limit 1) as l
    left join lateral (
     select g.level, (f.leaf_index >> (8 * g.level + 8)) << 8 as start
       from generate_series(0, 6) as g (level)
      where (f.leaf_index # f.size) >> (8 * g.level) > 1) as t on true
    left join lateral (
     select string_agg(p.hashes, '' order by p.first) as hashes
       from (
         select k.first, k.hashes from bulkhead.audit_chunk k
          where t.level = 0 and k.tenant_id = $1 and k.class = f.class
            and k.first between t.start and t.start + ${TILE_WIDTH - 1}
         union all
         select k.first, k.hashes from bulkhead.audit_tile k
          where t.level > 0 and k.tenant_id = $1 and k.class = f.class and k.level = t.level
            and k.first between t.start and t.start + ${TILE_WIDTH - 1}) as p) as h on true`;

/**
 * Proves that an event is in its log, by the latest checkpoint or the one of `treeSize`.
 *
 * @throws `audit.leaf_absent` when no checkpoint covers it yet, or there is no such event.
 */
export async function proveInclusion(
  db: LogQueryable,
  event: { readonly tenant: string; readonly id: string; readonly treeSize?: number },
): Promise<ProvenInclusion> {
  const { rows } = await db.query(READ_PROOF, [event.tenant, event.id, event.treeSize ?? null]);
  const [row] = rows;
  if (row === undefined || row.entry === null) throw auditError('audit.leaf_absent');
  const log = { tenant: event.tenant, class: String(row.class) };
  const leafIndex = Number(row.leaf_index);
  const treeSize = Number(row.size);
  const edge = edgeOf(treeSize, row.frontier as Buffer);
  const within = [{ height: 0, index: leafIndex }, ...inclusionPlan(leafIndex, treeSize).flat()];
  const inTiles = subtreesIn(
    tilesOf(rows),
    within.filter(({ height, index }) => !edge.has(`${height}/${index}`)),
  );
  const hashAt: HashAt = (height, index) =>
    edge.get(`${height}/${index}`) ?? inTiles(height, index);
  return {
    log,
    checkpoint: String(row.note),
    proof: {
      leafIndex,
      treeSize,
      hashes: inclusionProof(hashAt, leafIndex, treeSize).map(base64),
      leafHash: base64(hashAt(0, leafIndex)),
      rootHash: base64(row.root as Buffer),
      entry: base64(row.entry as Buffer),
    },
  };
}

/** The roots of the perfect subtrees of a tree, which its checkpoint holds, the largest first. */
function edgeOf(size: number, frontier: Buffer): Map<string, Buffer> {
  const subtrees = subtreesOf(0, size);
  if (frontier.length !== HASH_BYTES * subtrees.length) throw auditError('audit.leaf_absent');
  return new Map(
    subtrees.map(({ height, index }, at) => [
      `${height}/${index}`,
      frontier.subarray(HASH_BYTES * at, HASH_BYTES * (at + 1)),
    ]),
  );
}

/**
 * Proves that the checkpoint of `newSize` continues the one of `oldSize`.
 *
 * @throws `audit.leaf_absent` when there is no checkpoint of one of the sizes.
 */
export async function proveConsistency(
  db: LogQueryable,
  log: LogName,
  oldSize: number,
  newSize: number,
): Promise<ConsistencyProof> {
  const { rows } = await db.query(
    `select size, root from bulkhead.audit_checkpoint
      where tenant_id = $1 and class = $2 and size in ($3, $4)`,
    [log.tenant, log.class, oldSize, newSize],
  );
  const rootOf = (size: number): Buffer => {
    const row = rows.find((candidate) => Number(candidate.size) === size);
    if (row === undefined) throw auditError('audit.leaf_absent');
    return row.root as Buffer;
  };
  const oldRoot = rootOf(oldSize);
  const newRoot = rootOf(newSize);
  const plan = consistencyPlan(oldSize, newSize);
  const hashAt = await readSubtrees(db, log, plan.flat());
  return {
    oldSize,
    newSize,
    hashes: consistencyProof(hashAt, oldSize, newSize).map(base64),
    oldRoot: base64(oldRoot),
    newRoot: base64(newRoot),
  };
}

const base64 = (hash: Uint8Array): string => Buffer.from(hash).toString('base64');
