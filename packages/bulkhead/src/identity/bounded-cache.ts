/**
 * A map that forgets what was used longest ago.
 *
 * Promises: never more than `entriesMax` entries nor `weightMax` of their summed weights.
 * Does not promise freshness: whoever stores a value keeps its end beside it.
 */
export class BoundedCache<V> {
  readonly #entriesMax: number;
  readonly #weightMax: number;
  readonly #entries = new Map<string, { readonly value: V; readonly weight: number }>();
  #weight = 0;

  constructor(entriesMax: number, weightMax = Number.POSITIVE_INFINITY) {
    this.#entriesMax = entriesMax;
    this.#weightMax = weightMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // A Map iterates in order of insertion: putting an entry back makes it the youngest. Below half of
    // the bound nothing will be evicted soon, so the two extra hash operations are saved.
    if (this.#entries.size * 2 > this.#entriesMax || this.#weight * 2 > this.#weightMax) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    return entry.value;
  }

  set(key: string, value: V, weight = 1): void {
    this.delete(key);
    if (weight > this.#weightMax) return;
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax && this.#weight <= this.#weightMax) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }
}
