/**
 * The time, read less often than it is asked for.
 *
 * Reading the system's clock costs as much as a check. Promises: monotonic; at most `READS_EVERY` questions old,
 * and at most `TICK_MS` while the event loop turns; `read` is exact. Does not promise more inside a stretch of
 * synchronous code that blocks the loop: there, time stands still for up to `READS_EVERY` questions.
 */
const READS_EVERY = 64;
const TICK_MS = 10;
/** Without questions for so long, ticking stops until the next one. */
const IDLE_TICKS_MAX = 100;

export class CoarseClock {
  readonly #now: () => number;
  #last: number;
  #questions = 0;
  #asked = true;
  #idleTicks = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param now monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
    this.#last = now();
  }

  /** About now. */
  about(): number {
    this.#questions += 1;
    if (this.#questions >= READS_EVERY || this.#timer === undefined) return this.read();
    this.#asked = true;
    return this.#last;
  }

  /** Exactly now. */
  read(): number {
    this.#questions = 0;
    this.#last = this.#now();
    this.#asked = true;
    if (this.#timer === undefined) this.#start();
    return this.#last;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    this.#idleTicks = 0;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    this.#timer.unref();
  }

  #tick(): void {
    this.#last = this.#now();
    this.#questions = 0;
    this.#idleTicks = this.#asked ? 0 : this.#idleTicks + 1;
    this.#asked = false;
    if (this.#idleTicks > IDLE_TICKS_MAX) this.close();
  }
}
