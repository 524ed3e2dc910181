/**
 * Drives an app's protected pool, and a plain session as its role, with hostile and random statements under
 * one tenant, and reports every byte and every row of another's that they reach.
 *
 * Promises: what is reported was seen, with the statements that show it; statements that write run in
 * transactions that are rolled back. Does not promise that what it did not find is not there: it tries, it
 * does not prove. Timing and row estimates are not judged.
 */
import type pg from 'pg';
import { isolationError } from '../errors.ts';
import type { Attempt, Family, Ground } from './attempt.ts';
import { type Answer, type Driver, failure } from './drive/driver.ts';
import { type EnterTenant, PoolDriver } from './drive/pool-driver.ts';
import { RawDriver } from './drive/raw-driver.ts';
import { families as allFamilies } from './families/index.ts';
import { forgedTokens } from './forged-tokens.ts';
import {
  askHonestly,
  type HonestAnswers,
  INTERLEAVING,
  interleave,
  type Question,
} from './interleave.ts';
import { type Bench, judge, Sent } from './judge.ts';
import { forkRandom } from './random.ts';
import type { AttackReport, DriverName } from './report.ts';
import { type Oracle, openOracle } from './survey/oracle.ts';
import { tenantTables } from './survey/survey.ts';
import { Tally } from './tally.ts';

export interface AttackOptions {
  /** Reads all tenants' rows, as their judge; the attacking side never uses it. */
  readonly adminUrl: string;
  /** The app's role: what a stolen credential would be. */
  readonly appUrl: string;
  /** The app's protected pool and the way into a tenant's context; without them only `raw` is driven. */
  readonly pool?: pg.Pool;
  readonly asTenant?: EnterTenant;
  readonly drivers?: readonly DriverName[];
  /** The app's key, to sign contexts that are genuine but too old: they must be refused. */
  readonly contextKey?: string;
  /** Whose context the attack has, by id or slug; by default the tenant with rows in most tables. */
  readonly tenant?: string;
  /** Default `tenant_id`. */
  readonly tenantColumn?: string;
  /** Ends after so many seconds; random statements fill the time. Default: 60 at most. */
  readonly seconds?: number;
  /** Ends after so many attempts. */
  readonly statements?: number;
  readonly seed?: number;
  /** Names of families; all by default. */
  readonly families?: readonly string[];
  /** Also ends the pool's own backends. */
  readonly destructive?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AttackProgress) => void;
}

export interface AttackProgress {
  readonly done: number;
  readonly total: number;
  readonly driver: DriverName;
  readonly family: string;
  readonly findings: number;
}

const SECONDS_DEFAULT = 60;
/** Random attempts a driver, where neither time nor number was asked for. */
const RANDOM_ATTEMPTS = 500;
const INTERLEAVED_ATTEMPTS = 240;
const ANSWER_TIMEOUT_MS = 15_000;
const TENANT_COLUMN = 'tenant_id';

/** Families of which a sample is repeated in the midst of honest questions. */
const INTERLEAVED = new Set([
  'settings poisoning',
  'prepared statements',
  'transaction tricks',
  'SQL inside text',
  'context forging',
  'shadowing',
  'shared state',
  'crossing writes',
]);

/** The families' names and descriptions. */
export const attackFamilies: readonly { readonly name: string; readonly description: string }[] = [
  ...allFamilies.map(({ name, description }) => ({ name, description })),
  INTERLEAVING,
];

/**
 * @throws `kernel.database_unavailable`, `isolation.attack_unprepared`, `isolation.attack_blind`
 */
export async function attack(options: AttackOptions): Promise<AttackReport> {
  const startedAtMs = performance.now();
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
  const raw = await RawDriver.open(options.appUrl);
  let oracle: Oracle | undefined;
  const drivers: Driver[] = [];
  try {
    oracle = await openOracle({
      adminUrl: options.adminUrl,
      appRole: await raw.role(),
      tenant: options.tenant,
      tenantColumn: options.tenantColumn ?? TENANT_COLUMN,
    });
    const { pool, asTenant } = options;
    const wanted = options.drivers ?? ['pool', 'raw'];
    if (wanted.includes('pool') && pool !== undefined && asTenant !== undefined) {
      drivers.push(new PoolDriver(pool, asTenant, oracle.attacker));
    }
    if (wanted.includes('raw')) drivers.push(raw);
    if (drivers.length === 0) {
      throw isolationError('isolation.attack_unprepared', {
        message: 'The pool driver needs a protected pool and asTenant.',
      });
    }
    const campaign = new Campaign(options, oracle, drivers, seed);
    const tallies = await campaign.run();
    const changes = await oracle.changes();
    const reports = tallies.map(({ report }) => report).filter(({ attempts }) => attempts > 0);
    const isHeld =
      changes.foreign.length === 0 && reports.every(({ findings }) => findings.length === 0);
    return {
      verdict: isHeld ? 'held' : 'leak',
      tenant: oracle.attacker,
      tenantsAttacked: oracle.victims.length,
      canaries: oracle.canaries.size,
      families: reports,
      attempts: reports.reduce((sum, { attempts }) => sum + attempts, 0),
      rowsChanged: changes.foreign,
      ownRowsChanged: changes.own,
      unjudged: oracle.unjudged,
      cutShort: campaign.cutShort,
      seed,
      durationMs: Math.round(performance.now() - startedAtMs),
    };
  } finally {
    for (const driver of drivers) await driver.close();
    await raw.close();
    await oracle?.close();
  }
}

