/** What was checked and how it went: one line a check, `PASS|FAIL|NOTE id detail`. */

/** A NOTE says what a reader should know and no promise covers; only a FAIL decides. */
export type Status = 'PASS' | 'FAIL' | 'NOTE';

export interface Check {
  readonly status: Status;
  /** Stable, for scripts; the README lists them all. */
  readonly id: string;
  /** For people; one line, safe to print. */
  readonly detail: string;
}

/** A ruined log of millions of tiles would be millions of lines; the reader learns no more from them. */
const LINES_MAX = 200;

export class Report {
  readonly #checks: Check[] = [];
  readonly #counts = new Map<string, number>();
  readonly #prefix: string;
  #failures = 0;

  constructor(prefix = '') {
    this.#prefix = prefix;
  }

  pass(id: string, detail: string): void {
    this.#add('PASS', id, detail);
  }

  fail(id: string, detail: string): void {
    this.#failures += 1;
    this.#add('FAIL', id, detail);
  }

  note(id: string, detail: string): void {
    this.#add('NOTE', id, detail);
  }

  get ok(): boolean {
    return this.#failures === 0;
  }

  get failures(): number {
    return this.#failures;
  }

  /** How often a check of this id, or of one below it (`entries` for `entries.form`), failed. */
  failed(id: string): boolean {
    const wanted = `FAIL ${this.#prefix}${id}`;
    return [...this.#counts.keys()].some((key) => key === wanted || key.startsWith(`${wanted}.`));
  }

  checks(): Check[] {
    const more = [...this.#counts]
      .filter(([, count]) => count > LINES_MAX)
      .map(([key, count]): Check => {
        const [status, id] = key.split(' ') as [Status, string];
        return { status, id, detail: `and ${count - LINES_MAX} more like it` };
      });
    return [...this.#checks, ...more];
  }

  #add(status: Status, id: string, detail: string): void {
    const key = `${status} ${this.#prefix}${id}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count > LINES_MAX) return;
    this.#checks.push({ status, id: `${this.#prefix}${id}`, detail: printable(detail) });
  }
}

/** Whoever wrote the log may have put terminal commands or text that runs backwards into a name. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

export function formatCheck({ status, id, detail }: Check): string {
  return `${status} ${id} ${detail}`;
}
