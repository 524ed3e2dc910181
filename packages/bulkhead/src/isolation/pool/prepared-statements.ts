/**
 * Which of the callers' statements this backend has parsed under a name of ours.
 *
 * A text seen more than once is parsed under a name and skips parsing and planning from then on; that is
 * what pays for the frame. Never used behind a pooler, where a name may be somebody else's.
 */

/** What the server said of a statement's rows, null for one that returns none; absent while nobody has asked. */
export type Description = object | null;

interface Prepared {
  readonly name: string;
  ready: boolean;
  description?: Description;
}

/** How to run a text: under which name, whether to parse it first, and what its rows are known to be. */
export interface Use {
  readonly name: string;
  readonly parse: boolean;
  readonly description: Description | undefined;
}

const STATEMENTS_MAX = 256;
/** Longer texts are made by programs, seldom come twice and would only take memory. */
export const TEXT_LENGTH_MAX = 16_384;

export class PreparedStatements {
  readonly #names = new Map<string, Prepared>();
  #counter = 0;
  #evicted: string[] = [];

  /** The name to run `text` under and whether it is to be parsed first; undefined for the unnamed statement. */
  use(text: string): Use | undefined {
    if (text.length > TEXT_LENGTH_MAX) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined) {
      // Another group in flight may still fail before its Parse: until that is answered, go without.
      if (!known.ready) return undefined;
      this.#names.delete(text);
      this.#names.set(text, known);
      return { name: known.name, parse: false, description: known.description };
    }
    this.#counter += 1;
    const name = `bulkhead_${this.#counter}`;
    this.#names.set(text, { name, ready: false });
    if (this.#names.size > STATEMENTS_MAX) this.#evictOldest();
    return { name, parse: true, description: undefined };
  }

  /** The name of a text that this backend has parsed; it is then among those lately used. */
  nameOf(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known?.ready !== true) return undefined;
    this.#names.delete(text);
    this.#names.set(text, known);
    return known.name;
  }

  confirm(text: string): void {
    const known = this.#names.get(text);
    if (known !== undefined) known.ready = true;
  }

  /** For as long as the statement lives: a table that changes its rows makes the server refuse it instead. */
  describe(text: string, name: string, description: Description): void {
    const known = this.#names.get(text);
    if (known?.name === name) known.description = description;
  }

  forget(text: string): void {
    this.#names.delete(text);
  }

  /** Names of evicted statements, to be closed with the next group. */
  takeEvicted(): readonly string[] {
    if (this.#evicted.length === 0) return this.#evicted;
    const evicted = this.#evicted;
    this.#evicted = [];
    return evicted;
  }

  #evictOldest(): void {
    for (const [text, statement] of this.#names) {
      if (!statement.ready) continue;
      this.#names.delete(text);
      this.#evicted.push(statement.name);
      return;
    }
  }
}
