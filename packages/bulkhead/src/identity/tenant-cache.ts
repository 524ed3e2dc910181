/**
 * The directory as requests see it: a short memory in front of the look-up.
 *
 * Promises: an answer is never older than 5 s (a tenant) or 1 s (an absence), counted from when the
 * question was sent, so that disabling a tenant takes effect within 5 s in every process. One look-up
 * at a time per name. A directory that can't be asked is an error: old answers are not stretched.
 */
import { isBulkheadError } from '../kernel/errors.ts';
import { BoundedCache } from './bounded-cache.ts';
import { identityError } from './errors.ts';
import type { LookupHow, TenantLookup, TenantRecord } from './tenant-record.ts';

/** What a request needs of the directory: an answer at once where one is at hand. */
export interface TenantFinder {
  /**
   * @throws `identity.directory_unavailable` when the look-up fails or takes too long; a fault of the
   * set-up, such as `isolation.role_unsafe`, as it is.
   */
  find(how: LookupHow, value: string): TenantRecord | null | Promise<TenantRecord | null>;
}

export interface TenantCache extends TenantFinder {
  /** For whoever has just changed the directory: what comes next asks it. Other processes hear within 5 s. */
  forget(): void;
}

export interface TenantCacheOptions {
  readonly foundAgeMaxMs?: number;
  readonly absentAgeMaxMs?: number;
  readonly entriesMax?: number;
  readonly lookupTimeoutMs?: number;
  readonly nowMs?: () => number;
}

interface Answer {
  readonly record: TenantRecord | null;
  readonly askedAtMs: number;
}

/** Puts the short memory in front of a look-up. */
export function createTenantCache(
  lookup: TenantLookup,
  options: TenantCacheOptions = {},
): TenantCache {
  const foundAgeMaxMs = options.foundAgeMaxMs ?? 5_000;
  const absentAgeMaxMs = options.absentAgeMaxMs ?? 1_000;
  const lookupTimeoutMs = options.lookupTimeoutMs ?? 5_000;
  const nowMs = options.nowMs ?? Date.now;
  const entriesMax = options.entriesMax ?? 10_000;
  // One memory per way of asking saves building a joined key on every request.
  const nothingKnown = (): Record<LookupHow, BoundedCache<Answer>> => ({
    id: new BoundedCache(entriesMax),
    slug: new BoundedCache(entriesMax),
    external: new BoundedCache(entriesMax),
    domain: new BoundedCache(entriesMax),
  });
  let memories = nothingKnown();
  const underway = new Map<string, Promise<TenantRecord | null>>();

  async function ask(how: LookupHow, value: string): Promise<TenantRecord | null> {
    const askedAtMs = nowMs();
    // What is asked before a change is put where nobody looks any more.
    const kept = memories[how];
    try {
      const record = await withinMs(lookup(how, value), lookupTimeoutMs);
      kept.set(value, { record, askedAtMs });
      return record;
    } catch (cause) {
      // A fault of the set-up, such as a superuser's URL, does not pass by trying again: say which it is.
      if (isBulkheadError(cause) && cause.status === 500) throw cause;
      if (isUnmigrated(cause)) throw identityError('identity.directory_missing', { cause });
      warnOfOutage(cause, askedAtMs);
      throw identityError('identity.directory_unavailable', { cause });
    } finally {
      underway.delete(`${how}:${value}`);
    }
  }

  function askOnce(how: LookupHow, value: string): Promise<TenantRecord | null> {
    const key = `${how}:${value}`;
    let asking = underway.get(key);
    if (asking === undefined) {
      asking = ask(how, value);
      underway.set(key, asking);
    }
    return asking;
  }

  return {
    find(how, value) {
      const answer = memories[how].get(value);
      if (answer !== undefined) {
        const ageMs = nowMs() - answer.askedAtMs;
        const ageMaxMs = answer.record === null ? absentAgeMaxMs : foundAgeMaxMs;
        // A clock that was set back makes the age negative; then nothing is known about it.
        if (ageMs >= 0 && ageMs < ageMaxMs) {
          // Asked again before it ends, so that a busy tenant's requests never wait for the database.
          // A failure here is not one of this request's; the next one after the end reports it.
          if (answer.record !== null && ageMs * 2 > ageMaxMs) askOnce(how, value).catch(() => {});
          return answer.record;
        }
      }
      return askOnce(how, value);
    },
    forget() {
      memories = nothingKnown();
      underway.clear();
    },
  };
}

/** No such schema, no such function, no right to call it. */
function isUnmigrated(cause: unknown): boolean {
  const code = (cause as { code?: unknown } | null)?.code;
  return code === '3F000' || code === '42883' || code === '42501';
}

const WARNING_INTERVAL_MS = 60_000;
let warnedAtMs = Number.NEGATIVE_INFINITY;

/** The client is told to try again; whoever runs the app must hear why, and not once a request. */
function warnOfOutage(cause: unknown, nowMs: number): void {
  if (nowMs - warnedAtMs < WARNING_INTERVAL_MS) return;
  warnedAtMs = nowMs;
  const root = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const why = root instanceof Error ? root.message || String((root as { code?: string }).code) : '';
  process.emitWarning(`Bulkhead cannot ask its tenant directory: ${why}`, {
    code: 'BULKHEAD_DIRECTORY_UNAVAILABLE',
  });
}

function withinMs<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
