/**
 * Finds events in a tenant's logs, one after the other, in order, holding only what overlaps in time.
 *
 * Promises: every event that is sought and was in the logs at the given sizes is found once, whether it is
 * indexed, being indexed or neither; every hit has been looked at, opened, before it is given out.
 */
import type { AuditEvent } from '../event.ts';
import type { EventOpener, Query } from '../open/event-opener.ts';
import {
  type Candidate,
  indexedBlocks,
  type LogSize,
  type Order,
  otherBlocks,
  tokenGroups,
} from './candidates.ts';
import type { Position } from './cursor.ts';
import { matches, mayMatch, type Sought } from './filter.ts';
import { loadBlock, loadHits, type RawLeaf, readRaw, textOf } from './load-leaves.ts';

export interface Find {
  readonly query: Query;
  readonly opener: EventOpener;
  readonly tenant: string;
  readonly sought: Sought;
  readonly sizes: readonly LogSize[];
  readonly order: Order;
  readonly after?: Position | undefined;
  /** Whoever asks takes at most so many; nothing is read or opened for more. */
  readonly atMost?: number | undefined;
  /** Asked before each block is read; once it says no, the search stops. */
  readonly mayReadOn?: (leavesRead: number) => boolean;
  /** How many leaves were done with since it was called last. */
  readonly onProgress?: ((leaves: number) => void) | undefined;
}

/** Found nothing that is certain to come next before `mayReadOn` said no: everything later than this is given out. */
export interface Stopped {
  readonly stoppedAt: string;
}

/** Blocks read at once: few at first, because most searches end with the first page. */
const FIRST_BATCH = 4;
const BATCH_MAX = 32;
/** Where it is known how many are wanted and how rarely they stand in a block. */
const SPARSE_BATCH_MAX = 128;
const SPARSE_HITS = 32;
const OPEN_MAX = 250;
/** What looking into the index of a block costs, in leaves. */
const LOOK_COST = 110;

export async function* findEvents(find: Find): AsyncGenerator<AuditEvent, Stopped | undefined> {
  const { query, opener, tenant, sought, atMost = Number.POSITIVE_INFINITY } = find;
  const found = findPending(find);
  let given = 0;
  for (;;) {
    const step = await found.next();
    if (step.done) return step.value;
    const ready = step.value;
    // Opened as they are given out, with a last look at each.
    for (let at = 0; at < ready.length; ) {
      const batch = ready.slice(at, at + Math.max(1, Math.min(OPEN_MAX, atMost - given)));
      at += batch.length;
      const closed = batch.flatMap(({ leaf, event }) =>
        event === undefined ? [readRaw(leaf)] : [],
      );
      const opened = (await opener.open(query, tenant, closed)).values();
      for (const { event } of batch) {
        const known = event ?? opened.next().value;
        if (known === undefined || (event === undefined && !matches(known, sought))) continue;
        given += 1;
        yield known;
      }
    }
  }
}

