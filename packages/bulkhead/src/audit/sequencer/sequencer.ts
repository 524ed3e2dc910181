/**
 * Moves recorded events from the outbox into their logs.
 *
 * Promises: every event whose transaction committed comes into its log exactly once, whatever is killed and
 * however many sequencers run, because the statement that appends it also deletes its outbox row. One that
 * cannot be read becomes an event that says so; a log that cannot be appended to is left alone, reported and
 * tried again, and holds up no other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type LogName, logKey } from '../log/log-name.ts';
import type { PendingItem } from '../parcel.ts';
import type { Vault } from '../vault/vault.ts';
import { appendBatch, type EncodedBatch } from './append-batch.ts';
import { textArray, uuidArray } from './binary-array.ts';
import { isDuplicateEvent, isLostRace, isOfContent } from './failure.ts';
import type { Query } from './log-heads.ts';
import { BatchSealer, eventsOf } from './seal-batch.ts';
import { type PendingRow, PendingWindow, type TakeLimits, type Taken } from './take-pending.ts';

/** Where a batch has come to; tests end the process there. */
export type SequencerStep = 'taken' | 'sealed' | 'sent' | 'appended';

export interface SequencerOptions {
  readonly vault: Vault;
  /** What origins begin with. */
  readonly originBase: string;
  readonly limits?: TakeLimits;
  /** Called with what holds up a log; never with an event's content. */
  readonly onFault?: (fault: SequencerFault) => void;
  readonly onStep?: (step: SequencerStep) => void | Promise<void>;
}

export interface SequencerFault extends LogName {
  readonly error: unknown;
}

export interface Progress {
  /** How many events were taken. */
  readonly consumed: number;
  /** False while more is known to wait. */
  readonly isDrained: boolean;
}

/** About two thousand usual events: more at once costs memory and delay, and saves nothing. */
const LIMITS: TakeLimits = { rowsMax: 2_000, bytesMax: 1024 ** 2 };
/** How often the outbox is read from its beginning, in case a row came by another way than a transaction. */
const RESTART_MS = 60_000;
const QUARANTINE_MS = 30_000;
/** After a duplicate, how many batches are looked up before they are sent: it seldom comes alone. */
const CAREFUL_BATCHES = 50;
const CONTENTION_MS_MAX = 50;

