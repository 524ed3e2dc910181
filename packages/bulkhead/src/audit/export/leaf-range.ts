/** Which leaves of a log an export of some time must hold: from the first to the last event of that time. */

import { moment } from '../../kernel/moment.ts';
import type { Query } from '../open/event-opener.ts';
import { BLOCK_LEAVES } from '../search/block.ts';
import { loadBlock } from '../search/load-leaves.ts';

export interface LeafRange {
  readonly first: number;
  /** Behind the last. */
  readonly end: number;
}

export interface TimeRange {
  /** RFC 3339 in UTC with milliseconds, as in leaves. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/**
 * The smallest range of leaves that holds every event of that time among the first `size`; both ends are
 * looked up in the leaves themselves, the index only says where to look. Empty when there is none.
 */
export async function leavesOfTime(
  query: Query,
  log: { readonly tenant: string; readonly class: string },
  size: number,
  time: TimeRange,
): Promise<LeafRange> {
  if (time.from === undefined && time.to === undefined) return { first: 0, end: size };
  const blocks = await blocksOfTime(query, log, size, time);
  const first = await firstOf(query, log, size, time, blocks);
  if (first === undefined) return { first: size, end: size };
  const last = await firstOf(query, log, size, time, blocks.toReversed(), true);
  return { first, end: (last ?? first) + 1 };
}

async function firstOf(
  query: Query,
  log: { readonly tenant: string; readonly class: string },
  size: number,
  { from, to }: TimeRange,
  blocks: readonly number[],
  backwards = false,
): Promise<number | undefined> {
  for (const block of blocks) {
    const leaves = await loadBlock(query, log.tenant, { class: log.class, block }, size);
    const inTime = leaves.filter(
      ({ time }) => (from === undefined || time >= from) && (to === undefined || time < to),
    );
    const found = backwards ? inTime.at(-1) : inTime[0];
    if (found !== undefined) return found.leafIndex;
  }
  return undefined;
}

/** In order: those that may hold such an event, by the index, and those that it does not know. */
async function blocksOfTime(
  query: Query,
  log: { readonly tenant: string; readonly class: string },
  size: number,
  { from, to }: TimeRange,
): Promise<number[]> {
  const { rows } = await query(
    `select block, ${moment('at_min')} as earliest, ${moment('at_max')} as latest
       from bulkhead.audit_search_block where tenant_id = $1 and class = $2`,
    [log.tenant, log.class],
  );
  const known = new Map(
    rows.map((row) => [
      Number(row.block),
      { earliest: String(row.earliest), latest: String(row.latest) },
    ]),
  );
  const blocks = Array.from({ length: Math.ceil(size / BLOCK_LEAVES) }, (_, block) => block);
  return blocks.filter((block) => {
    const times = known.get(block);
    if (times === undefined) return true;
    return (
      (from === undefined || times.latest >= from) && (to === undefined || times.earliest < to)
    );
  });
}
