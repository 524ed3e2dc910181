/** Reads the leaves of blocks: all of a block, or those at which the index says that something stands. */
import { parseBundle } from 'bulkhead-verify';
import { bytesOf, integersOf } from '../../kernel/row-values.ts';
import { auditError } from '../errors.ts';
import { type Outcome, outcomes } from '../event.ts';
import { expectLeaf } from '../leaf.ts';
import type { PlacedLeaf, Query } from '../open/event-opener.ts';
import { BLOCK_LEAVES, sliceOf } from './block.ts';
import type { Candidate, TokenGroup } from './candidates.ts';
import { positionsOf } from './postings.ts';

/** A leaf as it stands in the log: most of those that are read are only looked at for their time. */
export interface RawLeaf {
  readonly class: string;
  readonly leafIndex: number;
  /** When it happened. */
  readonly time: string;
  readonly bytes: Uint8Array;
}

const TIME_KEY = ',"time":"';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"$/;
const TIME_LENGTH = 25;

function rawLeaf(bytes: Uint8Array, of: string, leafIndex: number): RawLeaf {
  return { class: of, leafIndex, time: timeOf(bytes, of, leafIndex), bytes };
}

/**
 * In a leaf keys are sorted, and behind the time come texts alone, in which quotes are escaped: it is the last one.
 * What is written otherwise is parsed.
 */
function timeOf(bytes: Uint8Array, of: string, leafIndex: number): string {
  const leaf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = leaf.lastIndexOf(TIME_KEY, undefined, 'latin1') + TIME_KEY.length;
  const time = leaf.toString('latin1', at, at + TIME_LENGTH);
  return TIME.test(time) ? time.slice(0, -1) : expectLeaf(bytes, of, leafIndex).time;
}

const OUTCOME_KEY = ',"outcome":"';
const OUTCOMES: ReadonlySet<string> = new Set(outcomes);

/** Behind the outcome, too, come only texts, and lists of parties. */
export function outcomeIn({ class: of, leafIndex, bytes }: RawLeaf): Outcome {
  const leaf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = leaf.lastIndexOf(OUTCOME_KEY, undefined, 'latin1') + OUTCOME_KEY.length;
  const outcome = leaf.toString('latin1', at, leaf.indexOf('"', at, 'latin1'));
  if (OUTCOMES.has(outcome)) return outcome as Outcome;
  return expectLeaf(bytes, of, leafIndex).outcome;
}

/** Its JSON; only of use where all of it is ASCII. */
export const textOf = ({ bytes }: RawLeaf): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** @throws `audit.log_damaged` */
export function readRaw({ class: of, leafIndex, time, bytes }: RawLeaf): PlacedLeaf {
  const event = expectLeaf(bytes, of, leafIndex);
  if (event.time === time) return { class: of, leafIndex, event };
  throw auditError('audit.log_damaged', {
    message: `Leaf ${leafIndex} of the log ${of} is not as it is written.`,
  });
}

/** From so many hits in a block on, reading it whole is quicker than leaf by leaf. */
const HITS_MAX = 128;

export async function loadBlock(
  query: Query,
  tenant: string,
  { class: of, block }: Pick<Candidate, 'class' | 'block'>,
  size: number,
): Promise<RawLeaf[]> {
  const { rows } = await query(
    `select first, entries from bulkhead.audit_chunk
      where tenant_id = $1 and class = $2 and first >= $3 and first < $4 order by first`,
    [tenant, of, block * BLOCK_LEAVES, Math.min((block + 1) * BLOCK_LEAVES, size)],
  );
  return rows.flatMap(({ first, entries }) =>
    bundle(bytesOf(entries), of, Number(first)).flatMap((bytes, nth) => {
      const leafIndex = Number(first) + nth;
      if (leafIndex >= size) return [];
      return [rawLeaf(bytes, of, leafIndex)];
    }),
  );
}

function bundle(entries: Buffer, of: string, first: number): Uint8Array[] {
  try {
    return parseBundle(entries);
  } catch (cause) {
    throw auditError('audit.log_damaged', {
      message: `The chunk at leaf ${first} of the log ${of} cannot be read.`,
      cause,
    });
  }
}

