/**
 * Counts what comes into the logs, and announces it: the only reader of leaves that everybody who watches
 * needs, however many they are.
 *
 * Promises: every event is counted and every denial announced exactly once, by whichever process has the task,
 * because position, counts and notices move in one statement. Reads leaves as they are sealed: nothing personal
 * is ever opened for it.
 */
import { randomUUID } from 'node:crypto';
import { parseBundle } from 'bulkhead-verify';
import type { Row, RowQuery } from '../operations/work.ts';

const LEASE_MS = 5_000;
const BUSY_MS = 250;
const IDLE_MS_MAX = 500;
const PRUNE_EVERY_MS = 600_000;
const LOGS_MAX = 200;
const CHUNKS_MAX = 100;
const SLOT_MS = 900_000;
/** What is told one by one in a round; the rest is in the counts. */
const DENIALS_MAX = 200;
const TENANTS_MAX = 200;

const GROWN = `
  select l.tenant_id, l.class, l.next, coalesce(p.next, 0) as counted
    from bulkhead.audit_log l
    left join bulkhead.live_position p on p.tenant_id = l.tenant_id and p.class = l.class
   where l.next > coalesce(p.next, 0)
   order by l.tenant_id, l.class limit ${LOGS_MAX}`;

const CHUNKS = `
  select g.n::integer as log, c.first, c.count, c.entries
    from unnest($1::uuid[], $2::text[], $3::bigint[]) with ordinality as g (tenant_id, class, counted, n)
   cross join lateral (
     select k.first, k.count, k.entries from bulkhead.audit_chunk k
      where k.tenant_id = g.tenant_id and k.class = g.class and k.first >= g.counted
      order by k.first limit ${CHUNKS_MAX}) as c
   order by g.n, c.first limit ${CHUNKS_MAX}`;

const COUNT = `
  select bulkhead.live_count($1::uuid[], $2::text[], $3::bigint[], $4::bigint[],
    $5::integer[], $6::timestamptz[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::timestamptz[],
    $12::integer[], $13::text[], $14::jsonb[])`;

interface Leaf {
  readonly id: string;
  readonly tenant: string;
  readonly action: string;
  readonly outcome: string;
  readonly recorded: string;
  readonly time: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly metadata?: Readonly<Record<string, unknown>>;
}

interface Slot {
  readonly log: number;
  readonly slot: string;
  readonly action: string;
  events: number;
  failures: number;
  denials: number;
  lastAt: string;
}

