/** A reader who follows a link of the documentation arrives. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const RELATIVE_LINK = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)\s]*)?\)/g;

async function pages(): Promise<string[]> {
  const inDocs = await readdir(join(root, 'docs'), { recursive: true });
  const beside = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'bench/README.md'];
  return [...beside, ...inDocs.filter((file) => file.endsWith('.md')).map((f) => join('docs', f))];
}

it('every relative link of the documentation leads to a file', async () => {
  const dead: string[] = [];
  for (const page of await pages()) {
    const text = await readFile(join(root, page), 'utf8');
    for (const [, target = ''] of text.matchAll(RELATIVE_LINK)) {
      const path = join(root, dirname(page), decodeURI(target));
      if (!existsSync(path)) dead.push(`${page}: ${relative(root, path)}`);
    }
  }
  expect(dead).toEqual([]);
});
