/**
 * One run of the attack: every family against every driver, in turn and within the time and number given.
 *
 * Promises: whatever cuts a run short cuts all families alike, and it says so. The same seed makes the same
 * attempts.
 */
import { isolationError } from '../errors.ts';
import { answersOf } from './answers-of.ts';
import type { AttackOptions } from './attack-options.ts';
import type { Attempt, Family, Ground } from './attempt.ts';
import type { Canary } from './canary-index.ts';
import type { Answer, Driver } from './drive/driver.ts';
import { PoolDriver } from './drive/pool-driver.ts';
import { families as allFamilies } from './families/index.ts';
import { forgedTokens } from './forged-tokens.ts';
import {
  askHonestly,
  type HonestAnswers,
  INTERLEAVING,
  interleave,
  type Question,
} from './interleave.ts';
import { type Bench, type Judgement, judge, Sent } from './judge.ts';
import { forkRandom } from './random.ts';
import type { DriverName } from './report.ts';
import type { Oracle } from './survey/oracle.ts';
import { tenantTables } from './survey/survey.ts';
import { Tally } from './tally.ts';

const SECONDS_DEFAULT = 60;
/** Random attempts a driver, where neither time nor number was asked for. */
const RANDOM_ATTEMPTS = 500;
const INTERLEAVED_ATTEMPTS = 240;
/** A check reads the attacker's rows and those all share. */
const CHECKS_MAX = 50;
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

interface Prepared {
  readonly family: Family;
  readonly driver: Driver;
  readonly tally: Tally;
  readonly attempts: readonly Attempt[];
  readonly endless: Iterator<Attempt> | undefined;
}

export class Campaign {
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
  #checks = 0;
  readonly #checked = new Set<Canary>();

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
      prepared.flat().filter(({ endless }) => endless !== undefined).length *
      (this.#options.randomStatements ?? RANDOM_ATTEMPTS);
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
    const { seconds, statements, randomStatements } = this.#options;
    const isBounded = seconds !== undefined || statements !== undefined;
    const randomMax = randomStatements ?? (isBounded ? Number.POSITIVE_INFINITY : RANDOM_ATTEMPTS);
    for (const { family, driver, tally, endless } of works) {
      for (let made = 0; endless !== undefined && made < randomMax && !isOver(); made += 1) {
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
    const judgement = await this.#judge(family.name, driver, attempt, answers, control);
    this.#count(tally, judgement, driver.name, family.name);
  }

  /**
   * The app runs meanwhile and may give the attacker a row of its own with a text that was another's alone when
   * the attack began. What such a row holds by now is no proof, so a finding is judged once more without it.
   */
  async #judge(
    family: string,
    driver: Driver,
    attempt: Attempt,
    answers: readonly Answer[],
    control: readonly Answer[] | undefined,
  ): Promise<Judgement> {
    const decide = () => judge(this.#bench, family, driver, attempt, answers, control);
    const judgement = decide();
    const unsure = judgement.foreign.filter((canary) => !this.#checked.has(canary));
    // Where everything leaks, the first few checks have said so.
    if (unsure.length === 0 || this.#checks >= CHECKS_MAX) return judgement;
    this.#checks += 1;
    for (const canary of unsure) this.#checked.add(canary);
    const shared = await this.#oracle.noLongerForeign(unsure);
    if (shared.length === 0) return judgement;
    this.#bench.sent.concede(shared);
    return decide();
  }

  #count(tally: Tally, judgement: Judgement, driver: DriverName, family: string): void {
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
      onAnswered: async (attempt, answers) => {
        // Tells of existence were judged before, alone; here only what came back counts.
        const echoing = { ...attempt, echoes: true };
        const judgement = await this.#judge(INTERLEAVING.name, driver, echoing, answers, undefined);
        this.#count(tally, judgement, 'pool', INTERLEAVING.name);
      },
      onPoisoned: (finding) =>
        this.#count(
          tally,
          { outcome: 'rows', foreignBytes: 0, foreign: [], finding },
          'pool',
          INTERLEAVING.name,
        ),
    });
    return tally;
  }
}
