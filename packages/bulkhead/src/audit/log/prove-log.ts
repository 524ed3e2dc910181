/**
 * Proofs that a log's tables give to whoever may read it: that an event is in the tree of a signed checkpoint,
 * and that one checkpoint continues another (RFC 6962).
 */
import {
  consistencyPlan,
  consistencyProof,
  inclusionPlan,
  inclusionProof,
  parseBundle,
} from 'bulkhead-verify';
import { auditError } from '../errors.ts';
import type { LogName } from './log-name.ts';
import { type LogQueryable, readSubtrees } from './tree-reader.ts';

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

const FIND_EVENT = `
  select e.class, e.leaf_index, c.size, c.root, c.note
    from bulkhead.audit_event e
   cross join lateral (
     select k.size, k.root, k.note from bulkhead.audit_checkpoint k
      where k.tenant_id = e.tenant_id and k.class = e.class and k.size > e.leaf_index
        and ($3::bigint is null or k.size = $3)
      order by k.size desc limit 1) as c
   where e.tenant_id = $1 and e.id = $2`;

const READ_ENTRY = `
  select c.first, c.count, c.entries from bulkhead.audit_chunk c
   where c.tenant_id = $1 and c.class = $2 and c.first <= $3
   order by c.first desc limit 1`;

async function readEntry(db: LogQueryable, log: LogName, leafIndex: number): Promise<Uint8Array> {
  const { rows } = await db.query(READ_ENTRY, [log.tenant, log.class, leafIndex]);
  const [row] = rows;
  const entries = row === undefined ? [] : parseBundle(row.entries as Buffer, Number(row.count));
  const entry = entries[leafIndex - Number(row?.first)];
  if (entry === undefined) throw auditError('audit.leaf_absent');
  return entry;
}

/**
 * Proves that an event is in its log, by the latest checkpoint or the one of `treeSize`.
 *
 * @throws `audit.leaf_absent` when no checkpoint covers it yet, or there is no such event.
 */
export async function proveInclusion(
  db: LogQueryable,
  event: { readonly tenant: string; readonly id: string; readonly treeSize?: number },
): Promise<ProvenInclusion> {
  const { rows } = await db.query(FIND_EVENT, [event.tenant, event.id, event.treeSize ?? null]);
  const [row] = rows;
  if (row === undefined) throw auditError('audit.leaf_absent');
  const log = { tenant: event.tenant, class: String(row.class) };
  const leafIndex = Number(row.leaf_index);
  const treeSize = Number(row.size);
  const plan = inclusionPlan(leafIndex, treeSize);
  const leaf = { height: 0, index: leafIndex };
  const [hashAt, entry] = await Promise.all([
    readSubtrees(db, log, [leaf, ...plan.flat()]),
    readEntry(db, log, leafIndex),
  ]);
  return {
    log,
    checkpoint: String(row.note),
    proof: {
      leafIndex,
      treeSize,
      hashes: inclusionProof(hashAt, leafIndex, treeSize).map(base64),
      leafHash: base64(hashAt(0, leafIndex)),
      rootHash: base64(row.root as Buffer),
      entry: base64(entry),
    },
  };
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
