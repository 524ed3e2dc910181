/**
 * A block: 1,024 leaves of one log that the index knows together. What stands in the index of a block follows
 * from its leaves and openings alone, so that anybody who may read those can check it.
 */
import { createHash } from 'node:crypto';
import type { AuditEvent } from '../event.ts';
import { encodePart, type Part } from './postings.ts';
import { type TermTaker, takeTerms, wordTermsOf } from './terms.ts';
import { PARTS, partOf, tokenizer } from './token.ts';

export const BLOCK_LEAVES = 1024;

export const blockOf = (leafIndex: number): number => Math.floor(leafIndex / BLOCK_LEAVES);

export interface IndexedLeaf {
  /** Opened. */
  readonly event: AuditEvent;
  /** Position in its chunk's entries just behind the leaf; below zero for the first one of a chunk. */
  readonly end: number;
}

export interface BlockIndex {
  readonly atMin: string;
  readonly atMax: string;
  /** `end` of the leaves, four bytes each, so that one leaf is read without the others. */
  readonly ends: Buffer;
  /** Only those parts that hold a token. */
  readonly parts: readonly Part[];
  readonly digest: Buffer;
}

/** The index of a full block, from its 1,024 leaves in order. */
export function indexBlock(leaves: readonly IndexedLeaf[], searchKey: Buffer): BlockIndex {
  const terms = new TermsOfBlock();
  let atMin = '';
  let atMax = '';
  leaves.forEach(({ event }, position) => {
    if (atMin === '' || event.time < atMin) atMin = event.time;
    if (event.time > atMax) atMax = event.time;
    terms.begin(position);
    takeTerms(event, terms, terms.ofText);
  });
  const parts = partsOf(terms.positions, tokenizer(searchKey));
  const ends = Buffer.alloc(4 * leaves.length);
  leaves.forEach(({ end }, position) => {
    ends.writeInt32BE(end, 4 * position);
  });
  return { atMin, atMax, ends, parts, digest: digestOf(atMin, atMax, ends, parts) };
}

const SHORT_TEXT = 512;
const TEXTS_MAX = 10_000;

/** At which leaves each term stands. Events of one log have many a text in common, whose words are looked for once. */
class TermsOfBlock implements TermTaker {
  readonly positions = new Map<string, number[]>();
  readonly #ofTexts = new Map<string, readonly string[]>();
  #position = 0;
  #size = 0;

  begin(position: number): void {
    this.#position = position;
    this.#size = 0;
  }

  get size(): number {
    return this.#size;
  }

  add(term: string): void {
    const at = this.positions.get(term);
    if (at === undefined) this.positions.set(term, [this.#position]);
    else if (at[at.length - 1] === this.#position) return;
    else at.push(this.#position);
    this.#size += 1;
  }

  readonly ofText = (text: string): readonly string[] => {
    const known = this.#ofTexts.get(text);
    if (known !== undefined) return known;
    const terms = wordTermsOf(text);
    // Long ones seldom come again.
    if (text.length <= SHORT_TEXT && this.#ofTexts.size < TEXTS_MAX) this.#ofTexts.set(text, terms);
    return terms;
  };
}

function partsOf(
  byTerm: ReadonlyMap<string, readonly number[]>,
  tokenOf: (term: string) => number,
): Part[] {
  const parts = Array.from({ length: PARTS }, () => new Map<number, readonly number[]>());
  for (const [term, at] of byTerm) {
    const token = tokenOf(term);
    const part = parts[partOf(token)];
    const others = part?.get(token);
    // Two terms may share a token, and an event may hold both.
    const all = others === undefined ? at : [...new Set([...others, ...at])].sort((a, b) => a - b);
    part?.set(token, all);
  }
  return parts.flatMap((part, number) => (part.size === 0 ? [] : [encodePart(number, part)]));
}

/** Of all that the index holds of a block. */
export function digestOf(
  atMin: string,
  atMax: string,
  ends: Buffer,
  parts: readonly Part[],
): Buffer {
  const hash = createHash('sha256')
    .update(JSON.stringify([atMin, atMax]))
    .update(ends);
  for (const { part, tokens, postings } of parts) {
    hash.update(JSON.stringify([part, tokens, postings.length])).update(postings);
  }
  return hash.digest();
}

/** Where a leaf lies in its chunk's entries, behind its length; counted from 0. */
export function sliceOf(ends: Buffer, position: number): { start: number; length: number } {
  const at = (index: number) => (4 * index + 4 <= ends.length ? ends.readInt32BE(4 * index) : 0);
  const end = at(position);
  const start = (end < 0 ? 0 : Math.abs(at(position - 1))) + 2;
  return { start, length: Math.max(0, Math.abs(end) - start) };
}
