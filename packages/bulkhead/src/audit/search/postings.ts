/**
 * At which of a block's leaves each token stands: for each token in ascending order, how many leaves, then the
 * gap to each from the one before, as varints (seven bits a byte, low ones first).
 */
import { BLOCK_LEAVES } from './block.ts';

export interface Part {
  readonly part: number;
  readonly tokens: readonly number[];
  readonly postings: Buffer;
}

/** Positions must ascend; so must the tokens of the result. */
export function encodePart(part: number, positions: ReadonlyMap<number, readonly number[]>): Part {
  const tokens = [...positions.keys()].sort((a, b) => a - b);
  const bytes: number[] = [];
  for (const token of tokens) {
    const at = positions.get(token) ?? [];
    writeVarint(bytes, at.length);
    let before = 0;
    for (const position of at) {
      writeVarint(bytes, position - before);
      before = position;
    }
  }
  return { part, tokens, postings: Buffer.from(bytes) };
}

/** The positions of one token; none when it is not there. Damaged postings give positions or none, never an error. */
export function positionsOf(part: Omit<Part, 'part'>, token: number): number[] {
  const wanted = part.tokens.indexOf(token);
  if (wanted === -1) return [];
  const reader = { bytes: part.postings, at: 0 };
  for (let index = 0; ; index += 1) {
    const count = Math.min(readVarint(reader), BLOCK_LEAVES);
    const positions: number[] = [];
    let position = 0;
    for (let nth = 0; nth < count; nth += 1) {
      position += readVarint(reader);
      if (position < BLOCK_LEAVES) positions.push(position);
    }
    if (index === wanted) return positions;
  }
}

function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
}

function readVarint(reader: { readonly bytes: Buffer; at: number }): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.bytes[reader.at] ?? 0;
    reader.at += 1;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}
