/** Tables for people: light rules, columns as wide as they need within the terminal, long cells wrapped. */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import type { Paint } from './paint.ts';

const COLUMN_WIDTH_MIN = 8;
/** cli-table3 counts one space of padding on each side into a column's width, and a rule beside it. */
const COLUMN_EXTRA = 3;

export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: { readonly paint: Paint; readonly columns: number },
): string {
  const widths = fitColumns(head, rows, options.columns);
  const table = new Table({
    head: head.map((title) => options.paint.strong(title)),
    // Colours are ours (`paint`), so that --no-color reaches the rules and the head as well.
    style: { head: [], border: [], compact: true },
    colWidths: widths,
    wordWrap: true,
  });
  for (const row of rows) {
    table.push(row.map((cell, index) => breakLongWords(cell, (widths[index] ?? 0) - 2)));
  }
  return table.toString();
}

/** cli-table3 cuts off a word that is wider than its column; nothing that was found may be cut off. */
function breakLongWords(cell: string, width: number): string {
  if (width < 1 || stripVTControlCharacters(cell) !== cell) return cell;
  return cell.replace(new RegExp(`\\S{${width}}(?=\\S)`, 'g'), '$& ');
}

/** Shrinks the widest column, one by one, until the table fits. */
function fitColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): number[] {
  const widths = head.map((title, index) => {
    const cells = [title, ...rows.map((row) => row[index] ?? '')];
    const lines = cells.flatMap((cell) => stripVTControlCharacters(cell).split('\n'));
    return Math.max(...lines.map((line) => line.length)) + COLUMN_EXTRA - 1;
  });
  const room = columns - head.length - 1;
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const widest = Math.max(...widths);
    if (widest <= COLUMN_WIDTH_MIN) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}
