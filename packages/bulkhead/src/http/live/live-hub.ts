/**
 * Tells listeners what is announced: one reader of the notices for all of a process's listeners.
 *
 * Promises: a listener is told every notice once and in order, from the one that it names; a tenant's listener
 * is told what is about that tenant and nothing else; one that does not keep up is let go, and comes back from
 * where it was. While nobody listens, nothing is asked.
 */
import { runOutsideContext } from '../../isolation/index.ts';
import { moment } from '../../kernel/moment.ts';
import type { Row, RowQuery } from '../operations/work.ts';

export interface Notice {
  readonly seq: number;
  readonly at: string;
  readonly tenant: string | null;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Listener {
  /** Null for an operator, who is told everything. */
  readonly tenant: string | null;
  tell(notice: Notice): void;
  /** What it missed is more than is kept, or more than it should be told one by one. */
  reset(seq: number): void;
  /** Nothing more is told in this process. */
  end(): void;
}

export interface LiveHub {
  /** @param after the last notice that the listener saw; undefined for what comes from now on */
  listen(listener: Listener, after: number | undefined): Promise<() => void>;
  readonly listeners: number;
  close(): void;
}

const POLL_MS = 250;
const RETRY_MS = 1_000;
const BATCH = 500;
const MISSED_MAX = 1_000;

const COLUMNS = `n.seq, ${moment('n.at')} as at, n.tenant_id::text as tenant, n.kind,
  case when n.kind = 'denial' then n.data || jsonb_build_object('tenant', n.tenant_id, 'at', ${moment('n.at')},
    'tenantName', coalesce((select t.name from bulkhead.tenant t where t.id = n.tenant_id), '')) else n.data end as data`;

const AFTER = `select ${COLUMNS} from bulkhead.live_notice n where n.seq > $1 order by n.seq limit ${BATCH}`;
const LAST = `select s.seq, (select min(n.seq) from bulkhead.live_notice n) as first from bulkhead.live_state s`;

const readNotice = (row: Row): Notice => ({
  seq: Number(row.seq),
  at: String(row.at),
  tenant: row.tenant === null ? null : String(row.tenant),
  kind: String(row.kind),
  // Written by our own functions alone.
  data: row.data as Notice['data'],
});

export function createLiveHub(query: RowQuery): LiveHub {
  const listeners = new Set<Listener>();
  let position: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let polling = false;

  async function poll(): Promise<void> {
    if (polling || position === undefined) return;
    polling = true;
    let waitMs = POLL_MS;
    try {
      for (;;) {
        const { rows } = await query(AFTER, [position]);
        for (const notice of rows.map(readNotice)) {
          position = notice.seq;
          for (const listener of listeners) tellOwn(listener, notice);
        }
        if (rows.length < BATCH) break;
      }
    } catch {
      // The database is away: listeners wait, and hear what they missed when it is back.
      waitMs = RETRY_MS;
    } finally {
      polling = false;
      schedule(waitMs);
    }
  }

  function schedule(waitMs: number): void {
    clearTimeout(timer);
    timer = undefined;
    if (listeners.size === 0) {
      position = undefined;
      return;
    }
    timer = setTimeout(() => void poll(), waitMs);
    timer.unref();
  }

  async function catchUp(
    listener: Listener,
    after: number,
    upto: number,
    first: number,
  ): Promise<void> {
    // What was pruned, or is too much to tell again: the listener reads afresh.
    if (after > upto || after < first - 1 || upto - after > MISSED_MAX) {
      listener.reset(upto);
      return;
    }
    let from = after;
    while (from < upto) {
      const { rows } = await query(AFTER, [from]);
      if (rows.length === 0) return;
      for (const notice of rows.map(readNotice)) {
        from = notice.seq;
        if (notice.seq <= upto) tellOwn(listener, notice);
      }
    }
  }

  return {
    get listeners() {
      return listeners.size;
    },
    listen: (listener, after) =>
      runOutsideContext(async () => {
        const { rows } = await query(LAST, []);
        const last = Number(rows[0]?.seq ?? 0);
        const first = rows[0]?.first == null ? last + 1 : Number(rows[0].first);
        // Set before anything is awaited, so that nothing lies between what was missed and what comes.
        position ??= last;
        const upto = position;
        const held: Notice[] = [];
        let caughtUp = after === undefined;
        const joined: Listener = {
          tenant: listener.tenant,
          reset: (seq) => listener.reset(seq),
          end: () => listener.end(),
          tell: (notice) => (caughtUp ? listener.tell(notice) : void held.push(notice)),
        };
        listeners.add(joined);
        if (timer === undefined && !polling) schedule(0);
        if (after !== undefined) {
          try {
            await catchUp(listener, after, upto, first);
          } catch (error) {
            listeners.delete(joined);
            throw error;
          }
          for (const notice of held) listener.tell(notice);
          caughtUp = true;
        }
        return () => {
          listeners.delete(joined);
        };
      }),
    close() {
      const told = [...listeners];
      listeners.clear();
      clearTimeout(timer);
      for (const listener of told) listener.end();
    },
  };
}

/** The one place that decides who is told what. */
function tellOwn(listener: Listener, notice: Notice): void {
  const { tenant } = listener;
  if (tenant === null) {
    listener.tell(notice);
    return;
  }
  if (notice.kind === 'activity') {
    const all = notice.data.tenants as readonly (readonly [string, number])[];
    const own = all.find(([id]) => id === tenant);
    if (own === undefined) return;
    listener.tell({
      ...notice,
      tenant,
      data: { at: notice.data.at, events: own[1], denials: 0, tenants: [own] },
    });
    return;
  }
  if (notice.tenant === tenant) listener.tell(notice);
}
