/** docs/asvs.md names the tests that show what it says: a test that is moved or removed is missed here. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** The requirements of levels 1 and 2 in ASVS 5.0.0, but for V10 and V17: section, and those of it. */
const ASVS = `
  1.1:1-2 1.2:1-9 1.3:1-11 1.4:1-3 1.5:1-2 2.1:1-3 2.2:1-3 2.3:1-4 2.4:1 3.2:1-2 3.3:1-4 3.4:1-6
  3.5:1-5 3.7:1-2 4.1:1-3 4.2:1 4.3:1-2 4.4:1-4 5.1:1 5.2:1-3 5.3:1-2 5.4:1-3 6.1:1-3 6.2:1-12 6.3:1-4
  6.4:1-4 6.5:1-5 6.6:1-3 6.8:1-4 7.1:1-3 7.2:1-4 7.3:1-2 7.4:1-5 7.5:1-2 7.6:1-2 8.1:1-2 8.2:1-3
  8.3:1 8.4:1 9.1:1-3 9.2:1-4 11.1:1-2 11.2:1-3 11.3:1-3 11.4:1-4 11.5:1 11.6:1 12.1:1-3 12.2:1-2
  12.3:1-4 13.1:1 13.2:1-5 13.3:1-2 13.4:1-5 14.1:1-2 14.2:1-4 14.3:1-3 15.1:1-3 15.2:1-3 15.3:1-7
  16.1:1 16.2:1-5 16.3:1-4 16.4:1-3 16.5:1-3`;

/** `1-3,5` and `1.2.1 to 1.2.3`. */
function span(from: string, to = from): string[] {
  const first = Number(from.split('.').at(-1));
  const last = Number(to.split('.').at(-1));
  const section = from.split('.').slice(0, -1).join('.');
  return Array.from({ length: last - first + 1 }, (_, n) => `${section}.${first + n}`);
}

const root = join(import.meta.dirname, '../..');

test('every requirement has a test or a reason, and every file that is named is there', async () => {
  const page = await readFile(join(root, 'docs/asvs.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| \d/.test(line));
  expect(rows.length).toBeGreaterThan(50);
  for (const row of rows) expect(row.split('|')[3]?.trim(), row).not.toBe('');
  const wanted = ASVS.trim()
    .split(/\s+/)
    .flatMap((entry) => {
      const [section, list = ''] = entry.split(':');
      return list.split(',').flatMap((part) => {
        const [from, to = from] = part.split('-');
        return span(`${section}.${from}`, `${section}.${to}`);
      });
    });
  const told = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/(\d+\.\d+\.\d+)(?: to (\d+\.\d+\.\d+))?/g)].flatMap(
      ([, from = '', to]) => span(from, to),
    ),
  );
  expect(wanted.filter((requirement) => !told.includes(requirement))).toEqual([]);
  // Of level 3, and kept though nobody asked.
  expect(told.filter((requirement) => !wanted.includes(requirement))).toEqual(['1.2.10', '8.3.2']);
  const named = [...page.matchAll(/`((?:packages|test)\/[^`]+\.ts)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
