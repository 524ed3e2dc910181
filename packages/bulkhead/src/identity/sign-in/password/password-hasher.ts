/**
 * Passwords at rest: argon2id, with the parameters that OWASP recommends or stronger ones.
 *
 * Promises: a comparison takes one argon2 whether or not there is a hash to compare with; however many
 * sign-ins arrive at once, at most `concurrencyMax` hashes are computed at a time, and at most `waitingMax`
 * wait, so that a flood cannot eat the memory; what was hashed with other parameters says so.
 */
import { randomBytes } from 'node:crypto';
import type * as Argon2 from '@node-rs/argon2';
import { identityError } from '../../errors.ts';
import type { Password } from './read-password.ts';

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, two passes, one lane. */
export const OWASP = { memoryKib: 19_456, passes: 2, lanes: 1 } as const;

export interface HashingOptions {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
  /** Memory is at most this many times `memoryKib`. */
  readonly concurrencyMax: number;
  readonly waitingMax: number;
}

export interface Comparison {
  readonly matches: boolean;
  /** Hashed with other parameters than today's. */
  readonly stale: boolean;
}

export interface PasswordHasher {
  hash(password: Password): Promise<string>;
  /** @param stored undefined: nobody's password; takes as long, and never matches. */
  compare(password: Password, stored: string | undefined): Promise<Comparison>;
  /** How many argon2 runs there were; for tests and metrics. */
  readonly computed: () => number;
}

export function createPasswordHasher(options: HashingOptions): PasswordHasher {
  const { memoryKib, passes, lanes } = options;
  const parameters = { memoryCost: memoryKib, timeCost: passes, parallelism: lanes };
  const queue = createQueue(options.concurrencyMax, options.waitingMax);
  let computed = 0;
  let nobodys: Promise<string> | undefined;
  let library: Promise<typeof Argon2> | undefined;
  // Loaded when the first password is looked at: most processes never do.
  const argon2 = () => {
    library ??= import('@node-rs/argon2');
    return library;
  };

  const run = <T>(work: () => Promise<T>): Promise<T> =>
    queue(() => {
      computed += 1;
      return work();
    });

  return {
    async hash(password) {
      const { hash } = await argon2();
      return run(() => hash(password, parameters));
    },
    async compare(password, stored) {
      const { hash, parseOptions, verify } = await argon2();
      // Made once, of a secret that is not kept: no password matches it.
      if (stored === undefined) nobodys ??= hash(randomBytes(32), parameters);
      const against = stored ?? (await nobodys) ?? '';
      const matches = await run(() => verify(against, password));
      return {
        matches: matches && stored !== undefined,
        stale: isStale(parseOptions(against), options),
      };
    },
    computed: () => computed,
  };
}

function isStale(hashed: Argon2.ParsedHashOptions, options: HashingOptions): boolean {
  return (
    hashed.memoryCost !== options.memoryKib ||
    hashed.timeCost !== options.passes ||
    hashed.parallelism !== options.lanes
  );
}

/** @throws (from what it returns) `identity.sign_in_busy` when too many wait already. */
function createQueue(concurrencyMax: number, waitingMax: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrencyMax) {
      if (waiting.length >= waitingMax) throw identityError('identity.sign_in_busy');
      // Whoever ends hands its place on, so `running` stays what it is.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
