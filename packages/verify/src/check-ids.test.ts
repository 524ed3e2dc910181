import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const read = (...path: string[]): string =>
  readFileSync(join(import.meta.dirname, ...path), 'utf8');

/** In the README's table `.form` beside `entries` stands for `entries.form`. */
function documentedIds(): Set<string> {
  const [, table = ''] = read('../README.md').split('## Every check');
  const ids = new Set<string>();
  for (const row of table
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| `')) ?? []) {
    const tokens = [...row.matchAll(/`(\.?[a-z][a-z.-]*)`/g)].map(([, token = '']) => token);
    const names = tokens.filter((token) => !token.startsWith('.'));
    for (const name of names) {
      ids.add(name);
      for (const suffix of tokens.filter((token) => token.startsWith('.'))) {
        ids.add(name.split('.')[0] + suffix);
      }
    }
  }
  return ids;
}

it('every id that a check can have is in the README', () => {
  const sources = readdirSync(import.meta.dirname).filter((name) => /^[a-z-]+\.ts$/.test(name));
  const used = sources.flatMap((name) =>
    [...read(name).matchAll(/report\.(?:pass|fail|note)\(\s*'([a-z.-]+)'/g)].map(
      ([, id = '']) => id,
    ),
  );
  expect(new Set(used).size).toBeGreaterThan(25);
  const documented = documentedIds();
  expect(used.filter((id) => !documented.has(id))).toEqual([]);
});
