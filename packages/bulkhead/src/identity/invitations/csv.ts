/**
 * Tables as CSV (RFC 4180), read and written.
 *
 * Promises: what was written reads back the same; a quote that is never closed, or stands where none may, is a
 * fault and not a guess. On the way out a cell that a spreadsheet would run as a formula is made a text, because
 * names in it come from strangers.
 */

export interface CsvRecord {
  /** Of its first character, counted from 1 as editors do. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Where the text stopped being CSV. */
export class CsvFault extends Error {
  override readonly name = 'CsvFault';
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const FORMULA = /^[=+\-@\t\r]/;

/**
 * Reads one record after the other; empty lines are left out.
 *
 * @throws CsvFault
 */
export function* readCsv(text: string): Generator<CsvRecord> {
  // What Excel puts in front of UTF-8.
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const start = line;
    const cells: string[] = [];
    let ended = false;
    while (!ended) {
      const cell = text[at] === '"' ? readQuoted(text, at, line) : readPlain(text, at, line);
      cells.push(cell.value);
      line += cell.breaks;
      at = cell.end;
      if (text[at] === ',') {
        at += 1;
      } else {
        ended = true;
        if (at < text.length) {
          at += text.startsWith('\r\n', at) ? 2 : 1;
          line += 1;
        }
      }
    }
    if (cells.length > 1 || cells[0] !== '') yield { line: start, cells };
  }
}

interface Cell {
  readonly value: string;
  readonly end: number;
  /** Lines that it spans beyond its first. */
  readonly breaks: number;
}

function readPlain(text: string, start: number, line: number): Cell {
  let end = start;
  while (end < text.length && !',\r\n'.includes(text[end] ?? '')) {
    if (text[end] === '"')
      throw new CsvFault(line, 'a quote inside a cell that does not begin with one');
    end += 1;
  }
  return { value: text.slice(start, end), end, breaks: 0 };
}

function readQuoted(text: string, start: number, line: number): Cell {
  let value = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) throw new CsvFault(line, 'a quote that is never closed');
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') {
      at = quote + 1;
      break;
    }
    value += '"';
    at = quote + 2;
  }
  if (at < text.length && !',\r\n'.includes(text[at] ?? '')) {
    throw new CsvFault(line, 'something behind the closing quote of a cell');
  }
  return { value, end: at, breaks: value.split(/\r\n|\r|\n/).length - 1 };
}

/** True for what a spreadsheet would take for a formula. */
export const isFormula = (cell: string): boolean => FORMULA.test(cell);

/** Lines end with CRLF; whatever begins like a formula gets an apostrophe, which spreadsheets hide. */
export function writeCsv(records: readonly (readonly string[])[]): string {
  return records.map((cells) => `${cells.map(writeCell).join(',')}\r\n`).join('');
}

function writeCell(cell: string): string {
  const safe = isFormula(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
