import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const built = join(import.meta.dirname, '../../packages/bulkhead/dist/console');
const FIRST_LOAD_BYTES_MAX = 250_000;

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

test('the first load of the overview is under 250 kB of compressed script', async () => {
  const chunks = JSON.parse(await readFile(join(built, 'manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >;
  const wanted = new Set<string>();
  const want = (name: string): void => {
    const chunk = chunks[name];
    if (chunk === undefined || wanted.has(chunk.file)) return;
    wanted.add(chunk.file);
    for (const other of chunk.imports ?? []) want(other);
  };
  want('index.html');
  want('src/pages/overview/overview.tsx');
  expect(wanted.size).toBeGreaterThan(2);
  let bytes = 0;
  for (const file of wanted) bytes += gzipSync(await readFile(join(built, file))).byteLength;
  expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
});
