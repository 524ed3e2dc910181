import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CsvFault, isFormula, readCsv, writeCsv } from './csv.ts';
import { INVITEES_MAX, readInviteeTable } from './invitee-table.ts';

const cellsOf = (text: string) => [...readCsv(text)].map(({ cells }) => cells);

test('what was written reads back the same, whatever is in it', () => {
  const cell = fc.string({
    unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' ', "'", '=', '💡'),
  });
  const records = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(records, (given) => {
      const kept = given
        .map((cells) => cells.map((one) => (isFormula(one) ? `'${one}` : one)))
        // A line with nothing on it is no record.
        .filter((cells) => cells.length > 1 || cells[0] !== '');
      expect(cellsOf(writeCsv(given))).toEqual(kept);
    }),
    { numRuns: 2_000 },
  );
});

test('no text at all makes the reader loop or crash', () => {
  const noise = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\ufeff', ' ') });
  fc.assert(
    fc.property(noise, (text) => {
      try {
        for (const { cells } of readCsv(text)) expect(cells.length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(CsvFault);
      }
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  [
    'a,b\r\nc,d\r\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  [
    'a,b\nc,d',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['\ufeffa\rb', [['a'], ['b']]],
  ['"a""b","c\r\nd",', [['a"b', 'c\r\nd', '']]],
  ['\n\na\n\n', [['a']]],
  ['""', []],
])('%j is read as RFC 4180 says', (text, expected) => {
  expect(cellsOf(text)).toEqual(expected);
});

test.each([
  ['a\n"b', 2],
  ['a"b', 1],
  ['a,"b\nc"d', 1],
])('%j is a fault, with the line that it is on', (text, line) => {
  expect(() => cellsOf(text)).toThrow(CsvFault);
  try {
    cellsOf(text);
  } catch (error) {
    expect((error as CsvFault).line).toBe(line);
  }
});

test('lines are counted as editors count them, across cells that span several', () => {
  const lines = [...readCsv('h\n"a\nb"\r\nc\r"d\r\ne\rf"\nlast')].map(({ line }) => line);
  expect(lines).toEqual([1, 2, 4, 5, 8]);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '=HYPERLINK("http://evil","x")'])(
  'the formula %j leaves as a text',
  (cell) => {
    const [record] = cellsOf(writeCsv([[cell, 'next']]));
    expect(record).toEqual([`'${cell}`, 'next']);
  },
);

const HEADER = 'email,role,name,node\n';
const table = (...lines: string[]) => readInviteeTable(HEADER + lines.join('\n'));

test('columns are found by their names, in any order and case', () => {
  const { invitees } = readInviteeTable(
    `${'Role , E-mail\n'.replace('E-mail', 'EMAIL')}member,Ada@Acme.Example`,
  );
  expect(invitees).toEqual([
    { line: 2, email: 'ada@acme.example', role: 'member', name: null, node: null },
  ]);
});

test.each([
  ['', 'it is empty'],
  ['email,email,role\n', 'two columns'],
  ['email\n', 'columns email and role'],
  ['email,role,password\n', 'none of'],
  ['email,role\n"x', 'line 2'],
])('%j is no such table', (csv, why) => {
  expect(() => readInviteeTable(csv)).toThrow(
    expect.objectContaining({
      code: 'identity.import_unreadable',
      message: expect.stringContaining(why),
    }),
  );
});

test('each line that cannot be invited says why, and the others are unharmed', () => {
  const { invitees, refused, repeated } = table(
    'ada@acme.example,member,Ada,',
    'no-address,member,,',
    'аda@acme.example,member,,',
    '=cmd@acme.example,member,,',
    'bob@acme.example,Not A Role,,',
    'bob@acme.example,member,=1+1,',
    'bob@acme.example,member,,not-a-node',
    'ADA@acme.example,member,,',
    'bob@acme.example,,,',
  );
  expect(invitees.map(({ line }) => line)).toEqual([2]);
  expect(refused.map(({ line, code }) => [line, code])).toEqual([
    [3, 'identity.email_invalid'],
    [4, 'identity.email_invalid'],
    [5, 'identity.email_invalid'],
    [6, 'access.role_absent'],
    [7, 'kernel.input_invalid'],
    [8, 'access.node_absent'],
    [10, 'access.role_absent'],
  ]);
  expect(repeated.map(({ line }) => line)).toEqual([9]);
});

test('a table of ten thousand lines is read, one of one more is not', () => {
  const lines = Array.from({ length: INVITEES_MAX }, (_, n) => `u${n}@acme.example,member`);
  const text = (all: string[]) => `email,role\n${all.join('\n')}`;
  expect(readInviteeTable(text(lines)).invitees).toHaveLength(INVITEES_MAX);
  expect(() => readInviteeTable(text([...lines, 'x@acme.example,member']))).toThrow();
});
