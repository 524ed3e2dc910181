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
 *
 * Row-level security is asked once for each table named, and lets a condition into an index only where it cannot tell
 * of other rows: hence a table is named as seldom as it can be, and the checkpoint's size is known before it is sought.
 */
const READ_PROOF = `
  with placed as materialized (
    select e.class, e.leaf_index, coalesce($3::bigint, (
             select max(m.size) from bulkhead.audit_checkpoint m
              where m.tenant_id = e.tenant_id and m.class = e.class)) as size
      from bulkhead.audit_event e
     where e.tenant_id = $1 and e.id = $2),
  found as materialized (
    select p.class, p.leaf_index, p.size, k.root, k.frontier, k.note
      from placed p
      join bulkhead.audit_checkpoint k on k.tenant_id = $1 and k.class = p.class and k.size = p.size
     where p.size > p.leaf_index)
  select f.class, f.leaf_index, f.size, f.root, f.frontier, f.note, t.level, t.start, t.hashes, t.entry
    from found f
   cross join lateral (
     select 0 as level, f.leaf_index >> 8 << 8 as start, string_agg(k.hashes, '' order by k.first) as hashes,
            string_agg(bulkhead.audit_leaf(k.entries, (f.leaf_index - k.first)::integer), '')
              filter (where f.leaf_index between k.first and k.first + k.count - 1) as entry
       from bulkhead.audit_chunk k
      where k.tenant_id = $1 and k.class = f.class
        and k.first between f.leaf_index >> 8 << 8 and (f.leaf_index >> 8 << 8) + ${TILE_WIDTH - 1}
     union all
     select g.level, g.start, h.hashes, null
       from (select n as level, f.leaf_index >> (8 * n + 8) << 8 as start
               from generate_series(1, 6) as n
              where (f.leaf_index # f.size) >> (8 * n) > 1) as g
      cross join lateral (
        select string_agg(k.hashes, '' order by k.first) as hashes from bulkhead.audit_tile k
         where k.tenant_id = $1 and k.class = f.class and k.level = g.level
           and k.first between g.start and g.start + ${TILE_WIDTH - 1}) as h) as t`;

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
  const row = rows.find(({ entry }) => entry !== null);
  if (row === undefined) throw auditError('audit.leaf_absent');
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
