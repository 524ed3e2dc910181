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
  const table = new Table({
    head: head.map((title) => options.paint.strong(title)),
    // Colours are ours (`paint`), so that --no-color reaches the rules and the head as well.
    style: { head: [], border: [], compact: true },
    colWidths: fitColumns(head, rows, options.columns),
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const row of rows) table.push([...row]);
  return table.toString();
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
