/** Hazard: an app whose texts differ without end, such as lists of every length. */
import { expect, it } from 'vitest';
import { SeenStatements } from './scoped-session.ts';

it('remembers what came before, but never a text too long to be prepared', () => {
  const seen = new SeenStatements();
  expect(seen.again('select 1')).toBe(false);
  expect(seen.again('select 1')).toBe(true);
  const long = `select ${'x'.repeat(20_000)}`;
  expect(seen.again(long)).toBe(false);
  expect(seen.again(long)).toBe(false);
});

it('forgets all rather than grow past a bound of characters', () => {
  const seen = new SeenStatements();
  seen.again('select 1');
  // 16 MiB in 1,024 texts.
  for (let n = 0; n < 1024; n += 1) seen.again(`${n}${'x'.repeat(16_000)}`);
  expect(seen.again('select 1')).toBe(false);
});
