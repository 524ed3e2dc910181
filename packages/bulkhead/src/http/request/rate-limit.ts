/**
 * How often somebody may ask, as a bucket that fills evenly.
 *
 * Promises: memory is bounded; a refused request costs nothing of the bucket. Counts in this process alone:
 * behind one address, each process grants the limit of its own.
 */
export interface RateVerdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** Until the bucket is full again, in seconds. */
  readonly resetSeconds: number;
  /** Until the next request is taken, in seconds; 0 when this one was. */
  readonly retryAfterSeconds: number;
}

const WINDOW_SECONDS = 60;
const KEYS_MAX = 50_000;

interface Bucket {
  level: number;
  atMs: number;
}

export interface RateLimiter {
  take(key: string, limit: number): RateVerdict;
}

export function createRateLimiter(nowMs: () => number = Date.now): RateLimiter {
  let buckets = new Map<string, Bucket>();

  return {
    take(key, limit) {
      const now = nowMs();
      const perMs = limit / (WINDOW_SECONDS * 1_000);
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= KEYS_MAX) buckets = withoutFull(buckets, now);
        bucket = { level: limit, atMs: now };
        buckets.set(key, bucket);
      }
      bucket.level = Math.min(limit, bucket.level + (now - bucket.atMs) * perMs);
      bucket.atMs = now;
      const allowed = bucket.level >= 1;
      if (allowed) bucket.level -= 1;
      return {
        allowed,
        limit,
        remaining: Math.floor(bucket.level),
        resetSeconds: Math.ceil((limit - bucket.level) / perMs / 1_000),
        retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil((1 - bucket.level) / perMs / 1_000)),
      };
    },
  };
}

/** A bucket that nobody took from for a whole window is full, so forgetting it changes nothing. */
function withoutFull(buckets: Map<string, Bucket>, nowMs: number): Map<string, Bucket> {
  const kept = new Map(
    [...buckets].filter(([, { atMs }]) => nowMs - atMs < WINDOW_SECONDS * 1_000),
  );
  // Strangers without end: the oldest half starts anew.
  return kept.size < KEYS_MAX ? kept : new Map([...kept].slice(kept.size / 2));
}

/** draft-ietf-httpapi-ratelimit-headers. */
export function rateHeaders(verdict: RateVerdict): Record<string, string> {
  return {
    'ratelimit-policy': `"default";q=${verdict.limit};w=${WINDOW_SECONDS}`,
    ratelimit: `"default";r=${verdict.remaining};t=${verdict.resetSeconds}`,
    ...(!verdict.allowed && { 'retry-after': String(verdict.retryAfterSeconds) }),
  };
}
