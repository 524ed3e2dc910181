/** The transparency ecosystem's tools and ours judge the same logs alike. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  buildLog,
  LOG_KEY,
  ORIGIN,
  someEntries,
} from '../../packages/verify/src/testdata/build-log.ts';
import { run } from '../../packages/verify/src/testdata/run.ts';

const tools = join(import.meta.dirname, '../../.cache/interop/log-tools');

/** Exit statuses of theirs and of ours. */
function judge(directory: string): { theirs: number | null; ours: number; said: string } {
  const { status, stdout } = spawnSync(tools, [directory, ORIGIN, LOG_KEY.vkey], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  const { status: ours } = run('log', directory, '--vkey', LOG_KEY.vkey, '--origin', ORIGIN);
  return { theirs: status, ours, said: stdout };
}

describe.skipIf(!existsSync(tools))('Tessera and the Go checksum database', () => {
  it.each([1, 2, 255, 256, 257, 700, 66_000])('read a log of %i entries as we do', (size) => {
    const directory = buildLog({ entries: someEntries(size) });
    const { said, ...statuses } = judge(directory);
    expect(statuses).toEqual({ theirs: 0, ours: 0 });
    const root = readFileSync(join(directory, 'checkpoint'), 'utf8').split('\n')[2];
    expect(said).toBe(`${size} ${root}\n`);
    rmSync(directory, { recursive: true });
  });

  it.each([
    'checkpoint',
    'tile/0/001',
    'tile/1/000.p/2',
    'tile/entries/000',
    'tile/entries/002.p/188',
  ])('refuse a changed %s as we do', (name) => {
    const directory = buildLog({ entries: someEntries(700) });
    const bytes = readFileSync(join(directory, name));
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(join(directory, name), bytes);
    const { said, ...statuses } = judge(directory);
    expect({ said, ...statuses }).toEqual({ said: '', theirs: 1, ours: 1 });
    rmSync(directory, { recursive: true });
  });
});
