import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Canary, CanaryIndex } from './canary-index.ts';

const canary = (text: string, isWeak = false): Canary => ({
  bytes: Buffer.from(text),
  value: text,
  source: { table: 'public.t', column: 'c', tenant: 'a' },
  isWeak,
});

const values = (found: ReadonlySet<Canary>): string[] =>
  [...found].map(({ value }) => value).sort();

test('finds exactly what a plain search finds, wherever it stands', () => {
  // A small alphabet, so that texts overlap and begin alike.
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '-'), minLength: 4, maxLength: 9 });
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { maxLength: 30 }),
      fc.array(word, { maxLength: 12 }),
      (needles, hay) => {
        const haystack = hay.join('');
        const index = new CanaryIndex(needles.map((needle) => canary(needle)));
        const expected = needles.filter((needle) => haystack.includes(needle)).sort();
        expect(values(index.find(haystack))).toEqual(expected);
      },
    ),
  );
});

test('a short number counts only as a whole number', () => {
  const index = new CanaryIndex([canary('123456', true)]);
  expect(index.find('{"amount": 123456}').size).toBe(1);
  for (const text of ['1234567', '0123456', '10:00:00.123456+00', 'x123456']) {
    expect(index.find(text).size).toBe(0);
  }
});

test('sixty thousand texts are looked for in a megabyte in one pass', () => {
  const index = new CanaryIndex(
    Array.from({ length: 60_000 }, (_, n) => canary(`customer-${n}@example.com`)),
  );
  const megabyte = 'customer-99999@example.org '.repeat(40_000);
  expect(index.find(megabyte).size).toBe(0);
});
