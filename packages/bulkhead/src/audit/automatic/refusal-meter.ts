/**
 * Keeps refusals from filling the log: anyone can be refused as often as they like, at no cost to them.
 *
 * Promises: the first refusal of a kind is told at once, and those that follow within ten seconds are told
 * together with their number; none goes uncounted. Memory is bounded: beyond the bound, kinds are counted
 * without their details.
 */
export interface RefusalMeter<T> {
  /** @param kind what makes two refusals alike */
  count(kind: string, refusal: T): void;
  /** Tells what is counted and not told yet. */
  flush(): void;
}

interface Counted<T> {
  readonly refusal: T;
  more: number;
}

const WINDOW_MS = 10_000;
const KINDS_MAX = 5_000;

/**
 * @param tell told of a refusal and how many of its kind it stands for
 * @param blur what is left of a refusal when there are too many kinds, and its kind
 */
export function createRefusalMeter<T>(
  tell: (refusal: T, count: number) => void,
  blur: (refusal: T) => { kind: string; refusal: T },
  windowMs = WINDOW_MS,
): RefusalMeter<T> {
  let counted = new Map<string, Counted<T>>();
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const ended = counted;
    counted = new Map();
    for (const { refusal, more } of ended.values()) if (more > 0) tell(refusal, more);
  }

  return {
    count(kind, refusal) {
      const isFull = counted.size >= KINDS_MAX && !counted.has(kind);
      const shown = isFull ? blur(refusal) : { kind, refusal };
      const known = counted.get(shown.kind);
      if (known !== undefined) {
        known.more += 1;
        return;
      }
      counted.set(shown.kind, { refusal: shown.refusal, more: 0 });
      tell(shown.refusal, 1);
      timer ??= setTimeout(flush, windowMs);
      // Closing tells the rest: an idle process need not wait for it.
      timer.unref();
    },
    flush,
  };
}
