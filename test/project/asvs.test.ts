/** docs/asvs.md names the tests that show what it says: a test that is moved or removed is missed here. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('every requirement has a test or a reason, and every file that is named is there', async () => {
  const page = await readFile(join(root, 'docs/asvs.md'), 'utf8');
  const rows = page.split('\n').filter((line) => /^\| \d/.test(line));
  expect(rows.length).toBeGreaterThan(50);
  for (const row of rows) expect(row.split('|')[3]?.trim(), row).not.toBe('');
  const named = [...page.matchAll(/`((?:packages|test)\/[^`]+\.ts)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
