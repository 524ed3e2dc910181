/**
 * Which of the callers' statements this backend has parsed under a name of ours.
 *
 * A text seen more than once is parsed under a name and skips parsing and planning from then on; that is
 * what pays for the frame. Never used behind a pooler, where a name may be somebody else's.
 */
const STATEMENTS_MAX = 256;
/** Longer texts are made by programs, seldom come twice and would only take memory. */
export const TEXT_LENGTH_MAX = 16_384;

export class PreparedStatements {
  readonly #names = new Map<string, { readonly name: string; ready: boolean }>();
  #counter = 0;
  #evicted: string[] = [];

  /** The name to run `text` under and whether it is to be parsed first; undefined for the unnamed statement. */
  use(text: string): { name: string; parse: boolean } | undefined {
    if (text.length > TEXT_LENGTH_MAX) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined) {
      // Another group in flight may still fail before its Parse: until that is answered, go without.
      if (!known.ready) return undefined;
      this.#names.delete(text);
      this.#names.set(text, known);
      return { name: known.name, parse: false };
    }
    this.#counter += 1;
    const name = `bulkhead_${this.#counter}`;
    this.#names.set(text, { name, ready: false });
    if (this.#names.size > STATEMENTS_MAX) this.#evictOldest();
    return { name, parse: true };
  }

  confirm(text: string): void {
    const known = this.#names.get(text);
    if (known !== undefined) known.ready = true;
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
