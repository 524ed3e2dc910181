/** What the demo shows on the terminal: steps, a bar, tables. Colour and redrawing only where there is a terminal. */
import { stripVTControlCharacters, styleText } from 'node:util';

export interface Screen {
  line(text?: string): void;
  done(what: string, detail?: string): void;
  bar(count: number, total: number, note: string): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): void;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const BAR_WIDTH = 28;
const CLEAR_LINE = '\r\x1b[2K';

export interface ScreenTarget {
  readonly isTerminal: boolean;
  readonly colour: boolean;
  write(text: string): void;
}

export function createScreen(target: ScreenTarget): Screen {
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    target.colour ? styleText(format, text, { validateStream: false }) : text;
  const good = paint('green');
  const strong = paint('bold');
  const faint = paint('dim');
  let tenth = 0;

  const line = (text = '') => target.write(text === '' ? '\n' : `  ${text}\n`);
  return {
    line,
    good,
    bad: paint('red'),
    strong,
    faint,
    done(what, detail = '') {
      line(`${good('✓')} ${what}${detail === '' ? '' : faint(`  ${detail}`)}`);
    },
    bar(count, total, note) {
      if (target.isTerminal) {
        const filled = Math.round((count / total) * BAR_WIDTH);
        const drawn = '█'.repeat(filled) + faint('░'.repeat(BAR_WIDTH - filled));
        target.write(
          count === total ? CLEAR_LINE : `${CLEAR_LINE}  ${drawn} ${count}/${total} ${faint(note)}`,
        );
        return;
      }
      const reached = Math.floor((count / total) * 10);
      if (reached > tenth) line(faint(`${count}/${total}`));
      tenth = reached;
    },
    table(head, rows) {
      const width = (text: string) => stripVTControlCharacters(text).length;
      const widths = head.map((title, column) =>
        Math.max(width(title), ...rows.map((row) => width(row[column] ?? ''))),
      );
      const pad = (text: string, column: number) => {
        const space = ' '.repeat((widths[column] ?? 0) - width(text));
        // The first column holds names, the others numbers.
        return column === 0 ? text + space : space + text;
      };
      const rule = faint(widths.map((one) => '─'.repeat(one)).join('──'));
      line(head.map((title, column) => strong(pad(title, column))).join('  '));
      line(rule);
      for (const row of rows.slice(0, -1)) line(row.map(pad).join('  '));
      line(rule);
      line((rows.at(-1) ?? []).map((cell, column) => strong(pad(cell, column))).join('  '));
    },
  };
}
