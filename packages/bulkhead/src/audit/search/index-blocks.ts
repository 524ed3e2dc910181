/**
 * The indexer: brings full blocks into the search index, some time after they were written, so that recording
 * never waits for it. What it has not come to is found all the same, only less quickly.
 *
 * Promises: any number of processes may index at once; a block is indexed once, whole or not at all, and never
 * with a value of somebody who was erased meanwhile.
 */
import { parseBundle } from 'bulkhead-verify';
import { bytesOf, isTrue, maybeBytes } from '../../kernel/row-values.ts';
import { readLeaf } from '../leaf.ts';
import {
  createEventOpener,
  type EventOpener,
  openingOf,
  type PlacedLeaf,
  pseudonymsOf,
  type Query,
  subjectOf,
} from '../open/event-opener.ts';
import { int2Array, int4Array } from '../sequencer/binary-array.ts';
import type { KeyWrapper } from '../vault/key-wrapper.ts';
import { indexPurpose, newIndexKey, searchKeyOf } from '../vault/tenant-vault.ts';
import { BLOCK_LEAVES, type BlockIndex, type IndexedLeaf, indexBlock } from './block.ts';

export interface IndexingOptions {
  /** At most so many blocks, then it returns. */
  readonly blocksMax?: number;
  readonly signal?: AbortSignal;
  readonly onBlock?: () => void;
}

/** Blocks asked for at once. */
const DUE_MAX = 16;

/**
 * Indexes what is due.
 *
 * @param query runs statements as the audit role
 * @returns how many blocks were indexed; fewer than `blocksMax` when nothing more was due.
 */
export async function indexSearchBlocks(
  query: Query,
  wrapper: KeyWrapper,
  options: IndexingOptions = {},
): Promise<number> {
  const blocksMax = options.blocksMax ?? DUE_MAX;
  const opener = createEventOpener(wrapper);
  const keys = new Map<string, Buffer>();
  const refused = new Set<string>();
  let indexed = 0;
  while (indexed < blocksMax && !options.signal?.aborted) {
    const { rows } = await query(
      'select tenant_id, class, block from bulkhead.audit_search_due($1)',
      [Math.min(DUE_MAX, blocksMax - indexed) + refused.size],
    );
    const due = rows
      .map((row) => ({
        tenant: String(row.tenant_id),
        class: String(row.class),
        block: Number(row.block),
      }))
      .filter((block) => !refused.has(nameOf(block)));
    if (due.length === 0) return indexed;
    for (const block of due) {
      if (options.signal?.aborted) return indexed;
      let key = keys.get(block.tenant);
      if (key === undefined) {
        key = await searchKeyFor(query, wrapper, block.tenant);
        keys.set(block.tenant, key);
      }
      if (await indexOne(query, opener, key, block)) indexed += 1;
      else refused.add(nameOf(block));
      options.onBlock?.();
    }
  }
  return indexed;
}

interface BlockName {
  readonly tenant: string;
  readonly class: string;
  readonly block: number;
}

const nameOf = ({ tenant, class: of, block }: BlockName): string => `${tenant}/${of}/${block}`;

/** False when another process was quicker, somebody was erased meanwhile, or the leaves cannot be read. */
async function indexOne(
  query: Query,
  opener: EventOpener,
  searchKey: Buffer,
  name: BlockName,
): Promise<boolean> {
  // Before anything personal is read: the write finds the same count, or does nothing.
  const { rows } = await query('select bulkhead.audit_erasures() as erasures', []);
  const leaves = await readBlock(query, opener, name);
  if (leaves === undefined) return false;
  return writeBlock(query, name, String(rows[0]?.erasures), indexBlock(leaves, searchKey));
}

/** The leaves of a full block, opened; undefined when it is not whole, which `verify` reports by name. */
async function readBlock(
  query: Query,
  opener: EventOpener,
  { tenant, class: of, block }: BlockName,
): Promise<IndexedLeaf[] | undefined> {
  const place = [tenant, of, block];
  const chunks = await query(
    'select first, entries from bulkhead.audit_search_leaves($1, $2, $3)',
    place,
  );
  const leaves: PlacedLeaf[] = [];
  const ends: number[] = [];
  for (const { entries } of chunks.rows) {
    let end = 0;
    for (const bytes of bundleOf(bytesOf(entries))) {
      const event = readLeaf(bytes);
      if (event === undefined) return undefined;
      const isFirst = end === 0;
      end += 2 + bytes.length;
      ends.push(isFirst ? -end : end);
      leaves.push({ class: of, leafIndex: block * BLOCK_LEAVES + leaves.length, event });
    }
  }
  if (leaves.length !== BLOCK_LEAVES) return undefined;
  const { rows } = await query(
    'select class, leaf_index, subject, members, sealed from bulkhead.audit_search_openings($1, $2, $3)',
    place,
  );
  const openings = rows.map(openingOf);
  const pseudonyms = pseudonymsOf(leaves, openings);
  const subjects = await query(
    'select pseudonym, sealed_ref, wrapped_key, erased_at from bulkhead.audit_search_subjects($1, $2)',
    [tenant, pseudonyms],
  );
  const events = opener.openWith(tenant, leaves, subjects.rows.map(subjectOf), openings);
  return events.map((event, position) => ({ event, end: ends[position] ?? 0 }));
}

function bundleOf(entries: Buffer): Uint8Array[] {
  try {
    return parseBundle(entries);
  } catch {
    return [];
  }
}

/** A tenant whose log has no person in it yet has no key either: then it is made here. */
async function searchKeyFor(query: Query, wrapper: KeyWrapper, tenant: string): Promise<Buffer> {
  await wrapper.prepare([tenant]);
  const purpose = indexPurpose(tenant);
  const known = await query('select bulkhead.audit_search_key($1) as wrapped', [tenant]);
  let wrapped = maybeBytes(known.rows[0]?.wrapped);
  if (wrapped === null) {
    const offered = wrapper.wrap(tenant, purpose, newIndexKey());
    const made = await query(
      'select wrapped from bulkhead.audit_vault_keys($1::uuid[], $2::bytea[])',
      [[tenant], [offered]],
    );
    wrapped = bytesOf(made.rows[0]?.wrapped);
  }
  return searchKeyOf(wrapper.unwrap(tenant, purpose, wrapped));
}

async function writeBlock(
  query: Query,
  { tenant, class: of, block }: BlockName,
  erasures: string,
  { atMin, atMax, ends, parts, digest }: BlockIndex,
): Promise<boolean> {
  const { rows } = await query(
    `select bulkhead.audit_search_write($1, $2, $3, $4, $5, $6, $7, $8,
       $9::smallint[], $10::integer[], $11::integer[], $12::integer[], $13) as written`,
    [
      tenant,
      of,
      block,
      erasures,
      atMin,
      atMax,
      ends,
      digest,
      int2Array(parts.map(({ part }) => part)),
      int4Array(parts.map(({ tokens }) => tokens.length)),
      int4Array(parts.flatMap(({ tokens }) => tokens)),
      int4Array(parts.map(({ postings }) => postings.length)),
      Buffer.concat(parts.map(({ postings }) => postings)),
    ],
  );
  return isTrue(rows[0]?.written);
}
