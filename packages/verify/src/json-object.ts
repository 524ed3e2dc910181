/** Objects out of JSON, read so that no two readers can understand them differently. */
import { Malformed } from './malformed.ts';

export interface JsonMember {
  readonly value: unknown;
  /** As it is written: numbers in full, however large; objects byte for byte. */
  readonly source: string;
}

/** Deeper than anything that is meant; what walks through a value calls itself as often. */
const DEPTH_MAX = 1000;

/** The members of the one object that `text` is. A name that comes twice is refused: readers differ on it. */
export function readJsonObject(text: string): Map<string, JsonMember> {
  parse(text, 'not JSON');
  const members = new Map<string, JsonMember>();
  // The text is JSON, so a light hand suffices to find where each member begins and ends.
  let at = skipSpace(text, 0);
  if (text[at] !== '{') throw new Malformed('not a JSON object');
  at = skipSpace(text, at + 1);
  while (text[at] !== '}') {
    const nameEnd = skipString(text, at);
    const name = parse(text.slice(at, nameEnd), 'not JSON') as string;
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = skipValue(text, start);
    const source = text.slice(start, end);
    if (members.has(name)) throw new Malformed(`"${name}" is there twice`);
    members.set(name, { value: parse(source, 'not JSON'), source });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

function parse(text: string, message: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed(message);
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at] ?? 'x')) at += 1;
  return at;
}

/** From the opening quote to after the closing one. */
function skipString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function skipValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '"') {
      at = skipString(text, at);
      continue;
    }
    if ('[{'.includes(char)) depth += 1;
    if (depth > DEPTH_MAX) throw new Malformed(`nested more than ${DEPTH_MAX} deep`);
    if (']}'.includes(char)) {
      if (depth === 0) break;
      depth -= 1;
    }
    if (depth === 0 && ', \t\r\n'.includes(char)) break;
    at += 1;
  }
  return at;
}