interface Prepared {
  readonly family: Family;
  readonly driver: Driver;
  readonly tally: Tally;
  readonly attempts: readonly Attempt[];
  readonly endless: Iterator<Attempt> | undefined;
}

class Campaign {
  cutShort = false;
  readonly #options: AttackOptions;
  readonly #oracle: Oracle;
  readonly #bench: Bench;
  readonly #drivers: readonly Driver[];
  readonly #seed: number;
  readonly #endsAtMs: number;
  #total = 0;
  #done = 0;
  #findings = 0;

  constructor(options: AttackOptions, oracle: Oracle, drivers: readonly Driver[], seed: number) {
    this.#options = options;
    this.#oracle = oracle;
    this.#bench = { index: oracle.canaries, sent: new Sent(oracle.canaries) };
    this.#drivers = drivers;
    this.#seed = seed;
    this.#endsAtMs = performance.now() + (options.seconds ?? SECONDS_DEFAULT) * 1000;
  }

  async run(): Promise<Tally[]> {
    const prepared = this.#drivers.map((driver) => this.#prepare(driver));
    const fixed = prepared.flat().reduce((sum, { attempts }) => sum + attempts.length, 0);
    const random =
      prepared.flat().filter(({ endless }) => endless !== undefined).length * RANDOM_ATTEMPTS;
    this.#total = this.#options.statements ?? fixed + random;
    const tallies: Tally[] = [];
    for (const [at, works] of prepared.entries()) {
      const share = this.#shareOf(prepared.length - at);
      const driver = this.#drivers[at];
      const isInterleaved = driver instanceof PoolDriver && this.#wants(INTERLEAVING.name);
      // Before the first attack, or what it leaves behind would pass for how things are.
      const honest = isInterleaved ? await this.#askHonestly() : undefined;
      await this.#runDriver(works, share);
      tallies.push(...works.map(({ tally }) => tally));
      if (isInterleaved && honest !== undefined) {
        tallies.push(await this.#interleave(driver, works, share, honest));
      }
    }
    return tallies;
  }

  #wants(name: string): boolean {
    return this.#options.families === undefined || this.#options.families.includes(name);
  }

  #prepare(driver: Driver): Prepared[] {
    const chosen = allFamilies.filter(
      ({ name, only }) => this.#wants(name) && (only ?? driver.name) === driver.name,
    );
    return chosen.map((family) => {
      const made = family.attempts(this.#ground(driver, family.name));
      return {
        family,
        driver,
        tally: new Tally(family.name, driver.name, family.description),
        attempts: family.isEndless ? [] : [...made],
        endless: family.isEndless ? made[Symbol.iterator]() : undefined,
      };
    });
  }

