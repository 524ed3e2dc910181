import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { capabilities } from '../../packages/bulkhead/src/capabilities.ts';

const folder = join(import.meta.dirname, '../../docs/errors');
const codes = capabilities.flatMap(({ errors }) => Object.keys(errors)).sort();

test('every error code has a page, and every page has an error code', async () => {
  const pages = (await readdir(folder))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => name.slice(0, -'.md'.length))
    .sort();
  expect(pages).toEqual(codes);
});

test('every page opens with its code', async () => {
  for (const code of codes) {
    expect(await readFile(join(folder, `${code}.md`), 'utf8')).toMatch(new RegExp(`^# ${code}\n`));
  }
});

test('every code begins with the name of its room and belongs to one room alone', () => {
  for (const { name, errors } of capabilities) {
    for (const code of Object.keys(errors)) expect(code).toMatch(new RegExp(`^${name}\\.[a-z_]+$`));
  }
  expect(new Set(codes).size).toBe(codes.length);
});

test('every error says what to do next in whole sentences', () => {
  for (const { errors } of capabilities) {
    for (const [code, { title, next, status }] of Object.entries(errors)) {
      expect(title, code).toMatch(/\.$/);
      expect(next, code).toMatch(/[.)]$/);
      expect(status, code).toBeGreaterThanOrEqual(400);
    }
  }
});
