import { expect, test } from 'vitest';
import { createPaint } from '../kernel/terminal/index.ts';
import { terminalPage } from './terminal-page.ts';

const plain = createPaint(false);
const page = `# room.code

One sentence that is rather long and needs a second line on a narrow terminal, with a
[\`room.other\`](room.other.md) and [the guide](../guides/pg.md).

## What to do
Do this.
- First, which goes on and on until the line is full.
- Second.

\`\`\`js
await   client.query(sql); // # no heading, and longer than the terminal is wide, left as it is

client.release();
\`\`\`

## After
The end.
`;

test('a page reads as plain text: headings, wrapped paragraphs, lists, code as it is', () => {
  expect(terminalPage(page, plain, 40)).toBe(`room.code

One sentence that is rather long and
needs a second line on a narrow
terminal, with a \`room.other\` and the
guide (docs/guides/pg.md).

What to do

Do this.

- First, which goes on and on until the
  line is full.
- Second.

    await   client.query(sql); // # no heading, and longer than the terminal is wide, left as it is

    client.release();

After

The end.`);
});

test('a word longer than the line is left whole, to be copied', () => {
  const url = `https://example.com/${'x'.repeat(60)}`;
  expect(terminalPage(`See ${url} there.`, plain, 40).split('\n')).toEqual(['See', url, 'there.']);
});
