/**
 * When what a filter asks for happened and how it ended, without who and what: enough to count and to draw.
 *
 * Promises: nothing personal is opened for what the index knows, so it takes a fraction of a search. Where two words
 * share a token of the index (once in some thousand blocks) an event may be counted that a search would not show.
 */
import type { Outcome } from '../event.ts';
import { readSizes } from './candidates.ts';
import { readFilter, type SearchFilter } from './filter.ts';
import { findPending } from './find-events.ts';
import { outcomeIn } from './load-leaves.ts';
import type { SearchIn } from './search-events.ts';

export interface TallyOptions extends SearchFilter {
  /** The newest so many; 20,000 at most, and unless given. */
  readonly atMost?: number | undefined;
}

export interface Tally {
  /** The newest first. */
  readonly moments: readonly { readonly time: string; readonly outcome: Outcome }[];
  /** False where there are older ones too. */
  readonly complete: boolean;
}

const AT_MOST = 20_000;
/** What may be read of the log, in leaves. */
const LEAVES_MAX = 200_000;

/** @throws `audit.filter_invalid`, `audit.log_damaged` */
export async function tallyEvents(
  { query, opener, tenant }: Omit<SearchIn, 'cursorKey'>,
  { atMost = AT_MOST, ...filter }: TallyOptions,
): Promise<Tally> {
  const sought = readFilter(filter);
  const sizes = await readSizes(query, tenant, sought.class);
  const most = Math.max(1, Math.min(atMost, AT_MOST));
  const found = findPending({
    query,
    opener,
    tenant,
    sought,
    sizes,
    order: 'newest',
    atMost: most,
    mayReadOn: (leavesRead) => leavesRead < LEAVES_MAX,
  });
  const moments: Tally['moments'][number][] = [];
  for (;;) {
    const step = await found.next();
    if (step.done) return { moments, complete: step.value === undefined };
    for (const { leaf } of step.value) {
      if (moments.length === most) {
        await found.return(undefined);
        return { moments, complete: false };
      }
      moments.push({ time: leaf.time, outcome: outcomeIn(leaf) });
    }
  }
}
