/**
 * Moves recorded events from the outbox into their logs.
 *
 * Promises: every event whose transaction committed comes into its log exactly once, whatever is killed and
 * however many sequencers run, because the statement that appends it also deletes its outbox row. One that
 * cannot be read becomes an event that says so; a log that cannot be appended to is left alone, reported and
 * tried again, and holds up no other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import { type LogName, logKey } from '../log/log-name.ts';
import { type ReadEvent, readPending, unreadable } from '../read-pending.ts';
import type { Vault } from '../vault/vault.ts';
import { appendBatch } from './append-batch.ts';
import { uuidArray } from './binary-array.ts';
import { LogHeads, type Query } from './log-heads.ts';
import { type LogBatch, planLog, type SealedLeaf } from './plan-batch.ts';
import { type PendingRow, PendingWindow, type TakeLimits } from './take-pending.ts';

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
  /** How many outbox rows were consumed. */
  readonly consumed: number;
  /** False while more is known to wait. */
  readonly isDrained: boolean;
}

const LIMITS: TakeLimits = { rowsMax: 2_000, bytesMax: 8 * 1024 ** 2 };
/** How often the outbox is read from its beginning, in case a row came by another way than a transaction. */
const RESTART_MS = 60_000;
const QUARANTINE_MS = 30_000;
/** After a duplicate, how many batches are looked up before they are sent: it seldom comes alone. */
const CAREFUL_BATCHES = 50;
const CONTENTION_MS_MAX = 50;

export class Sequencer {
  readonly #options: SequencerOptions;
  readonly #heads: LogHeads;
  readonly #window: PendingWindow;
  /** Logs that refused a batch, and until when they are left alone. */
  readonly #quarantine = new Map<string, number>();
  #carefulBatches = 0;

  constructor(options: SequencerOptions) {
    this.#options = options;
    this.#heads = new LogHeads(options.originBase);
    this.#window = new PendingWindow(options.limits ?? LIMITS);
  }

  /** Sequences the next batch. Throws what the connection throws; everything else is dealt with. */
  async next(query: Query): Promise<Progress> {
    this.#window.restartIfOlderThan(RESTART_MS);
    const { rows, isLast, advance } = await this.#window.take(query);
    if (rows.length === 0) {
      advance();
      return { consumed: 0, isDrained: true };
    }
    await this.#step('taken');
    try {
      const consumed = await this.#sequence(query, this.#withoutQuarantined(rows));
      advance();
      return { consumed, isDrained: isLast };
    } catch (error) {
      this.forget();
      if (!hasState(error, SERIALIZATION_FAILURE)) throw error;
      // Another sequencer came first: what it took is gone, and the rest is read again.
      await sleep(Math.random() * CONTENTION_MS_MAX);
      return { consumed: 0, isDrained: false };
    }
  }

  /** Forgets all that it knows of the database; after a lost connection or race. */
  forget(): void {
    this.#heads.forget();
    this.#options.vault.forget();
    this.#window.restart();
  }

