import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPaint } from './paint.ts';
import { renderTable } from './table.ts';

const paint = createPaint(false);
const ID = '0a000000-0000-4000-8000-00000000000a';
const head = ['slug', 'name', 'id', 'domains'];
const acme = ['acme', 'Acme Incorporated of Springfield', ID, 'notes.acme.example\nacme.example'];
const whole = ['slug', 'id', 'domains'];

test('a column that is kept whole is not broken while others can give way', () => {
  const table = renderTable(head, [acme], { paint, columns: 90, whole });
  for (const word of [ID, 'notes.acme.example', 'Incorporated']) expect(table).toContain(word);
  for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(90);
});

test('where nothing can give way any more, rows stand one below another', () => {
  const globex = ['globex', 'Globex', ID.replace('a', 'b'), ''];
  expect(renderTable(head, [acme, globex], { paint, columns: 60, whole })).toBe(`acme
  name     Acme Incorporated of Springfield
  id       ${ID}
  domains  notes.acme.example
           acme.example

globex
  name     Globex
  id       ${globex[2]}`);
});

test('without such columns a narrow terminal gets a table still, with nothing cut off', () => {
  const table = renderTable(['finding'], [['x'.repeat(50)]], { paint, columns: 30 });
  expect(table.match(/x/g)).toHaveLength(50);
});

test('an id is never broken, however wide the terminal is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 20, max: 200 }),
      fc.array(fc.stringMatching(/^[a-z]{1,12}( [a-z]{1,20}){0,6}$/), {
        minLength: 1,
        maxLength: 4,
      }),
      (columns, names) => {
        const rows = names.map((name, index) => [`slug-${index}`, name, ID, 'a.example']);
        const table = renderTable(head, rows, { paint, columns, whole });
        expect(table.split(ID).length - 1).toBe(rows.length);
      },
    ),
  );
});
