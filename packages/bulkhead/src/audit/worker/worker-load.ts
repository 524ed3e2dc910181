/** How much is being recorded, for work that can wait until it lets up. Threads of one worker share it. */

/** Two thousand events a second and more. */
const BUSY_BATCH = 200;
const BUSY_FOR_MS = 1_000;

export class WorkerLoad {
  readonly #busyUntilMs: Float64Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT)) {
    this.#busyUntilMs = new Float64Array(shared);
  }

  /** What another thread is given, to know the same. */
  get shared(): SharedArrayBuffer {
    // The constructor was given no other.
    return this.#busyUntilMs.buffer as SharedArrayBuffer;
  }

  /** Told of every batch by the sequencer. */
  note(events: number): void {
    if (events >= BUSY_BATCH) this.#busyUntilMs[0] = Date.now() + BUSY_FOR_MS;
  }

  /** Events come faster than in trickles: what can wait should. */
  isBusy(): boolean {
    return Date.now() < (this.#busyUntilMs[0] ?? 0);
  }
}