export interface EventCounter {
  /** One round; how many events were counted. */
  next(): Promise<number>;
  /** Goes on until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

export function createEventCounter(
  query: RowQuery,
  onError: (error: unknown) => void = () => undefined,
): EventCounter {
  const me = randomUUID();
  let stopping = false;
  let running: Promise<void> | undefined;
  let wake: (() => void) | undefined;
  let claimedUntilMs = 0;
  let pruneAtMs = 0;

  async function isMine(): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs < claimedUntilMs) return true;
    const { rows } = await query('select bulkhead.live_claim($1, $2) as mine', [me, LEASE_MS]);
    if (rows[0]?.mine !== true) return false;
    claimedUntilMs = nowMs + LEASE_MS / 2;
    return true;
  }

  async function next(): Promise<number> {
    const { rows: grown } = await query(GROWN, []);
    if (grown.length === 0) return 0;
    const { rows: chunks } = await query(CHUNKS, [
      grown.map(({ tenant_id }) => tenant_id),
      grown.map((log) => log.class),
      grown.map(({ counted }) => counted),
    ]);
    const round = tally(grown, chunks);
    await query(COUNT, round.values);
    return round.events;
  }

  async function loop(): Promise<void> {
    let idleMs = BUSY_MS;
    while (!stopping) {
      try {
        let counted = 0;
        if (await isMine()) {
          counted = await next();
          if (performance.now() >= pruneAtMs) {
            pruneAtMs = performance.now() + PRUNE_EVERY_MS;
            await query('select bulkhead.live_prune()', []);
          }
        }
        idleMs = counted > 0 ? BUSY_MS : Math.min(IDLE_MS_MAX, idleMs * 1.5);
      } catch (error) {
        onError(error);
        claimedUntilMs = 0;
        idleMs = IDLE_MS_MAX * 2;
      }
      if (stopping) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, idleMs);
        // A process with nothing else to do may end.
        timer.unref();
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  return {
    next,
    start() {
      running ??= loop();
    },
    async stop() {
      stopping = true;
      wake?.();
      await running;
    },
  };
}

/** What a round adds, as the arguments of `live_count`. */
function tally(
  grown: readonly Row[],
  chunks: readonly Row[],
): { values: unknown[]; events: number } {
  const reached = grown.map(({ counted }) => Number(counted));
  const slots = new Map<string, Slot>();
  const notices: { readonly log: number; readonly kind: string; readonly message: string }[] = [];
  const byTenant = new Map<string, number>();
  let events = 0;
  let denials = 0;
  let firstLog = 1;
  let lastAt = '';
  for (const { log, first, count, entries } of chunks) {
    const nth = Number(log);
    // Only what follows without a gap: the end of the list may be anywhere in a log.
    if (reached[nth - 1] !== Number(first)) continue;
    reached[nth - 1] = Number(first) + Number(count);
    for (const bytes of parseBundle(entries as Buffer)) {
      const leaf = readLeaf(bytes);
      if (leaf === undefined) continue;
      events += 1;
      const slot = new Date(
        Math.floor(Date.parse(leaf.recorded) / SLOT_MS) * SLOT_MS,
      ).toISOString();
      const key = `${nth} ${slot} ${leaf.action}`;
      const of = slots.get(key) ?? {
        log: nth,
        slot,
        action: leaf.action,
        events: 0,
        failures: 0,
        denials: 0,
        lastAt: leaf.recorded,
      };
      slots.set(key, of);
      of.events += 1;
      if (leaf.recorded > of.lastAt) of.lastAt = leaf.recorded;
      if (leaf.recorded > lastAt) lastAt = leaf.recorded;
      byTenant.set(leaf.tenant, (byTenant.get(leaf.tenant) ?? 0) + 1);
      if (events === 1) firstLog = nth;
      if (leaf.outcome === 'failure') of.failures += 1;
      if (leaf.outcome === 'denied') {
        const stands = leaf.metadata?.count;
        const times = typeof stands === 'number' && stands > 0 ? stands : 1;
        of.denials += 1;
        denials += times;
        if (notices.length < DENIALS_MAX) {
          notices.push({
            log: nth,
            kind: 'denial',
            message: JSON.stringify(denialOf(leaf, times)),
          });
        }
      } else if (
        /^(?:tenant|member|role|grant|group|policy|invitation|api_key|session)\./.test(leaf.action)
      ) {
        if (notices.length < DENIALS_MAX * 2) {
          notices.push({
            log: nth,
            kind: 'change',
            message: JSON.stringify({
              id: leaf.id,
              at: leaf.time,
              tenant: leaf.tenant,
              action: leaf.action,
            }),
          });
        }
      }
    }
  }
  if (events > 0) {
    const tenants = [...byTenant].sort((a, b) => b[1] - a[1]).slice(0, TENANTS_MAX);
    notices.push({
      log: firstLog,
      kind: 'activity',
      message: JSON.stringify({ at: lastAt, events, denials, tenants }),
    });
  }
  const all = [...slots.values()];
  return {
    events,
    values: [
      grown.map(({ tenant_id }) => tenant_id),
      grown.map((log) => log.class),
      grown.map(({ counted }) => counted),
      reached,
      all.map(({ log }) => log),
      all.map(({ slot }) => slot),
      all.map(({ action }) => action),
      all.map((slot) => slot.events),
      all.map(({ failures }) => failures),
      all.map((slot) => slot.denials),
      all.map((slot) => slot.lastAt),
      notices.map(({ log }) => log),
      notices.map(({ kind }) => kind),
      notices.map(({ message }) => message),
    ],
  };
}

/** A leaf that is none is the verifier's to tell of. */
function readLeaf(bytes: Uint8Array): Leaf | undefined {
  try {
    const leaf = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Leaf>;
    const { id, tenant, action, outcome, recorded, time, actor } = leaf;
    const texts = [id, tenant, action, outcome, recorded, time];
    if (texts.some((text) => typeof text !== 'string') || actor === undefined) return undefined;
    return Number.isFinite(Date.parse(recorded ?? '')) ? (leaf as Leaf) : undefined;
  } catch {
    return undefined;
  }
}

function denialOf({ id, action, actor, metadata }: Leaf, count: number) {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    id,
    action,
    code: text(metadata?.code) ?? text(metadata?.permission),
    actor: `${actor.type}:${actor.id}`,
    path: text(metadata?.path),
    count,
  };
}