/** What is found, in order, as it stands in the log. */
export async function* findPending(
  find: Find,
): AsyncGenerator<readonly Pending[], Stopped | undefined> {
  const { query, opener, tenant, sought, order, atMost = Number.POSITIVE_INFINITY } = find;
  let given = 0;
  const searchKey = await opener.searchKey(query, tenant);
  // Personal words are in the index under the key alone; without it the events themselves are read.
  const useIndex = searchKey !== undefined || sought.groups.length === 0;
  const groups = tokenGroups(sought, searchKey);
  const wanted = (leaf: RawLeaf) => isWanted(leaf, find);
  const before = minimum(sought.to, find.after?.time);
  const sources = find.sizes.map((log) => ({
    query,
    tenant,
    log,
    sought,
    groups,
    useIndex,
    order,
    before,
  }));
  const size = (of: string) => find.sizes.find((log) => log.class === of)?.size ?? 0;

  async function load(batch: readonly Candidate[]): Promise<Pending[]> {
    const loaded: Pending[] = [];
    const byHits = new Map<string, number[]>();
    for (const candidate of batch) {
      if (candidate.indexed && groups.length > 0) {
        byHits.set(candidate.class, [...(byHits.get(candidate.class) ?? []), candidate.block]);
        continue;
      }
      const whole = await loadBlock(query, tenant, candidate, size(candidate.class));
      const leaves = whole.filter(wanted);
      if (groups.length === 0 && sought.groups.length === 0) {
        loaded.push(...leaves.map((leaf) => ({ leaf })));
        continue;
      }
      const likely = leaves.flatMap((leaf) => {
        const placed = readRaw(leaf);
        return mayMatch(placed.event, textOf(leaf), sought) ? [{ leaf, placed }] : [];
      });
      const placed = likely.map((one) => one.placed);
      const events = await opener.open(query, tenant, placed);
      likely.forEach(({ leaf }, nth) => {
        const event = events[nth];
        if (event !== undefined && matches(event, sought)) loaded.push({ leaf, event });
      });
    }
    for (const [of, blocks] of byHits) {
      const leaves = await loadHits(query, tenant, of, blocks, groups, size(of));
      loaded.push(...leaves.filter(wanted).map((leaf) => ({ leaf })));
    }
    return loaded;
  }

  let leavesRead = 0;
  let blocksRead = 0;
  let hits = 0;
  let batchMax = groups.length > 0 ? FIRST_BATCH : 1;

  /** As many blocks as are likely to hold the rest of what is wanted. */
  function nextBatch(): number {
    const left = atMost - given - pending.length;
    const likely = Math.ceil((left * blocksRead) / Math.max(hits, 1));
    if (groups.length === 0) return Math.max(1, Math.min(likely, batchMax * 2, 4));
    if (atMost === Number.POSITIVE_INFINITY) return Math.min(batchMax * 2, BATCH_MAX);
    const max = hits > blocksRead * SPARSE_HITS ? BATCH_MAX : SPARSE_BATCH_MAX;
    return Math.max(1, Math.min(likely, batchMax * 8, max));
  }
  const candidates = merged(
    sources.flatMap((source) => [indexedBlocks(source), otherBlocks(source)]),
    order,
  );
  const pending: Pending[] = [];
  let next = await take(candidates);
  for (;;) {
    const ready: Pending[] = [];
    if (order === 'log' || next === undefined) ready.push(...pending.splice(0));
    else {
      const { latest } = next;
      const certain = pending.findIndex(({ leaf }) => leaf.time <= latest);
      ready.push(...pending.splice(0, certain === -1 ? pending.length : certain));
    }
    given += ready.length;
    if (ready.length > 0) yield ready;
    if (next === undefined) return undefined;
    if (find.mayReadOn?.(leavesRead) === false) return { stoppedAt: next.latest };
    const batch: Candidate[] = [];
    while (next !== undefined && batch.length < batchMax) {
      batch.push(next);
      next = await take(candidates);
    }
    const loaded = await load(batch);
    blocksRead += batch.length;
    hits += loaded.length;
    find.onProgress?.(1024 * batch.length);
    leavesRead +=
      groups.length > 0 ? loaded.length + LOOK_COST * batch.length : 1024 * batch.length;
    pending.push(...loaded);
    pending.sort(order === 'newest' ? newestFirst : logOrder);
    batchMax = nextBatch();
  }
}

export interface Pending {
  readonly leaf: RawLeaf;
  /** Once it was opened and looked at. */
  readonly event?: AuditEvent;
}

/** What the leaf alone tells: its time and place. */
function isWanted(
  { class: of, leafIndex, time }: RawLeaf,
  { sought, after, order }: Find,
): boolean {
  if (sought.from !== undefined && time < sought.from) return false;
  if (sought.to !== undefined && time >= sought.to) return false;
  if (after === undefined || order === 'log') return true;
  if (time !== after.time) return time < after.time;
  return of === after.class ? leafIndex < after.leafIndex : of > after.class;
}

function newestFirst({ leaf: a }: Pending, { leaf: b }: Pending): number {
  if (a.time !== b.time) return a.time < b.time ? 1 : -1;
  return a.class === b.class ? b.leafIndex - a.leafIndex : a.class < b.class ? -1 : 1;
}

function logOrder({ leaf: a }: Pending, { leaf: b }: Pending): number {
  return a.class === b.class ? a.leafIndex - b.leafIndex : a.class < b.class ? -1 : 1;
}

const minimum = (a: string | undefined, b: string | undefined): string | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

async function take(of: AsyncGenerator<Candidate>): Promise<Candidate | undefined> {
  const { value, done } = await of.next();
  return done ? undefined : value;
}

/** Sorted sources as one sorted source. */
async function* merged(
  sources: readonly AsyncGenerator<Candidate>[],
  order: Order,
): AsyncGenerator<Candidate> {
  const heads = await Promise.all(sources.map(take));
  for (;;) {
    let first: number | undefined;
    heads.forEach((head, index) => {
      const best = first === undefined ? undefined : heads[first];
      if (head !== undefined && (best === undefined || comesFirst(head, best, order)))
        first = index;
    });
    const source = first === undefined ? undefined : sources[first];
    const head = first === undefined ? undefined : heads[first];
    if (first === undefined || source === undefined || head === undefined) return;
    yield head;
    heads[first] = await take(source);
  }
}

function comesFirst(one: Candidate, other: Candidate, order: Order): boolean {
  if (order === 'newest') return one.latest > other.latest;
  return one.class === other.class ? one.block < other.block : one.class < other.class;
}
