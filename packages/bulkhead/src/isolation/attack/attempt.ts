/** One thing the attacker does, and what it may conclude from the answer. */
import type { Random } from './random.ts';
import type { DriverName } from './report.ts';
import type { RowText } from './survey/oracle.ts';
import type { Survey } from './survey/survey.ts';

export interface Attempt {
  /** Sent one by one on one session; each is judged. */
  readonly steps: readonly string[];
  /** What is attacked, for the report. */
  readonly object?: string;
  /**
   * Where bytes are not the only tell. `rows`: any row returned or affected by the last step is another
   * tenant's. `success`: the last step must not succeed at all.
   */
  readonly tell?: 'rows' | 'success';
  /** The same with values nobody has: an outcome that differs from that of `steps` tells that somebody has them. */
  readonly control?: readonly string[];
  /**
   * How it runs. `rolled back`: inside a transaction that is undone (all that may write). `plain`: as it
   * stands, and the session is cleaned afterwards. Through the pool, `plain` is one `pool.query` a step,
   * `session` a checked-out client. `copy` goes through the door for streams.
   */
  readonly mode: 'rolled back' | 'plain' | 'session' | 'copy';
  /** The answer may show what was sent before, so what was ever sent proves nothing. */
  readonly echoes?: boolean;
}

/** What an attacker is assumed to know: all names and shapes, and ids of victims, though no row's text. */
export interface Ground {
  readonly survey: Survey;
  readonly driver: DriverName;
  readonly attacker: string;
  /** The tenant whose rows are asked for by name. */
  readonly victim: string;
  readonly ownRows: ReadonlyMap<string, readonly RowText[]>;
  readonly victimRows: ReadonlyMap<string, readonly RowText[]>;
  readonly kids: readonly string[];
  /** Tokens as they might travel in `bulkhead.context`, by what is wrong with them. */
  readonly tokens: ReadonlyMap<string, string>;
  readonly random: Random;
  readonly destructive: boolean;
}

export interface Family {
  readonly name: string;
  readonly description: string;
  /** The drivers it makes sense for; both when absent. */
  readonly only?: DriverName;
  /** Ends when there is nothing left to try; a random one never ends. */
  attempts(ground: Ground): Iterable<Attempt>;
  /** Runs on after everything else, for as long as there is time. */
  readonly isEndless?: boolean;
}