  async #sequence(query: Query, rows: readonly PendingRow[]): Promise<number> {
    if (rows.length === 0) return 0;
    try {
      if (this.#carefulBatches > 0) {
        this.#carefulBatches -= 1;
        await this.#append(query, rows, await this.#findKnown(query, rows));
      } else {
        await this.#append(query, rows, new Set());
      }
      return rows.length;
    } catch (error) {
      this.#heads.forget();
      this.#options.vault.forget();
      if (isDuplicateEvent(error) && this.#carefulBatches === 0) {
        this.#carefulBatches = CAREFUL_BATCHES;
        return this.#sequence(query, rows);
      }
      if (isBeyondTheBatch(error)) throw error;
      return this.#narrowDown(query, rows, error);
    }
  }

  /** Something in the batch is at fault: the logs are parted, then the rows, until it stands alone. */
  async #narrowDown(query: Query, rows: readonly PendingRow[], error: unknown): Promise<number> {
    const [first] = rows;
    if (first === undefined) return 0;
    const logs = [...new Set(rows.map(logOf))];
    if (logs.length > 1) {
      const half = new Set(logs.slice(0, logs.length / 2));
      const left = rows.filter((row) => half.has(logOf(row)));
      const right = rows.filter((row) => !half.has(logOf(row)));
      return (await this.#sequence(query, left)) + (await this.#sequence(query, right));
    }
    if (rows.length > 1) {
      const middle = Math.floor(rows.length / 2);
      const left = await this.#sequence(query, rows.slice(0, middle));
      // A log that is in quarantine since takes no more of it.
      return left + (await this.#sequence(query, this.#withoutQuarantined(rows.slice(middle))));
    }
    try {
      await this.#append(query, rows, new Set(), 'could not be sequenced');
      return 1;
    } catch (again) {
      this.#heads.forget();
      this.#options.vault.forget();
      if (isBeyondTheBatch(again)) throw again;
      this.#quarantine.set(logOf(first), performance.now() + QUARANTINE_MS);
      this.#options.onFault?.({ tenant: first.tenant, class: first.class, error });
      return 0;
    }
  }

  /** @param fault seals every row as one that cannot be read */
  async #append(
    query: Query,
    rows: readonly PendingRow[],
    known: ReadonlySet<PendingRow>,
    fault?: string,
  ): Promise<void> {
    const { vault } = this.#options;
    const fresh = withoutTwins(rows.filter((row) => !known.has(row)));
    const admitted = await this.#heads.admit(query, logsOf(fresh));
    const heads = await this.#heads.find(query, namesOf(admitted));
    const reads = fresh.map((row) => (fault ? unreadable(row, fault) : readPending(row)));
    const sealing = await vault.begin(query, reads);
    const batches = new Map<string, LogBatch & { leaves: SealedLeaf[] }>();
    fresh.forEach((row, index) => {
      const log = admitted.get(logOf(row));
      const head = log && heads.get(logKey(log));
      // Every row's log was asked for just now.
      if (log === undefined || head === undefined) throw new Error('a row has no log');
      const { leaf, openings } = sealing.seal(reads[index] as ReadEvent);
      const sealed = { eventId: row.id, leaf, openings };
      const batch = batches.get(logKey(log));
      if (batch === undefined) batches.set(logKey(log), { head, leaves: [sealed] });
      else batch.leaves.push(sealed);
    });
    const logs = [...batches.keys()].sort().map((key) => planLog(batches.get(key) as LogBatch));
    await this.#step('sealed');
    const { erasures, subjects } = sealing;
    const appending = appendBatch(query, { rows, logs, subjects, erasures });
    // Whoever dies here leaves it to the server, which does all of it or nothing.
    await Promise.all([appending, this.#step('sent')]);
    sealing.committed();
    await this.#step('appended');
  }

  async #findKnown(query: Query, rows: readonly PendingRow[]): Promise<Set<PendingRow>> {
    const { rows: found } = await query(
      'select ordinal from bulkhead.audit_known($1, $2) as ordinal',
      [uuidArray(rows.map((row) => row.tenant)), uuidArray(rows.map((row) => row.id))],
    );
    return new Set(found.map(({ ordinal }) => rows[Number(ordinal) - 1] as PendingRow));
  }

  #withoutQuarantined(rows: readonly PendingRow[]): readonly PendingRow[] {
    const now = performance.now();
    for (const [key, until] of this.#quarantine) if (until < now) this.#quarantine.delete(key);
    if (this.#quarantine.size === 0) return rows;
    return rows.filter((row) => !this.#quarantine.has(logOf(row)));
  }

  async #step(step: SequencerStep): Promise<void> {
    await this.#options.onStep?.(step);
  }
}

const logOf = (row: PendingRow): string => logKey(row);

function logsOf(rows: readonly PendingRow[]): Map<string, LogName> {
  const logs = new Map<string, LogName>();
  for (const row of rows) {
    const key = logOf(row);
    if (!logs.has(key)) logs.set(key, { tenant: row.tenant, class: row.class });
  }
  return logs;
}

const namesOf = (admitted: ReadonlyMap<string, LogName>): Map<string, LogName> =>
  new Map([...admitted.values()].map((log) => [logKey(log), log]));

/** Of several rows with one id in one tenant, the first. */
function withoutTwins(rows: readonly PendingRow[]): PendingRow[] {
  const ids = new Set<string>();
  return rows.filter(({ tenant, id }) => {
    const name = tenant + id;
    return !ids.has(name) && ids.add(name);
  });
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK = '40P01';
const UNIQUE_VIOLATION = '23505';

function hasState(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof DatabaseError && codes.includes(error.code ?? '');
}

function isDuplicateEvent(error: unknown): boolean {
  return (
    hasState(error, UNIQUE_VIOLATION) && (error as DatabaseError).constraint === 'audit_event_pkey'
  );
}

/**
 * Not the fault of anything in the batch: a lost race or connection, a server that goes down, is full or has
 * no memory, a missing grant.
 */
function isBeyondTheBatch(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return !isContentError(error);
  const { code = '' } = error;
  return (
    hasState(error, SERIALIZATION_FAILURE, DEADLOCK) || /^(?:08|25|28|42|53|57|58|XX)/.test(code)
  );
}

/** What our own code throws over a row or a key. */
const isContentError = (error: unknown): boolean =>
  error instanceof RangeError || error instanceof TypeError || hasCode(error, 'audit.');

const hasCode = (error: unknown, room: string): boolean =>
  error instanceof Error && 'code' in error && String(error.code).startsWith(room);