  #ground(driver: Driver, family: string): Ground {
    const { survey, attacker, victims, ownRows, victimRows, kids } = this.#oracle;
    const random = forkRandom(this.#seed, `${driver.name} ${family}`);
    const victim = victims[0] ?? attacker;
    const tokens = forgedTokens({
      victim,
      attacker,
      kids,
      contextKey: this.#options.contextKey,
      random: forkRandom(this.#seed, 'tokens'),
      nowMs: Date.now(),
    });
    const destructive = this.#options.destructive ?? false;
    return {
      survey,
      driver: driver.name,
      attacker,
      victim,
      ownRows,
      victimRows,
      kids,
      tokens,
      random,
      destructive,
    };
  }

  /** Time and attempts left, divided among the drivers still to come. */
  #shareOf(driversLeft: number): { readonly endsAtMs: number; readonly attemptsMax: number } {
    const nowMs = performance.now();
    const { statements } = this.#options;
    return {
      endsAtMs: nowMs + (this.#endsAtMs - nowMs) / driversLeft,
      attemptsMax:
        this.#done +
        (statements === undefined
          ? Number.POSITIVE_INFINITY
          : Math.ceil((statements - this.#done) / driversLeft)),
    };
  }

  /** One attempt of each family in turn, so that whatever cuts it short cuts all alike. */
  async #runDriver(
    works: readonly Prepared[],
    share: { endsAtMs: number; attemptsMax: number },
  ): Promise<void> {
    const isOver = (): boolean => this.#isOver(share);
    const longest = Math.max(0, ...works.map(({ attempts }) => attempts.length));
    for (let at = 0; at < longest; at += 1) {
      for (const { family, driver, tally, attempts } of works) {
        const attempt = attempts[at];
        if (attempt === undefined) continue;
        if (isOver()) {
          this.cutShort = true;
          return;
        }
        await this.#make(family, driver, tally, attempt);
      }
    }
    const isBounded = this.#options.seconds !== undefined || this.#options.statements !== undefined;
    for (const { family, driver, tally, endless } of works) {
      for (
        let made = 0;
        endless !== undefined && (isBounded || made < RANDOM_ATTEMPTS) && !isOver();
        made += 1
      ) {
        const next = endless.next();
        if (next.done) break;
        await this.#make(family, driver, tally, next.value);
      }
    }
  }

  #isOver({ endsAtMs, attemptsMax }: { endsAtMs: number; attemptsMax: number }): boolean {
    return (
      performance.now() >= endsAtMs ||
      this.#done >= attemptsMax ||
      this.#options.signal?.aborted === true
    );
  }

  async #make(family: Family, driver: Driver, tally: Tally, attempt: Attempt): Promise<void> {
    const answers = await answersOf(driver, attempt.steps, attempt.mode);
    const control = attempt.control && (await answersOf(driver, attempt.control, attempt.mode));
    const lost = answers.find(
      ({ code }) => code === 'isolation.pool_missing' || code === 'isolation.role_unsafe',
    );
    if (lost !== undefined) {
      throw isolationError('isolation.attack_unprepared', {
        message: `The pool takes no statement: ${lost.code}.`,
      });
    }
    this.#count(
      tally,
      judge(this.#bench, family.name, driver, attempt, answers, control),
      driver.name,
      family.name,
    );
  }

  #count(
    tally: Tally,
    judgement: ReturnType<typeof judge>,
    driver: DriverName,
    family: string,
  ): void {
    const before = tally.findingCount;
    tally.add(judgement);
    this.#findings += tally.findingCount - before;
    this.#done += 1;
    this.#options.onProgress?.({
      done: this.#done,
      total: Math.max(this.#total, this.#done),
      driver,
      family,
      findings: this.#findings,
    });
  }

  async #askHonestly(): Promise<HonestAnswers | undefined> {
    const { pool, asTenant } = this.#options;
    if (pool === undefined || asTenant === undefined) return undefined;
    const { survey, attacker, victims } = this.#oracle;
    const tables = tenantTables(survey)
      .filter(({ isReadable }) => isReadable)
      .slice(0, 3);
    const questions: Question[] = [...victims.slice(0, 3), attacker].flatMap((tenant) =>
      tables.map((table) => ({ tenant, table })),
    );
    return askHonestly({ pool, enter: asTenant }, questions);
  }

  async #interleave(
    driver: PoolDriver,
    works: readonly Prepared[],
    share: { endsAtMs: number; attemptsMax: number },
    honest: HonestAnswers,
  ): Promise<Tally> {
    const tally = new Tally(INTERLEAVING.name, 'pool', INTERLEAVING.description);
    const { pool, asTenant } = this.#options;
    if (pool === undefined || asTenant === undefined) return tally;
    const random = forkRandom(this.#seed, INTERLEAVING.name);
    const sample = works
      .filter(({ family }) => INTERLEAVED.has(family.name))
      .flatMap(({ attempts }) => attempts);
    const attempts = random
      .shuffle(sample)
      .filter(({ mode }) => mode !== 'copy')
      .slice(0, INTERLEAVED_ATTEMPTS);
    await interleave({
      pool,
      enter: asTenant,
      driver,
      honest,
      attempts,
      isOver: () => this.#isOver(share),
      onAnswered: (attempt, answers) =>
        // Tells of existence were judged before, alone; here only what came back counts.
        this.#count(
          tally,
          judge(
            this.#bench,
            INTERLEAVING.name,
            driver,
            { ...attempt, echoes: true },
            answers,
            undefined,
          ),
          'pool',
          INTERLEAVING.name,
        ),
      onPoisoned: (finding) =>
        this.#count(
          tally,
          { outcome: 'rows', foreignBytes: 0, finding },
          'pool',
          INTERLEAVING.name,
        ),
    });
    return tally;
  }
}

/** An attempt that gets no answer at all, such as one behind a lock of the app's, is left behind. */
async function answersOf(
  driver: Driver,
  steps: readonly string[],
  mode: Attempt['mode'],
): Promise<Answer[]> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<Answer[]>((resolve) => {
    timer = setTimeout(
      () => resolve([failure(steps.at(-1) ?? '', new Error('no answer in time'), [])]),
      ANSWER_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([driver.run(steps, mode), silence]);
  } finally {
    clearTimeout(timer);
  }
}
