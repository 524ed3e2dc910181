/**
 * Shows a page of the documentation on a terminal: headings strong, code indented, lines as wide as fit.
 *
 * Reads the Markdown that our own pages use (headings, paragraphs, lists, fenced code, links); not all of it.
 */
import type { Paint } from '../kernel/terminal/index.ts';

/** Longer lines are hard to read, however wide the terminal is. */
const WIDTH_MAX = 92;

export const pageWidth = (columns: number): number => Math.min(columns, WIDTH_MAX);

export function terminalPage(markdown: string, paint: Paint, columns: number): string {
  const width = pageWidth(columns);
  const parts = markdown.trim().split(/^(```[\s\S]*?^```)$/m);
  // Odd parts are the fenced ones.
  const shown = parts.map((part, index) =>
    index % 2 === 1 ? codeBlock(part, paint) : prose(part, paint, width),
  );
  return shown.filter((text) => text !== '').join('\n\n');
}

function codeBlock(fenced: string, paint: Paint): string {
  const lines = fenced.split('\n').slice(1, -1);
  return lines.map((line) => (line === '' ? '' : `    ${paint.accent(line)}`)).join('\n');
}

function prose(text: string, paint: Paint, width: number): string {
  const blocks = text
    .split(/\n{2,}|\n(?=[-#] )|(?<=^#.*)\n/m)
    .filter((block) => block.trim() !== '');
  return blocks
    .map((block) => {
      const heading = /^#+ (.*)/.exec(block.trim());
      if (heading !== null) return `${paint.strong(heading[1] ?? '')}\n`;
      const isItem = block.trim().startsWith('- ');
      return `${wrap(withoutLinks(block), width, '', isItem ? '  ' : '')}${isItem ? '' : '\n'}`;
    })
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** A link to another error's page is a name to explain next; one to a guide keeps where it leads. */
function withoutLinks(text: string): string {
  return text.replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, words: string, target: string) =>
    /^(?:\.\.\/errors\/)?[a-z]+\.[a-z_]+\.md$/.test(target)
      ? words
      : `${words} (${target.replace(/^(?:\.\.\/)+/, 'docs/')})`,
  );
}

/**
 * Breaks between words alone: a word that is longer than the line is left whole, to be copied. Every line
 * begins with `indent`, those after the first with `hanging` more.
 */
export function wrap(text: string, width: number, indent = '', hanging = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/\s+/)) {
    if (line === '') line = `${indent}${word}`;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = `${indent}${hanging}${word}`;
    }
  }
  return [...lines, line].join('\n');
}