/** The leaves of indexed blocks of one log that hold, by the index, a token of each group. */
export async function loadHits(
  query: Query,
  tenant: string,
  of: string,
  blocks: readonly number[],
  groups: readonly TokenGroup[],
  size: number,
): Promise<RawLeaf[]> {
  const hits = await findPositions(query, tenant, of, blocks, groups);
  const leaves: RawLeaf[] = [];
  const single: number[] = [];
  for (const block of blocks) {
    const positions = hits.get(block)?.positions;
    // Gone since it was listed (a person in it was erased), or hits without end: all of it is read.
    if (positions === undefined || positions.length > HITS_MAX) {
      const whole = await loadBlock(query, tenant, { class: of, block }, size);
      const wanted = positions && new Set(positions);
      leaves.push(
        ...whole.filter(({ leafIndex }) => wanted?.has(leafIndex % BLOCK_LEAVES) ?? true),
      );
    } else {
      single.push(...positions.map((position) => block * BLOCK_LEAVES + position));
    }
  }
  if (single.length === 0) return leaves;
  const slices = single.map((leafIndex) => {
    const ends = hits.get(Math.floor(leafIndex / BLOCK_LEAVES))?.ends ?? Buffer.alloc(0);
    return sliceOf(ends, leafIndex % BLOCK_LEAVES);
  });
  const { rows } = await query(
    `select i.leaf, substr(c.entries, i.start + 1, i.length) as entry
       from unnest($3::bigint[], $4::integer[], $5::integer[]) as i (leaf, start, length)
      cross join lateral (
        select k.first, k.count, k.entries from bulkhead.audit_chunk k
         where k.tenant_id = $1 and k.class = $2 and k.first <= i.leaf order by k.first desc limit 1) as c
      where i.leaf < c.first + c.count`,
    [tenant, of, single, slices.map(({ start }) => start), slices.map(({ length }) => length)],
  );
  for (const { leaf, entry } of rows) {
    leaves.push(rawLeaf(bytesOf(entry), of, Number(leaf)));
  }
  return leaves;
}

interface Hits {
  readonly positions: readonly number[];
  readonly ends: Buffer;
}

/** By block; none for a block that the index no longer has. */
async function findPositions(
  query: Query,
  tenant: string,
  of: string,
  blocks: readonly number[],
  groups: readonly TokenGroup[],
): Promise<Map<number, Hits>> {
  const parts = [...new Set(groups.flatMap((group) => group.map(({ part }) => part)))];
  // A block with the one word that is sought has a leaf to read; with several they may never meet in it.
  const isSingle = groups.length === 1 && parts.length === 1;
  const { rows } = await query(
    isSingle
      ? `select t.block, t.part, t.tokens, t.postings, b.ends
           from bulkhead.audit_search_term t
           join bulkhead.audit_search_block b on b.tenant_id = t.tenant_id and b.class = t.class and b.block = t.block
          where t.tenant_id = $1 and t.class = $2 and t.part = any ($3::smallint[]) and t.block = any ($4::bigint[])`
      : `select block, part, tokens, postings from bulkhead.audit_search_term
          where tenant_id = $1 and class = $2 and part = any ($3::smallint[]) and block = any ($4::bigint[])`,
    [tenant, of, parts, blocks],
  );
  const held = new Map(
    rows.map(({ block, part, tokens, postings }) => [
      `${block}/${part}`,
      { tokens: integersOf(tokens), postings: bytesOf(postings) },
    ]),
  );
  const found = new Map<number, Hits>();
  for (const block of blocks) {
    let positions: Set<number> | undefined;
    let gone = false;
    for (const group of groups) {
      const ofGroup = new Set<number>();
      let known = false;
      for (const { token, part } of group) {
        const row = held.get(`${block}/${part}`);
        known ||= row !== undefined;
        for (const position of row ? positionsOf(row, token) : []) ofGroup.add(position);
      }
      gone ||= !known;
      const before = positions;
      positions =
        before === undefined ? ofGroup : new Set([...before].filter((at) => ofGroup.has(at)));
    }
    if (gone || positions === undefined) continue;
    found.set(block, { positions: [...positions].sort((a, b) => a - b), ends: Buffer.alloc(0) });
  }
  if (!isSingle) return withEnds(query, tenant, of, found);
  for (const { block, ends } of rows) {
    const { positions } = found.get(Number(block)) ?? {};
    if (positions !== undefined) found.set(Number(block), { positions, ends: bytesOf(ends) });
  }
  return found;
}

/** Where the leaves of those blocks lie that have a hit: most have none when words rarely meet. */
async function withEnds(
  query: Query,
  tenant: string,
  of: string,
  found: Map<number, Hits>,
): Promise<Map<number, Hits>> {
  const hit = [...found]
    .filter(([, { positions }]) => positions.length > 0)
    .map(([block]) => block);
  if (hit.length === 0) return found;
  const { rows } = await query(
    'select block, ends from bulkhead.audit_search_block where tenant_id = $1 and class = $2 and block = any ($3::bigint[])',
    [tenant, of, hit],
  );
  const ends = new Map(rows.map((row) => [Number(row.block), bytesOf(row.ends)]));
  for (const block of hit) {
    const places = ends.get(block);
    const { positions } = found.get(block) ?? { positions: [] };
    if (places === undefined) found.delete(block);
    else found.set(block, { positions, ends: places });
  }
  return found;
}
