/** A page of events: what `bulkhead.audit.search` and the command line give. */
import { auditError } from '../errors.ts';
import type { AuditEvent } from '../event.ts';
import type { EventOpener, Query } from '../open/event-opener.ts';
import { blockOf } from './block.ts';
import { type LogSize, readSizes } from './candidates.ts';
import { type Position, readCursor, writeCursor } from './cursor.ts';
import { readFilter, type SearchFilter } from './filter.ts';
import { findEvents } from './find-events.ts';

export interface SearchOptions extends SearchFilter {
  /** How many events; 50 unless given, 500 at most. */
  readonly limit?: number | undefined;
  /** `next` of the page before, with the same filter. */
  readonly cursor?: string | undefined;
}

export interface SearchPage {
  /** The newest first. */
  readonly events: readonly AuditEvent[];
  /** Gives the next page; null behind the last one. A page may be short of the limit and still have a next. */
  readonly next: string | null;
}

export interface SearchIn {
  readonly query: Query;
  readonly opener: EventOpener;
  readonly tenant: string;
  /** Signs cursors: the same in every process that gives out or takes pages. */
  readonly cursorKey: Buffer;
}

const LIMIT = 50;
const LIMIT_MAX = 500;
/** What one page may read of the log, in leaves: some tenths of a second. */
const LEAVES_MAX = 60_000;

/** @throws `audit.filter_invalid`, `audit.cursor_invalid`, `audit.search_too_wide`, `audit.log_damaged` */
export async function searchEvents(
  { query, opener, tenant, cursorKey }: SearchIn,
  { limit = LIMIT, cursor, ...filter }: SearchOptions,
): Promise<SearchPage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
    throw auditError('audit.filter_invalid', { message: `limit: must be 1 to ${LIMIT_MAX}.` });
  }
  const sought = readFilter(filter);
  const search = `${tenant}\n${JSON.stringify(sought)}`;
  const state = cursor === undefined ? undefined : readCursor(cursorKey, search, cursor);
  const now = await readSizes(query, tenant, sought.class);
  const sizes = state === undefined ? now : asThen(now, state.sizes);
  const found = findEvents({
    query,
    opener,
    tenant,
    sought,
    sizes,
    order: 'newest',
    after: state?.after,
    // One more tells whether there is a next page.
    atMost: limit + 1,
    mayReadOn: (leavesRead) => leavesRead < LEAVES_MAX,
  });
  const page = (events: readonly AuditEvent[], after: Position): SearchPage => {
    const then = Object.fromEntries(sizes.map(({ class: of, size }) => [of, size]));
    return { events, next: writeCursor(cursorKey, search, { after, sizes: then }) };
  };
  const events: AuditEvent[] = [];
  for (;;) {
    const step = await found.next();
    if (!step.done) {
      const last = events.at(-1);
      if (events.length === limit && last !== undefined) {
        await found.return(undefined);
        return page(events, { time: last.time, class: last.class, leafIndex: last.leafIndex });
      }
      events.push(step.value);
      continue;
    }
    if (step.value === undefined) return { events, next: null };
    // Everything later than this is on this page; no class comes before the empty one.
    const after = { time: step.value.stoppedAt, class: '', leafIndex: 0 };
    if (events.length === 0 && state !== undefined && state.after.time <= after.time) {
      throw auditError('audit.search_too_wide');
    }
    return page(events, after);
  }
}

/** Logs that came later are not in the search; none ever gets shorter. */
function asThen(now: readonly LogSize[], then: Readonly<Record<string, number>>): LogSize[] {
  return now.flatMap((log) => {
    const size = Math.min(then[log.class] ?? 0, log.size);
    const full = blockOf(size);
    // Told of the whole log; what is not certain of its beginning is looked up.
    const indexed = log.indexed >= blockOf(log.size) ? full : 0;
    return size === 0 ? [] : [{ class: log.class, size, indexed }];
  });
}
