/**
 * Verdicts by text, bounded in entries and in bytes.
 *
 * Two generations instead of a list in order of use: a hit in the young one is a single look-up that
 * moves nothing; a hit in the old one moves its entry to the young. When the young one is full it
 * becomes the old and the former old is dropped whole. So whatever was used within the last half of
 * the bound stays.
 */
import type { Verdict } from './verdict.ts';

export class VerdictCache {
  #young = new Map<string, Verdict>();
  #old = new Map<string, Verdict>();
  #youngBytes = 0;
  #oldBytes = 0;
  readonly #entriesHalf: number;
  readonly #bytesHalf: number;

  constructor(entriesMax: number, bytesMax: number) {
    this.#entriesHalf = Math.max(1, Math.floor(entriesMax / 2));
    this.#bytesHalf = Math.floor(bytesMax / 2);
  }

  get entries(): number {
    return this.#young.size + this.#old.size;
  }

  /** An upper bound: two bytes a character of every text held. */
  get bytes(): number {
    return this.#youngBytes + this.#oldBytes;
  }

  get(sql: string): Verdict | undefined {
    const verdict = this.#young.get(sql);
    if (verdict !== undefined) return verdict;
    const older = this.#old.get(sql);
    if (older !== undefined) {
      this.#old.delete(sql);
      this.#oldBytes -= sql.length * 2;
      this.set(sql, older);
    }
    return older;
  }

  set(sql: string, verdict: Verdict): void {
    const bytes = sql.length * 2;
    if (bytes > this.#bytesHalf) return;
    if (this.#young.size >= this.#entriesHalf || this.#youngBytes + bytes > this.#bytesHalf) {
      this.#old = this.#young;
      this.#oldBytes = this.#youngBytes;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(sql, verdict);
    this.#youngBytes += bytes;
  }
}
