import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** The floor that package.json promises. */
const FLOOR = [20, 19, 0] as const;

interface LockedPackage {
  readonly optional?: boolean;
  readonly engines?: { readonly node?: string } | readonly string[];
}

test('every dependency accepts the oldest Node that we promise', async () => {
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const packages = Object.entries(lock.packages as Record<string, LockedPackage>);
  const refusing = packages
    .filter(([path, { optional }]) => path.includes('node_modules/') && optional !== true)
    .flatMap(([path, { engines }]) => {
      const range = engines !== undefined && 'node' in engines ? engines.node : undefined;
      return range === undefined || accepts(range) ? [] : [`${path}: ${range}`];
    });
  expect(refusing).toEqual([]);
});

test.each([
  ['>=18', true],
  ['^18 || ^20.9.0 || >=22', true],
  ['^20.19.0 || >=22.12.0', true],
  ['>=20.20', false],
  ['>= 22', false],
  ['^18.0.0 || ^22', false],
  ['>=18 <20', false],
  ['20.x', true],
  ['*', true],
])('a range like %s is read rightly', (range, expected) => {
  expect(accepts(range)).toBe(expected);
});

/** The part of npm's range language that packages use for engines. */
function accepts(range: string): boolean {
  return range.split('||').some((alternative) =>
    alternative
      .replace(/([<>=~^]+)\s+/g, '$1')
      .trim()
      .split(/\s+/)
      .every(satisfies),
  );
}

function satisfies(comparator: string): boolean {
  const match = /^(>=|<=|>|<|\^|~|=|v)?v?(\d+|x|\*)?(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?/.exec(
    comparator,
  );
  const [, operator = '', ...parts] = match ?? [];
  const wanted = parts.map((part) =>
    part === undefined || /[x*]/.test(part) ? undefined : Number(part),
  );
  if (wanted[0] === undefined) return true;
  const order = compare(FLOOR, [wanted[0], wanted[1] ?? 0, wanted[2] ?? 0]);
  if (operator === '>=') return order >= 0;
  if (operator === '>') return order > 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0 || (wanted[1] === undefined && wanted[0] === FLOOR[0]);
  if (operator === '^') return wanted[0] === FLOOR[0] && order >= 0;
  return wanted.every(
    (part, index) =>
      part === undefined || (operator === '~' && index === 2) || part === FLOOR[index],
  );
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    if (value !== b[index]) return value - (b[index] ?? 0);
  }
  return 0;
}