export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #sealer: BatchSealer;
  readonly #window: PendingWindow;
  /** Logs that refused a batch, and until when they are left alone. */
  readonly #quarantine = new Map<string, number>();
  #carefulBatches = 0;
  /** Parcels were unpacked, so that the outbox holds rows which were read in another form. */
  #mustReread = false;
  /** The batch after this one, being read. */
  #ahead: Promise<Taken> | undefined;
  /** The batch before this one, being appended; what went wrong, once that is known. */
  #sent: { readonly rows: readonly PendingRow[]; readonly failure: Promise<unknown> } | undefined;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#sealer = new BatchSealer(options.vault, options.originBase);
    this.#window = new PendingWindow(options.limits ?? LIMITS);
  }

  /**
   * Sequences the next batch. While the server appends one batch the next one is sealed and the one after
   * that is read; a batch that was the last known is in its logs when the call returns. Throws what the
   * connection throws; everything else is dealt with.
   */
  async next(query: Query): Promise<Progress> {
    try {
      // What was read ahead tells of the moment when the call before this one was made.
      const isFresh = this.#ahead === undefined;
      const taken = await this.#take(query);
      const rows = await this.#withoutQuarantined(query, taken.rows);
      if (rows.length > 0) await this.#send(query, rows, taken.erasures);
      const isLast = taken.isLast && isFresh;
      if (isLast || this.#mustReread) await this.#settle(query);
      return { consumed: eventsOf(rows).length, isDrained: isLast && !this.#reread() };
    } catch (error) {
      this.forget();
      if (!isLostRace(error)) throw error;
      // Who came first has taken some of it; the rest is read again.
      await sleep(Math.random() * CONTENTION_MS_MAX);
      return { consumed: 0, isDrained: false };
    }
  }

  /** Forgets all that it knows of the database; after a lost connection or race. */
  forget(): void {
    this.#sealer.forget();
    this.#window.restart();
    this.#ahead = undefined;
    this.#sent = undefined;
  }

  /** Begins again at the beginning of the outbox if it must; says whether. */
  #reread(): boolean {
    if (!this.#mustReread) return false;
    this.#mustReread = false;
    this.#window.restart();
    this.#ahead = undefined;
    return true;
  }

  async #take(query: Query): Promise<Taken> {
    if (this.#ahead === undefined && this.#sent === undefined) {
      this.#window.restartIfOlderThan(RESTART_MS);
    }
    const taken = await (this.#ahead ?? this.#window.take(query));
    this.#ahead = undefined;
    if (!taken.isLast) {
      this.#ahead = this.#window.take(query);
      // The next call awaits it, and hears of a failure then.
      this.#ahead.catch(() => undefined);
    }
    return taken;
  }

  /** Seals a batch, and when the one before is in its logs, sends it. */
  async #send(query: Query, rows: readonly PendingRow[], erasures: string): Promise<void> {
    await this.#step('taken');
    const known = this.#carefulBatches > 0 ? await this.#findKnown(query, rows) : undefined;
    if (this.#carefulBatches > 0) this.#carefulBatches -= 1;
    const sealed = await this.#sealer
      .seal(query, rows, { erasures, known })
      .catch((error: unknown) => new Failed(error));
    const wasWhole = await this.#settle(query);
    if (sealed instanceof Failed) {
      await this.#repair(query, rows, sealed.error);
    } else if (wasWhole) {
      await this.#step('sealed');
      const failure = this.#append(query, sealed).then(
        () => undefined,
        (error: unknown) => error,
      );
      this.#sent = { rows, failure };
    } else {
      // It was sealed onto heads that never came to be.
      await this.#sequenceAlone(query, rows);
    }
  }

  /** Waits for the batch under way, and deals with it if it failed; true if it did not. */
  async #settle(query: Query): Promise<boolean> {
    const sent = this.#sent;
    this.#sent = undefined;
    const error = await sent?.failure;
    if (sent === undefined || error === undefined) return true;
    await this.#repair(query, sent.rows, error);
    return false;
  }

  async #append(query: Query, batch: EncodedBatch): Promise<void> {
    // Whoever dies here leaves it to the server, which does all of it or nothing.
    await Promise.all([appendBatch(query, batch), this.#step('sent')]);
    await this.#step('appended');
  }

  /** One batch from beginning to end, nothing beside it. */
  async #sequenceAlone(query: Query, rows: readonly PendingRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      const known = this.#carefulBatches > 0 ? await this.#findKnown(query, rows) : undefined;
      await this.#append(query, await this.#sealer.seal(query, rows, { known }));
    } catch (error) {
      await this.#repair(query, rows, error);
    }
  }

  /** Something in the batch is at fault: first the logs are parted, then the rows, until it stands alone. */
  async #repair(query: Query, rows: readonly PendingRow[], error: unknown): Promise<void> {
    this.#sealer.forget();
    if (!isOfContent(error)) throw error;
    if (isDuplicateEvent(error) && this.#carefulBatches < CAREFUL_BATCHES) {
      this.#carefulBatches = CAREFUL_BATCHES;
      return this.#sequenceAlone(query, rows);
    }
    const parcels = rows.filter(({ events }) => events.length > 1);
    if (parcels.length > 0) {
      await this.#unpack(query, parcels);
      return this.#sequenceAlone(
        query,
        rows.filter(({ events }) => events.length <= 1),
      );
    }
    const [first] = rows;
    if (first === undefined) return;
    if (rows.length === 1) return this.#giveUpReading(query, first, error);
    const [left, right] = halves(rows);
    await this.#sequenceAlone(query, left);
    // A log that is in quarantine since then takes no more of it.
    await this.#sequenceAlone(query, await this.#withoutQuarantined(query, right));
  }

  /** Each event of the parcels gets a row of its own, which is read in the next round. */
  async #unpack(query: Query, parcels: readonly PendingRow[]): Promise<void> {
    for (const { place, seq, events } of parcels) {
      await query('select bulkhead.audit_unpack($1, $2, $3, $4, $5, $6::text[], $7)', [
        place,
        seq,
        uuidArray(events.map((event) => event.tenant)),
        textArray(events.map((event) => event.class)),
        uuidArray(events.map((event) => event.id)),
        events.map((event) => event.actor),
        textArray(events.map((event) => event.event)),
      ]);
    }
    this.#mustReread = true;
  }

  /** The event becomes one that says it cannot be read; if not even that can be appended, its log waits. */
  async #giveUpReading(query: Query, row: PendingRow, error: unknown): Promise<void> {
    try {
      const fault = 'could not be sequenced';
      await this.#append(query, await this.#sealer.seal(query, [row], { fault }));
    } catch (again) {
      this.#sealer.forget();
      if (!isOfContent(again)) throw again;
      for (const event of row.events) {
        this.#quarantine.set(logKey(event), performance.now() + QUARANTINE_MS);
        this.#options.onFault?.({ tenant: event.tenant, class: event.class, error });
      }
    }
  }

  async #findKnown(query: Query, rows: readonly PendingRow[]): Promise<Set<PendingItem>> {
    const events = eventsOf(rows);
    const { rows: found } = await query(
      'select ordinal from bulkhead.audit_known($1, $2) as ordinal',
      [uuidArray(events.map((event) => event.tenant)), uuidArray(events.map((event) => event.id))],
    );
    return new Set(found.map(({ ordinal }) => events[Number(ordinal) - 1] as PendingItem));
  }

  /** A parcel that has events of a log in quarantine and of others is unpacked, so that the others go on. */
  async #withoutQuarantined(
    query: Query,
    rows: readonly PendingRow[],
  ): Promise<readonly PendingRow[]> {
    const now = performance.now();
    for (const [key, until] of this.#quarantine) if (until < now) this.#quarantine.delete(key);
    if (this.#quarantine.size === 0) return rows;
    const waits = (event: PendingItem): boolean => this.#quarantine.has(logKey(event));
    const parted = rows.filter(({ events }) => events.some(waits) && !events.every(waits));
    if (parted.length > 0) await this.#unpack(query, parted);
    return rows.filter(({ events }) => !events.some(waits));
  }

  async #step(step: SequencerStep): Promise<void> {
    await this.#options.onStep?.(step);
  }
}

class Failed {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** By log as long as there are several, so that one log's fault costs the others two or three statements. */
function halves(rows: readonly PendingRow[]): [PendingRow[], PendingRow[]] {
  const keyOf = ({ events }: PendingRow): string => (events[0] ? logKey(events[0]) : '');
  const logs = [...new Set(rows.map(keyOf))];
  if (logs.length === 1) {
    const middle = Math.floor(rows.length / 2);
    return [rows.slice(0, middle), rows.slice(middle)];
  }
  const left = new Set(logs.slice(0, logs.length / 2));
  return [rows.filter((row) => left.has(keyOf(row))), rows.filter((row) => !left.has(keyOf(row)))];
}
