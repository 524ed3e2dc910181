/** Counts what one family came to. */
import type { Judgement } from './judge.ts';
import type { AttackFinding, DriverName, FamilyReport } from './report.ts';

export class Tally {
  readonly #name: string;
  readonly #driver: DriverName;
  readonly #description: string;
  readonly #findings = new Map<string, AttackFinding>();
  readonly #outcomes = { refused: 0, denied: 0, empty: 0, rows: 0 };
  #attempts = 0;
  #foreignBytes = 0;
  #repeated = 0;

  constructor(name: string, driver: DriverName, description: string) {
    this.#name = name;
    this.#driver = driver;
    this.#description = description;
  }

  add({ outcome, foreignBytes, finding }: Judgement): void {
    this.#attempts += 1;
    this.#foreignBytes += foreignBytes;
    if (finding === undefined) {
      this.#outcomes[outcome] += 1;
      return;
    }
    const key = `${finding.kind} ${finding.object}`;
    if (this.#findings.has(key)) this.#repeated += 1;
    else this.#findings.set(key, finding);
  }

  get findingCount(): number {
    return this.#findings.size;
  }

  get report(): FamilyReport {
    const { refused, denied, empty, rows } = this.#outcomes;
    return {
      name: this.#name,
      driver: this.#driver,
      description: this.#description,
      attempts: this.#attempts,
      refused,
      denied,
      empty,
      ownRows: rows,
      foreignBytes: this.#foreignBytes,
      findings: [...this.#findings.values()],
      findingsRepeated: this.#repeated,
    };
  }
}
