/**
 * Finds any of many texts in what came back, in one pass over its bytes.
 *
 * Each text is indexed by the rarest of its four-byte pieces, so that names and addresses that all begin
 * alike do not share one long list; a bitmap tells most positions apart before any list is looked at.
 */
import type { CanarySource } from './report.ts';

export interface Canary {
  readonly bytes: Buffer;
  /** The value as the app wrote it; its other spellings share it. */
  readonly value: string;
  readonly source: CanarySource;
  /** Short numbers and plain words may come about by chance: one alone proves nothing, two do. */
  readonly isWeak: boolean;
}

const BITMAP_BITS = 1 << 20;
const PIECE_BYTES = 4;

const slot = (piece: number): number => (Math.imul(piece, 0x9e3779b1) >>> 12) & (BITMAP_BITS - 1);

interface Anchored {
  readonly canary: Canary;
  readonly offset: number;
}

export class CanaryIndex {
  readonly size: number;
  readonly #anchors = new Map<number, Anchored[]>();
  readonly #bitmap = new Uint8Array(BITMAP_BITS / 8);

  /** Texts shorter than four bytes are left out. */
  constructor(canaries: readonly Canary[]) {
    const usable = canaries.filter(({ bytes }) => bytes.length >= PIECE_BYTES);
    this.size = usable.length;
    const frequency = new Map<number, number>();
    for (const { bytes } of usable) {
      for (const piece of piecesOf(bytes)) frequency.set(piece, (frequency.get(piece) ?? 0) + 1);
    }
    for (const canary of usable) {
      let offset = 0;
      let rarest = Number.POSITIVE_INFINITY;
      for (const [at, piece] of [...piecesOf(canary.bytes)].entries()) {
        const count = frequency.get(piece) ?? 0;
        if (count < rarest) [rarest, offset] = [count, at];
      }
      const piece = canary.bytes.readUInt32LE(offset);
      const list = this.#anchors.get(piece);
      if (list === undefined) this.#anchors.set(piece, [{ canary, offset }]);
      else list.push({ canary, offset });
      const bit = slot(piece);
      this.#bitmap[bit >> 3] = (this.#bitmap[bit >> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  /** Every canary that occurs, each once. */
  find(haystack: Buffer | string): Set<Canary> {
    const bytes = typeof haystack === 'string' ? Buffer.from(haystack) : haystack;
    const found = new Set<Canary>();
    if (bytes.length < PIECE_BYTES) return found;
    let piece = bytes.readUInt32LE(0);
    for (let at = 0; ; at += 1) {
      const bit = slot(piece);
      if (((this.#bitmap[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0)
        this.#check(bytes, at, piece, found);
      const next = bytes[at + PIECE_BYTES];
      if (next === undefined) return found;
      piece = ((piece >>> 8) | (next << 24)) >>> 0;
    }
  }

  #check(bytes: Buffer, at: number, piece: number, found: Set<Canary>): void {
    for (const { canary, offset } of this.#anchors.get(piece) ?? []) {
      if (found.has(canary)) continue;
      const start = at - offset;
      const end = start + canary.bytes.length;
      if (start < 0 || end > bytes.length) continue;
      if (bytes.compare(canary.bytes, 0, canary.bytes.length, start, end) !== 0) continue;
      if (canary.isWeak && !(isBoundary(bytes[start - 1]) && isBoundary(bytes[end]))) continue;
      found.add(canary);
    }
  }
}

function* piecesOf(bytes: Buffer): Generator<number> {
  for (let at = 0; at + PIECE_BYTES <= bytes.length; at += 1) yield bytes.readUInt32LE(at);
}

/** Not part of a longer number or word: the digits of a time stamp are nobody's amount. */
function isBoundary(byte: number | undefined): boolean {
  if (byte === undefined) return true;
  const isDigit = byte >= 48 && byte <= 57;
  const isLetter = (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte >= 128;
  return !isDigit && !isLetter && byte !== 46 && byte !== 95;
}
