/**
 * Slows guessing, by rate-limiter-flexible on PostgreSQL: counts hold across processes and restarts.
 *
 * Promises: an attempt is counted before it is looked at, so that a hundred at once get no further than a
 * hundred in a row; a success gives back its own attempt and no other, but for the account's, which begins
 * anew; while the counts cannot be read nobody gets in. Does not promise fairness to who shares a network with
 * an attacker, beyond browsers that are known.
 */
import type { IRateLimiterPostgresOptions, RateLimiterPostgres } from 'rate-limiter-flexible';
import { identityError } from '../../errors.ts';
import type { AccountsPort } from '../ports.ts';
import { type Limit, type LimitName, type Limits, limits as usual } from './limits.ts';

/** A limit and what it counts for. */
export interface Counted {
  readonly limit: LimitName;
  readonly of: string;
}

/** Whose attempt it is, for the record. */
export interface About {
  readonly email?: string | undefined;
  readonly door?: string | undefined;
}

export interface Attempt {
  /** It was right: what it used up is given back. */
  succeeded(): Promise<void>;
}

export interface Throttle {
  /**
   * Counts an attempt under every limit given.
   *
   * @throws `identity.throttled` with the seconds to wait.
   */
  admit(counted: readonly Counted[], about?: About): Promise<Attempt>;
  /** The same where too many are not an error: false then. */
  admits(counted: readonly Counted[], about?: About): Promise<boolean>;
}

export interface ThrottleOptions {
  readonly accounts: AccountsPort;
  readonly limits?: Partial<Limits> | undefined;
  /** Told once each time that a limit is reached. */
  readonly onReached?:
    | ((reached: Counted, waitSeconds: number, about: About) => Promise<void>)
    | undefined;
}

const DAY_SECONDS = 86_400;
/** Those that tell a right password from a wrong one anew each time. */
const FORGIVEN: ReadonlySet<LimitName> = new Set(['account', 'device', 'factor']);

interface Pair {
  readonly limit: Limit;
  readonly attempts: RateLimiterPostgres;
  /** How often the limit was reached within a day. */
  readonly reached: RateLimiterPostgres;
}

export function createThrottle(options: ThrottleOptions): Throttle {
  const limits: Limits = { ...usual, ...options.limits };
  let pairs: Promise<(name: LimitName) => Pair> | undefined;

  async function makePairs(): Promise<(name: LimitName) => Pair> {
    const { RateLimiterPostgres } = await import('rate-limiter-flexible');
    const common = {
      storeClient: { query: (q: Statement) => options.accounts.query(q.text, q.values ?? []) },
      storeType: 'client',
      schemaName: 'bulkhead',
      tableName: 'sign_in_throttle',
      // By our migration, with its grants; what expired goes as sign-ins are opened.
      tableCreated: true,
      clearExpiredByTimeout: false,
    } satisfies Partial<IRateLimiterPostgresOptions>;
    const made = new Map<LimitName, Pair>();
    return (name) => {
      const known = made.get(name);
      if (known !== undefined) return known;
      const limit = limits[name];
      const pair: Pair = {
        limit,
        attempts: new RateLimiterPostgres({
          ...common,
          keyPrefix: name,
          points: limit.attempts,
          duration: limit.windowSeconds,
        }),
        reached: new RateLimiterPostgres({
          ...common,
          keyPrefix: `${name}_reached`,
          points: Number.MAX_SAFE_INTEGER,
          duration: DAY_SECONDS,
        }),
      };
      made.set(name, pair);
      return pair;
    };
  }

  /** @returns the seconds to wait, or 0. */
  async function count({ limit: name, of }: Counted, about: About): Promise<number> {
    pairs ??= makePairs();
    const { limit, attempts, reached } = (await pairs)(name);
    let rejected: Rejection;
    try {
      await attempts.consume(of);
      return 0;
    } catch (error) {
      if (!isRejection(error)) throw error;
      rejected = error;
    }
    // The increments are the database's, so exactly one attempt of all processes finds itself the first.
    if (rejected.consumedPoints !== limit.attempts + 1)
      return Math.ceil(rejected.msBeforeNext / 1000);
    const { consumedPoints: times } = await reached.penalty(of);
    const wait = Math.min(limit.waitSeconds * 2 ** (times - 1), limit.waitSecondsMax);
    await attempts.block(of, wait);
    await options.onReached?.({ limit: name, of }, wait, about);
    return wait;
  }

  /** All are counted, also where one refuses: what is refused by one limit still counts for the others. */
  async function countAll(counted: readonly Counted[], about: About): Promise<number> {
    const waits = await Promise.all(counted.map((one) => count(one, about)));
    return Math.max(0, ...waits);
  }

  async function forgive(counted: readonly Counted[]): Promise<void> {
    if (pairs === undefined) return;
    const pair = await pairs;
    await Promise.all(
      counted.map(async ({ limit, of }) => {
        const { attempts, reached } = pair(limit);
        if (!FORGIVEN.has(limit)) return void (await attempts.reward(of));
        await attempts.delete(of);
        await reached.delete(of);
      }),
    );
  }

  return {
    async admit(counted, about = {}) {
      const wait = await countAll(counted, about);
      if (wait > 0) throw throttled(wait);
      return { succeeded: () => forgive(counted) };
    },
    admits: async (counted, about = {}) => (await countAll(counted, about)) === 0,
  };
}

interface Statement {
  readonly text: string;
  readonly values?: unknown[];
}

interface Rejection {
  readonly consumedPoints: number;
  readonly msBeforeNext: number;
}

/** The library rejects with a result, not with an error, when there were too many. */
function isRejection(thrown: unknown): thrown is Rejection {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    !(thrown instanceof Error) &&
    'msBeforeNext' in thrown &&
    'consumedPoints' in thrown
  );
}

function throttled(seconds: number) {
  const wait = seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return identityError('identity.throttled', {
    message: `There were too many attempts. Try again in ${wait}.`,
    retryAfterSeconds: seconds,
  });
}
