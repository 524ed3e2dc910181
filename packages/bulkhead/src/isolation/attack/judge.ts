/** Decides what the answers to one attempt gave away. */
import type { Attempt } from './attempt.ts';
import type { Canary, CanaryIndex } from './canary-index.ts';
import type { Answer, Driver } from './drive/driver.ts';
import type { AttackFinding } from './report.ts';

export interface Judgement {
  readonly outcome: Answer['outcome'];
  readonly foreignBytes: number;
  /** The texts that counted as another tenant's. */
  readonly foreign: readonly Canary[];
  readonly finding: AttackFinding | undefined;
}

/** What one run has sent so far, as far as canaries occur in it, and what is no longer one. */
export class Sent {
  readonly #values = new Set<string>();
  readonly #conceded = new Set<string>();
  readonly #index: CanaryIndex;

  constructor(index: CanaryIndex) {
    this.#index = index;
  }

  /** The values in the text, which its answer may echo in any spelling. */
  add(text: string): ReadonlySet<string> {
    const found = new Set([...this.#index.find(text)].map(({ value }) => value));
    for (const value of found) this.#values.add(value);
    return found;
  }

  /** Texts that the attacker has by right since. */
  concede(canaries: readonly Canary[]): void {
    for (const { value } of canaries) this.#conceded.add(value);
  }

  isConceded(value: string): boolean {
    return this.#conceded.has(value);
  }

  get all(): ReadonlySet<string> {
    return this.#values;
  }
}

export interface Bench {
  readonly index: CanaryIndex;
  readonly sent: Sent;
}

export function judge(
  bench: Bench,
  family: string,
  driver: Driver,
  attempt: Attempt,
  answers: readonly Answer[],
  control: readonly Answer[] | undefined,
): Judgement {
  const reproduce = script(attempt);
  const echoed = bench.sent.add(reproduce);
  const known = attempt.echoes ? bench.sent.all : echoed;
  const base = { family, driver: driver.name, reproduce };
  const last = answers.at(-1);
  const outcome = outcomeOf(answers);

  let foreignBytes = 0;
  const foreign: Canary[] = [];
  let finding: AttackFinding | undefined;
  for (const answer of answers) {
    for (const { where, bytes } of answer.pieces) {
      const hits = [...bench.index.find(bytes)].filter(
        ({ value }) => !known.has(value) && !bench.sent.isConceded(value),
      );
      const strong = hits.filter(({ isWeak }) => !isWeak);
      if (strong.length === 0 && hits.length < 2) continue;
      foreign.push(...hits);
      foreignBytes += hits.reduce((sum, canary) => sum + canary.bytes.length, 0);
      const source = (strong[0] ?? hits[0])?.source;
      if (finding !== undefined || source === undefined) continue;
      finding = {
        ...base,
        object: attempt.object ?? source.table,
        kind: 'bytes',
        seen: `${hits.length} ${hits.length === 1 ? 'text' : 'texts'} that only other tenants have came back, the first from ${source.table}.${source.column} of ${source.tenant}.`,
        statement: answer.statement,
        where,
        canary: source,
      };
    }
  }
  finding ??= judgeTell(base, attempt, last) ?? judgeControl(base, attempt, last, control?.at(-1));
  return { outcome, foreignBytes, foreign, finding };
}

/** What stopped the attempt, if any of its steps was stopped; else what the last one brought. */
function outcomeOf(answers: readonly Answer[]): Answer['outcome'] {
  for (const stopped of ['refused', 'denied'] as const) {
    if (answers.some(({ outcome }) => outcome === stopped)) return stopped;
  }
  return answers.at(-1)?.outcome ?? 'empty';
}

type Base = Pick<AttackFinding, 'family' | 'driver' | 'reproduce'>;

function judgeTell(
  base: Base,
  attempt: Attempt,
  last: Answer | undefined,
): AttackFinding | undefined {
  if (last === undefined || attempt.tell === undefined) return undefined;
  const isTold =
    attempt.tell === 'rows'
      ? last.rowCount > 0
      : last.outcome === 'rows' || last.outcome === 'empty';
  if (!isTold) return undefined;
  return {
    ...base,
    object: attempt.object ?? 'unknown',
    kind: 'rows',
    seen:
      attempt.tell === 'rows'
        ? `${last.rowCount} ${last.rowCount === 1 ? 'row' : 'rows'} answered a statement that only another tenant's rows can answer.`
        : 'The statement succeeded, and it must not.',
    statement: last.statement,
    where: 'rows',
    canary: undefined,
  };
}

/** Same statement, a value nobody has: the outcomes must not differ. */
function judgeControl(
  base: Base,
  attempt: Attempt,
  probe: Answer | undefined,
  control: Answer | undefined,
): AttackFinding | undefined {
  if (probe === undefined || control === undefined) return undefined;
  if (signature(probe) === signature(control)) return undefined;
  return {
    ...base,
    object: attempt.object ?? 'unknown',
    kind: 'existence',
    seen: `With a value of another tenant: ${signature(probe)}; with one that nobody has: ${signature(control)}.`,
    statement: probe.statement,
    where: probe.outcome === 'rows' ? 'rows' : 'error',
    canary: undefined,
  };
}

const signature = ({ outcome, code, rowCount }: Answer): string =>
  outcome === 'denied' || outcome === 'refused' ? `error ${code}` : `${rowCount} rows`;

/** The attempt as somebody would type it. */
export function script({ steps, mode }: Attempt): string {
  const body = steps.map((step) => step.trimEnd()).join(';\n');
  return mode === 'rolled back' ? `begin;\n${body};\nrollback;` : `${body};`;
}
