/**
 * Hears of changes the moment they are committed: one connection that listens, for the whole process.
 *
 * Promises: `coverage` moves on only as far as the connection was seen alive, so one that a firewall silently
 * dropped stops vouching within `beatMs` and the deadline; what was missed while nobody listened is for the
 * caller to find out, who compares epochs with each new coverage. Listens only while somebody asks for coverage.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SystemConnection, SystemConnectionEvents } from '../../isolation/index.ts';
import type { Coverage } from './tenant-state.ts';

export interface ChangeFeedOptions {
  connect(events: SystemConnectionEvents): Promise<SystemConnection>;
  readonly channel: string;
  /** How often the connection is seen to be alive, and how long an answer may take. */
  readonly beatMs: number;
  readonly nowMs: () => number;
  readonly onPayload: (payload: string) => void;
  /** A new connection listens: whatever is known must be compared before it counts as covered. */
  readonly onListening: () => void;
}

const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 2_000;
const IDLE_MS = 60_000;

export class ChangeFeed {
  /** Behind a pooler nobody can listen; epochs are asked for instead. */
  isPooled = false;
  readonly #options: ChangeFeedOptions;
  #coverage: Coverage | undefined;
  #connection: SystemConnection | undefined;
  #isRunning = false;
  #isClosed = false;
  #wantedAtMs = Number.NEGATIVE_INFINITY;
  #wake = new AbortController();

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
  }

  /** What the connection of this moment vouches for; undefined while none listens. */
  get coverage(): Coverage | undefined {
    return this.#coverage;
  }

  /** Somebody depends on it: starts listening where nobody did. */
  want(): void {
    this.#wantedAtMs = this.#options.nowMs();
    if (this.#isRunning || this.#isClosed || this.isPooled) return;
    this.#isRunning = true;
    void this.#run();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake.abort();
    this.#connection?.destroy();
    this.#lost();
  }

  async #run(): Promise<void> {
    let retryMs = RETRY_MS_MIN;
    while (!this.#isClosed && !this.isPooled && this.#isWanted) {
      const listened = await this.#listen().catch(() => false);
      retryMs = listened ? RETRY_MS_MIN : Math.min(retryMs * 2, RETRY_MS_MAX);
      if (this.#isWanted && !this.isPooled) await this.#pause(retryMs * (0.5 + Math.random() / 2));
    }
    this.#isRunning = false;
  }

  get #isWanted(): boolean {
    return this.#options.nowMs() - this.#wantedAtMs < IDLE_MS;
  }

  /** Listens until the connection is lost or nobody wants it; true when it ever listened. */
  async #listen(): Promise<boolean> {
    const { channel, beatMs, nowMs, onPayload, onListening } = this.#options;
    const connection = await this.#options.connect({
      onNotification: (from, payload) => {
        if (from === channel) onPayload(payload);
      },
      onEnd: () => this.#lost(),
    });
    this.#connection = connection;
    try {
      if (this.#isClosed || connection.isPooled) {
        this.isPooled = connection.isPooled;
        return false;
      }
      const sinceMs = nowMs();
      await withinMs(connection.ask(`listen ${channel}`), beatMs * 4);
      const coverage: Coverage = { asOfMs: sinceMs };
      this.#coverage = coverage;
      onListening();
      while (this.#isWanted && this.#coverage === coverage) {
        await this.#pause(beatMs);
        const askedAtMs = nowMs();
        // The server hands out what is waiting before it answers: this answer vouches until it was asked.
        await withinMs(connection.ask('select'), beatMs * 2);
        if (this.#coverage === coverage) coverage.asOfMs = askedAtMs;
      }
      return true;
    } finally {
      this.#lost();
      connection.destroy();
    }
  }

  #lost(): void {
    this.#coverage = undefined;
    this.#connection = undefined;
  }

  #pause(ms: number): Promise<unknown> {
    return sleep(ms, undefined, { ref: false, signal: this.#wake.signal }).catch(() => undefined);
  }
}

/**
 * Without an answer in time it rejects; the work itself goes on, unheard. Where this process did not get to look,
 * an answer that lies there already is taken before anybody is called late.
 */
export function withinMs<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no answer in ${timeoutMs} ms`));
    const timer = setTimeout(() => setImmediate(() => setImmediate(late)), timeoutMs);
    timer.unref();
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
