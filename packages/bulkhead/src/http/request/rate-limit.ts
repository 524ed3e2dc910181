/**
 * How often somebody may ask, as a bucket that fills evenly; one for all processes behind an address.
 *
 * Promises: a request is decided here, without asking anybody; memory is bounded; a refused request costs nothing of
 * the bucket. Once a second at most a process tells the others, by the database, what it granted, and hears what is
 * left of them all. Within that second each process may grant what it believes is there; what was granted too much
 * is owed, so that over a minute the limit holds for all together. While the database is away each process counts
 * for itself.
 */
import { createHmac } from 'node:crypto';

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
const TELL_EVERY_MS = 1_000;
/** How many buckets are told of in one statement; the others follow in the next. */
const TOLD_MAX = 5_000;

interface Bucket {
  level: number;
  atMs: number;
  limit: number;
  /** Granted here and told to nobody yet. */
  untold: number;
}

type Query = (
  text: string,
  values: unknown[],
) => Promise<{ readonly rows: Record<string, unknown>[] }>;

export interface SharedRates {
  readonly query: Query;
  /** Buckets are named by a hash under it: who asked from where is nobody's to read. */
  readonly secret: Buffer;
}

export interface RateLimiter {
  take(key: string, limit: number): RateVerdict;
  /** Tells what was granted and hears what is left, now; by itself a second after the first that is untold. */
  share(): Promise<void>;
  close(): void;
}

export function createRateLimiter(
  shared?: SharedRates,
  nowMs: () => number = Date.now,
): RateLimiter {
  let buckets = new Map<string, Bucket>();
  const untold = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let sharing: Promise<void> | undefined;
  let closed = false;

  const fill = (bucket: Bucket): void => {
    const now = nowMs();
    const perMs = bucket.limit / (WINDOW_SECONDS * 1_000);
    bucket.level = Math.min(bucket.limit, bucket.level + (now - bucket.atMs) * perMs);
    bucket.atMs = now;
  };

  function arm(): void {
    if (closed || timer !== undefined || untold.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      void share();
    }, TELL_EVERY_MS);
    timer.unref();
  }

  function share(): Promise<void> {
    sharing ??= tell().finally(() => {
      sharing = undefined;
      arm();
    });
    return sharing;
  }

  async function tell(): Promise<void> {
    if (shared === undefined) return;
    const told: { name: string; hash: Buffer; bucket: Bucket; count: number }[] = [];
    for (const name of untold) {
      if (told.length === TOLD_MAX) break;
      untold.delete(name);
      const bucket = buckets.get(name);
      if (bucket === undefined) continue;
      const hash = createHmac('sha256', shared.secret).update(name).digest().subarray(0, 16);
      told.push({ name, hash, bucket, count: bucket.untold });
      bucket.untold = 0;
    }
    if (told.length === 0) return;
    try {
      const { rows } = await shared.query(SHARE, [
        told.map(({ hash }) => hash),
        told.map(({ count }) => count),
        told.map(({ bucket }) => bucket.limit),
      ]);
      const levels = new Map(rows.map(({ key, level }) => [hex(key as Buffer), Number(level)]));
      for (const { hash, bucket } of told) {
        const level = levels.get(hex(hash));
        if (level === undefined) continue;
        fill(bucket);
        // What was granted while the others were asked is not in their answer yet.
        bucket.level = Math.min(bucket.level, level - bucket.untold);
      }
    } catch {
      for (const { name, bucket, count } of told) {
        bucket.untold += count;
        untold.add(name);
      }
    }
  }

  return {
    take(key, limit) {
      const now = nowMs();
      let bucket = buckets.get(key);
      if (bucket === undefined) {
        if (buckets.size >= KEYS_MAX) buckets = withoutFull(buckets, now);
        bucket = { level: limit, atMs: now, limit, untold: 0 };
        buckets.set(key, bucket);
      }
      fill(bucket);
      const allowed = bucket.level >= 1;
      if (allowed) {
        bucket.level -= 1;
        if (shared !== undefined) {
          bucket.untold += 1;
          untold.add(key);
          arm();
        }
      }
      const perSecond = limit / WINDOW_SECONDS;
      return {
        allowed,
        limit,
        remaining: Math.max(0, Math.floor(bucket.level)),
        resetSeconds: Math.ceil((limit - bucket.level) / perSecond),
        retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil((1 - bucket.level) / perSecond)),
      };
    },
    share,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

const SHARE =
  'select key, level from bulkhead.rate_share($1::bytea[], $2::integer[], $3::integer[])';
const hex = (key: Buffer): string => key.toString('hex');

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
