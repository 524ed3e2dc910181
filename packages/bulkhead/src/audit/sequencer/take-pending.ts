/**
 * Reads what is new in the outbox, in windows between two snapshots of the database.
 *
 * Promises: a row is in the window in which its transaction became visible, however late it committed and
 * whatever began before it; nothing waits for a long transaction; rows that are consumed do not lie in the
 * way. Does not promise that a row comes once: whoever appends it deletes it, and that decides.
 */
import { moment } from '../../kernel/moment.ts';
import { type PendingItem, unpack } from '../parcel.ts';
import type { Query } from './log-heads.ts';

export interface PendingRow {
  /** The row's address and number, by which it is deleted. */
  readonly place: string;
  readonly seq: string;
  /** One, or those of a parcel. */
  readonly events: readonly PendingItem[];
}

export interface TakeLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/** What a superuser may write there has no place in a leaf: the first and the last moment that one can hold. */
const RECORDED = "least(greatest(t.recorded_at, 'epoch'), timestamptz '9999-12-31 23:59:59.999Z')";

/** `(one row) left join` so that the snapshot comes even when nothing else does. */
const TAKE = `
  select case when t.place is null or row_number() over () = 1 then pg_current_snapshot()::text end as snapshot,
         case when row_number() over () = 1 then bulkhead.audit_erasures() end as erasures, t.place::text as place, t.xid::text as xid, t.seq::text as seq, t.tenant_id::text as tenant, t.class,
         t.event_id::text as id,
         ${moment(RECORDED)} as recorded,
         t.actor, t.source, t.event
    from (values (1)) as one
    left join bulkhead.audit_take($1::pg_snapshot, $2::pg_snapshot, $3::xid8, $4::bigint, $5::integer, $6::bigint) as t
      on true`;

export interface Taken {
  readonly rows: readonly PendingRow[];
  /** Nothing more was there when it was read. */
  readonly isLast: boolean;
  /** The count of erasures at that moment. */
  readonly erasures: string;
}

interface Position {
  readonly xid: string;
  readonly seq: string;
}

const START: Position = { xid: '0', seq: '0' };

export class PendingWindow {
  readonly #limits: TakeLimits;
  /** Rows visible in it have been taken; undefined before the first window, which begins at the beginning. */
  #seen: string | undefined;
  /** The end of a window that did not fit into one batch. */
  #upto: string | undefined;
  #after = START;
  #openedAtMs = performance.now();
  #turn = 0;

  constructor(limits: TakeLimits) {
    this.#limits = limits;
  }

  /** The next rows. Whoever does not get them into their logs begins again with `restart`. */
  async take(query: Query): Promise<Taken> {
    const { rowsMax, bytesMax } = this.#limits;
    const turn = this.#turn;
    const { rows } = await query(TAKE, [
      this.#seen ?? null,
      this.#upto ?? null,
      this.#after.xid,
      this.#after.seq,
      rowsMax,
      bytesMax,
    ]);
    const snapshot = String(rows[0]?.snapshot);
    const erasures = String(rows[0]?.erasures);
    if (this.#seen !== undefined && endOf(snapshot) < endOf(this.#seen)) {
      // The database was put back under us, and its transactions count from there again.
      this.restart();
      return this.take(query);
    }
    // What TAKE selects, each as text.
    const found = rows.filter((row) => row.place !== null) as unknown as TakenRow[];
    const bytes = found.reduce((sum, row) => sum + Buffer.byteLength(row.event), 0);
    const isWhole = found.length < rowsMax && bytes < bytesMax;
    // The rest of a window that ended some time ago says nothing of what came since.
    const isLast = isWhole && this.#upto === undefined;
    // Begun anew while the answer was under way: it is of the window before.
    if (turn === this.#turn)
      this.#advance(this.#upto ?? snapshot, isWhole ? undefined : found.at(-1));
    return { rows: found.map(readRow), isLast, erasures };
  }

  #advance(upto: string, last: Position | undefined): void {
    if (last === undefined) {
      this.#seen = upto;
      this.#upto = undefined;
      this.#after = START;
    } else {
      this.#upto = upto;
      this.#after = { xid: last.xid, seq: last.seq };
    }
  }

  /**
   * Begins at the beginning: for rows that came by another way than a transaction of this database, such as
   * a restored dump, whose numbers may be anything.
   */
  restart(): void {
    this.#seen = undefined;
    this.#upto = undefined;
    this.#after = START;
    this.#openedAtMs = performance.now();
    this.#turn += 1;
  }

  /** Begins at the beginning when it has not for a while and no window is half read. */
  restartIfOlderThan(ms: number): void {
    if (this.#upto === undefined && performance.now() - this.#openedAtMs > ms) this.restart();
  }
}

interface TakenRow extends PendingItem, Position {
  readonly place: string;
}

const readRow = (row: TakenRow): PendingRow => ({
  place: row.place,
  seq: row.seq,
  events: unpack(row),
});

/** A snapshot is xmin:xmax:xip. */
function endOf(snapshot: string): bigint {
  return BigInt(snapshot.split(':')[1] ?? 0);
}
