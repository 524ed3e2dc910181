/**
 * The queue of events that belong to no transaction: requests, refusals, sign-ins.
 *
 * Promises: an event is acknowledged when it is committed, and never dropped: a full queue says so to whoever
 * would add to it. A batch is sent again after a lost connection, and its events' ids keep it from counting
 * twice. Who is alone waits for one commit and no more; of many, those that come while a batch is under way and
 * as long again share the next.
 * Does not promise anything for a process that is killed: what was not acknowledged may be lost with it.
 */
import { runOutsideContext } from '../../isolation/index.ts';
import { isBulkheadError } from '../../kernel/errors.ts';
import { auditError } from '../errors.ts';
import type { EventHolder, HeldEvent } from '../parcel.ts';
import type { PreparedEvent } from './prepare-event.ts';
import { assertHolder, type SignParcel, submit } from './submit.ts';

export interface EventQueueOptions {
  readonly sign: SignParcel;
  /** Runs one statement as the app's role, in no context. */
  readonly query: (text: string, values: unknown[]) => Promise<unknown>;
  readonly queueMax: number;
  readonly retryForMs?: number;
}

export interface EventQueue {
  /**
   * Resolves with the event's id when it is committed.
   *
   * @throws `audit.queue_full`, `audit.queue_closed`, `isolation.actor_invalid`; rejects with `audit.not_recorded`
   */
  add(holder: EventHolder, event: PreparedEvent): Promise<string>;
  /** How many wait. */
  readonly waiting: number;
  /** Takes nothing more, and returns once everything is committed or has failed. */
  close(): Promise<void>;
}

interface Entry extends HeldEvent {
  readonly settle: (error?: unknown) => void;
}

const BATCH_MAX = 256;
/** So that a slow commit does not make the next batch wait as long. */
const REST_MS_MAX = 20;
/** What timers can tell apart. */
const REST_MS_MIN = 1;
const RETRY_FOR_MS = 30_000;
const RETRY_MS = 50;
const RETRY_MS_MAX = 1_000;

export function createEventQueue(options: EventQueueOptions): EventQueue {
  const { retryForMs = RETRY_FOR_MS } = options;
  let entries: Entry[] = [];
  let underWay = 0;
  let isDue = false;
  /** Until then the next batch gathers, so that a commit for each event never takes more than half of a connection. */
  let restUntilMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let closed = false;

  function wake(): void {
    if (running !== undefined || isDue) return;
    const restMs = restUntilMs - performance.now();
    if (entries.length >= BATCH_MAX || closed || restMs < REST_MS_MIN) {
      isDue = true;
      clearTimeout(timer);
      timer = undefined;
      // After everything that this turn of the event loop still brings.
      runOutsideContext(() => setImmediate(run));
    } else if (timer === undefined) {
      timer = runOutsideContext(() => setTimeout(rested, restMs));
    }
  }

  function rested(): void {
    restUntilMs = 0;
    timer = undefined;
    wake();
  }

  function run(): void {
    isDue = false;
    running = drain().finally(() => {
      running = undefined;
      if (entries.length > 0) wake();
    });
  }

  async function drain(): Promise<void> {
    do {
      const batch = entries.slice(0, BATCH_MAX);
      entries = entries.slice(BATCH_MAX);
      underWay = batch.length;
      const startedMs = performance.now();
      await send(batch);
      underWay = 0;
      const endMs = performance.now();
      restUntilMs = endMs + Math.min(endMs - startedMs, REST_MS_MAX);
    } while (entries.length >= BATCH_MAX);
  }

  async function send(batch: readonly Entry[]): Promise<void> {
    const endMs = performance.now() + retryForMs;
    let rest = batch;
    for (let delayMs = RETRY_MS; rest.length > 0; delayMs = Math.min(delayMs * 2, RETRY_MS_MAX)) {
      try {
        const count = await submit(options.query, options.sign, rest);
        for (const { settle } of rest.slice(0, count)) settle();
        rest = rest.slice(count);
      } catch (cause) {
        if (!isPassing(cause) || performance.now() + delayMs > endMs) {
          const error = auditError('audit.not_recorded', { cause });
          for (const { settle } of rest) settle(error);
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }

  return {
    add(holder, event) {
      assertHolder(holder);
      if (closed) throw auditError('audit.queue_closed');
      if (entries.length + underWay >= options.queueMax) throw auditError('audit.queue_full');
      return new Promise((resolve, reject) => {
        const settle = (error?: unknown): void =>
          error === undefined ? resolve(event.id) : reject(error);
        entries.push({ holder, event, settle });
        wake();
      });
    },
    get waiting() {
      return entries.length + underWay;
    },
    async close() {
      closed = true;
      while (running !== undefined || entries.length > 0) {
        wake();
        await (running ?? new Promise((resolve) => setImmediate(resolve)));
      }
    },
  };
}

/** SQLSTATE classes that time may heal: connections, resources, operators' interventions, serialization. */
const PASSING = /^(?:08|53|57P|40|25006|55P03)/;

function isPassing(error: unknown): boolean {
  if (
    isBulkheadError(error, 'isolation.database_unavailable') ||
    isBulkheadError(error, 'isolation.pool_exhausted')
  ) {
    return true;
  }
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && (PASSING.test(code) || /^E[A-Z]+$/.test(code));
}
