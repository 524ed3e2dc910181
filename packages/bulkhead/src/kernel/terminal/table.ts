/**
 * Tables for people: light rules, columns as wide as they need within the terminal, long cells wrapped. What
 * is there to be copied is never broken: where such columns leave no room, rows are laid out one below another.
 */
import { stripVTControlCharacters } from 'node:util';
import Table from 'cli-table3';
import type { Paint } from './paint.ts';

const COLUMN_WIDTH_MIN = 8;
/** cli-table3 counts one space of padding on each side into a column's width, and a rule beside it. */
const COLUMN_EXTRA = 3;

export interface TableOptions {
  readonly paint: Paint;
  readonly columns: number;
  /** Titles of the columns whose words are never broken, such as ids. */
  readonly whole?: readonly string[];
}

export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string {
  const widths = fitColumns(head, rows, options);
  if (widths === undefined) return renderRecords(head, rows, options.paint);
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

/** A row as a record: its first cell, and below it each other cell beside its title. */
function renderRecords(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string {
  const width = Math.max(...head.map((title) => title.length));
  const records = rows.map(([first = '', ...others]) => {
    const cells = others.flatMap((cell, index) => {
      if (cell === '') return [];
      const title = paint.faint((head[index + 1] ?? '').padEnd(width));
      return `  ${title}  ${cell.replaceAll('\n', `\n${' '.repeat(width + 4)}`)}`;
    });
    return [paint.strong(first), ...cells].join('\n');
  });
  return records.join('\n\n');
}

/**
 * Shrinks the widest column that may be broken, one by one, until the table fits; undefined where it can't
 * because of those that may not.
 */
function fitColumns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { columns, whole = [] }: TableOptions,
): number[] | undefined {
  const widths = head.map((title, index) => {
    const cells = [title, ...rows.map((row) => row[index] ?? '')];
    const lines = cells.flatMap((cell) => stripVTControlCharacters(cell).split('\n'));
    return Math.max(...lines.map((line) => line.length)) + COLUMN_EXTRA - 1;
  });
  const room = columns - head.length - 1;
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const breakable = widths.map((width, index) => (whole.includes(head[index] ?? '') ? 0 : width));
    const widest = Math.max(...breakable);
    if (widest <= COLUMN_WIDTH_MIN) return whole.length > 0 ? undefined : widths;
    widths[breakable.indexOf(widest)] = widest - 1;
  }
  return widths;
}
