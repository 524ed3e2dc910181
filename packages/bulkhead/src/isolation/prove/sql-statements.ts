/**
 * Cuts a text into its statements, each with the line it begins on.
 *
 * Promises: what PostgreSQL's parser accepts is cut where PostgreSQL would; a text it does not accept (one bad
 * statement, a `psql` command) is cut by quotes, dollar quotes and comments alone, so that one fault does not
 * hide the rest. Statements come without their semicolon and without comments before them.
 */
import { parse } from 'libpg-query';

export interface SqlStatement {
  readonly sql: string;
  /** Counted from 1. */
  readonly line: number;
}

export async function splitSql(text: string): Promise<SqlStatement[]> {
  // The parser counts bytes, not UTF-16 units.
  const bytes = Buffer.from(text, 'utf8');
  let cuts: { start: number; end: number }[];
  try {
    const { stmts = [] } = await parse(text);
    cuts = stmts.map(({ stmt_location: start = 0, stmt_len: length }) => ({
      start,
      end: length ? start + length : bytes.length,
    }));
  } catch {
    cuts = lexicalCuts(text).map(({ start, end }) => ({
      start: Buffer.byteLength(text.slice(0, start)),
      end: Buffer.byteLength(text.slice(0, end)),
    }));
  }
  return cuts.flatMap(({ start, end }) => {
    const piece = bytes.subarray(start, end).toString('utf8');
    const skipped = leadingSpace(piece);
    const sql = piece.slice(skipped).trim();
    if (sql === '') return [];
    const before = bytes.subarray(0, start).toString('utf8') + piece.slice(0, skipped);
    return [{ sql, line: before.split('\n').length }];
  });
}

const SPACE = /^(?:\s+|--[^\n]*(?:\n|$))+/;

/** How many characters of space and comments stand before the first word. */
function leadingSpace(text: string): number {
  let at = 0;
  for (;;) {
    const rest = text.slice(at);
    const space = SPACE.exec(rest);
    if (space !== null) at += space[0].length;
    else if (rest.startsWith('/*')) at += endOfComment(rest, 0);
    else return at;
  }
}

/** Semicolons outside quotes, dollar quotes, comments and parentheses. */
function lexicalCuts(text: string): { start: number; end: number }[] {
  const cuts: { start: number; end: number }[] = [];
  let start = 0;
  let at = 0;
  let depth = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === "'") at = endOfString(text, at);
    else if (character === '"') at = endOfQuoted(text, at, '"');
    else if (text.startsWith('--', at)) at = endOfLine(text, at);
    else if (text.startsWith('/*', at)) at = endOfComment(text, at);
    else if (character === '$') at = endOfDollarQuote(text, at);
    else {
      if (character === '(') depth += 1;
      if (character === ')') depth = Math.max(0, depth - 1);
      at += 1;
      if (character === ';' && depth === 0) {
        cuts.push({ start, end: at - 1 });
        start = at;
      }
    }
  }
  if (start < text.length) cuts.push({ start, end: text.length });
  return cuts;
}

function endOfString(text: string, at: number): number {
  const escapes = /[eE]$/.test(text.slice(Math.max(0, at - 1), at));
  for (let next = at + 1; next < text.length; next += 1) {
    if (escapes && text[next] === '\\') next += 1;
    else if (text[next] === "'") {
      if (text[next + 1] !== "'") return next + 1;
      next += 1;
    }
  }
  return text.length;
}

function endOfQuoted(text: string, at: number, quote: string): number {
  const end = text.indexOf(quote, at + 1);
  return end === -1 ? text.length : end + 1;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

/** Block comments nest in PostgreSQL. */
function endOfComment(text: string, at: number): number {
  let depth = 0;
  for (let next = at; next < text.length; next += 1) {
    if (text.startsWith('/*', next)) {
      depth += 1;
      next += 1;
    } else if (text.startsWith('*/', next)) {
      depth -= 1;
      next += 1;
      if (depth === 0) return next + 1;
    }
  }
  return text.length;
}

function endOfDollarQuote(text: string, at: number): number {
  const before = text.charAt(at - 1);
  const tag = /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(text.slice(at, at + 80))?.[0];
  // `a$b$c` is an identifier, `$1` a parameter.
  if (tag === undefined || /[\p{L}\p{N}_$]/u.test(before)) return at + 1;
  const end = text.indexOf(tag, at + tag.length);
  return end === -1 ? text.length : end + tag.length;
}
