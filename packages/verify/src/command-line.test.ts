import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  buildLog,
  LOG_KEY,
  newDirectory,
  ORIGIN,
  signedCheckpoint,
  someEntries,
  write,
} from './testdata/build-log.ts';
import { run } from './testdata/run.ts';

const entries = someEntries(10);
const directory = buildLog({ entries });
const scratch = newDirectory();
afterAll(() => {
  for (const made of [directory, scratch]) rmSync(made, { recursive: true });
});
const { vkey } = LOG_KEY;
const checkpoint = write(scratch, 'checkpoint', signedCheckpoint({ entries }));
const proof = write(
  scratch,
  'proof.json',
  JSON.stringify({ leafIndex: 0, treeSize: 1, hashes: [], leafHash: '', rootHash: '' }),
);
const notKeys = write(scratch, 'not-keys', 'hello\n');
const empty = write(scratch, 'empty', '# none\n');
mkdirSync(join(scratch, 'a-directory'));
// Reading one that nobody writes to would never end.
const pipe = join(scratch, 'a-pipe');
if (process.platform !== 'win32') execFileSync('mkfifo', [pipe]);

describe('wrong use exits with 2, says why, and checks nothing:', () => {
  const [, name = '', id = '', key = ''] = /^([^+]+)\+([^+]+)\+(.+)$/.exec(vkey) ?? [];
  it.each<[string, string[]]>([
    ['nothing', []],
    ['an unknown door', ['prove', directory]],
    ['no directory', ['log', '--vkey', vkey]],
    ['two directories', ['log', directory, directory, '--vkey', vkey]],
    ['a directory that is not there', ['log', join(scratch, 'none'), '--vkey', vkey]],
    ['a file for a directory', ['log', checkpoint, '--vkey', vkey]],
    ['no key', ['log', directory]],
    ['a key without a value', ['log', directory, '--vkey']],
    ['an empty key', ['log', directory, '--vkey', '']],
    ['a key that is none', ['log', directory, '--vkey', 'hello']],
    ['a key with another id', ['log', directory, '--vkey', `${name}+00000000+${key}`]],
    ['a key with a short id', ['log', directory, '--vkey', `${name}+${id.slice(1)}+${key}`]],
    ['a key without a name', ['log', directory, '--vkey', `+${id}+${key}`]],
    ['a key whose name has a space', ['log', directory, '--vkey', `a b+${id}+${key}`]],
    ['a key that is cut off', ['log', directory, '--vkey', vkey.slice(0, -4)]],
    ['a key of an unknown type', ['log', directory, '--vkey', `${name}+${id}+/${key.slice(1)}`]],
    ['a file without keys', ['log', directory, '--vkey', empty]],
    ['a file of something else', ['log', directory, '--vkey', notKeys]],
    ['a directory for a file of keys', ['log', directory, '--vkey', scratch]],
    ['a pipe for a file of keys', ['log', directory, '--vkey', pipe]],
    ['a device for a file of keys', ['log', directory, '--vkey', '/dev/zero']],
    ['one good key and one bad', ['log', directory, '--vkey', vkey, '--vkey', 'hello']],
    ['a bad witness', ['log', directory, '--vkey', vkey, '--witness', 'hello']],
    ['an unknown flag', ['log', directory, '--vkey', vkey, '--verbose']],
    ['a flag of another door', ['proofs', proof, '--vkey', vkey, '--strict-size']],
    ['an origin twice', ['log', directory, '--vkey', vkey, '--origin', 'a', '--origin', 'b']],
    ['an empty origin', ['log', directory, '--vkey', vkey, '--origin', '']],
    ['an empty state', ['log', directory, '--vkey', vkey, '--state', '']],
    ['a size that is no number', ['log', directory, '--vkey', vkey, '--min-size', 'ten']],
    ['a negative size', ['log', directory, '--vkey', vkey, '--min-size=-1']],
    ['an index beyond 2^53', ['log', directory, '--vkey', vkey, '--min-index', '9007199254740993']],
    ['an age with a unit', ['log', directory, '--vkey', vkey, '--max-age', '1h']],
    ['a time that is none', ['log', directory, '--vkey', vkey, '--now', 'yesterday']],
    ['a day for a time', ['log', directory, '--vkey', vkey, '--now', '2026-01-31']],
    ['a quorum of nobody', ['log', directory, '--vkey', vkey, '--quorum', '1']],
    ['a switch with a value', ['log', directory, '--vkey', vkey, '--json=yes']],
    ['a pin that is not there', ['log', directory, '--vkey', vkey, '--pin', join(scratch, 'none')]],
    ['a proof that is not there', ['log', directory, '--vkey', vkey, '--inclusion', 'none.json']],
    ['openings that are not there', ['log', directory, '--vkey', vkey, '--openings', 'none.jsonl']],
    ['no proof', ['proofs', '--checkpoint', checkpoint, '--vkey', vkey]],
    ['a proof without a checkpoint', ['proofs', proof, '--vkey', vkey]],
    ['proofs without a key', ['proofs', proof, '--checkpoint', checkpoint]],
    ['a missing proof file', ['proofs', 'none.json', '--checkpoint', checkpoint, '--vkey', vkey]],
    ['one copy', ['compare', directory, '--vkey', vkey]],
    ['three copies', ['compare', directory, directory, directory, '--vkey', vkey]],
    ['a copy that is not there', ['compare', directory, join(scratch, 'none'), '--vkey', vkey]],
    ['copies without a key', ['compare', directory, directory]],
  ])('%s', (_name, argv) => {
    const { status, lines, err } = run(...argv);
    expect({ status, lines }).toEqual({ status: 2, lines: [] });
    expect(err).toMatch(/^bulkhead-verify: .+\n\nUsage:/);
  });

  it('of a key that is longer than the name of a file may be, as of any key', () => {
    const told = (text: string) => {
      const { status, err } = run('log', directory, '--vkey', text);
      return { status, err: err.replace(text, '') };
    };
    const long = `${name}+${id}+${Buffer.alloc(1313, 6).toString('base64')}`;
    expect(told(long)).toEqual(told(`${name}+${id}+Bg==`));
  });
});

describe('flags', () => {
  it('may stand in any order, with = or without, repeated or in a row', () => {
    const pin = write(scratch, 'pin', signedCheckpoint({ entries, size: 5 }));
    for (const argv of [
      ['log', directory, '--vkey', vkey, '--pin', pin, '--pin', checkpoint, '--origin', ORIGIN],
      ['log', directory, '--pin', pin, checkpoint, `--vkey=${vkey}`, `--origin=${ORIGIN}`],
      ['log', '--vkey', vkey, '--pin', pin, '--pin', checkpoint, directory, '--origin', ORIGIN],
      [
        'log',
        '--pin',
        pin,
        '--vkey',
        vkey,
        '--pin',
        checkpoint,
        '--origin',
        ORIGIN,
        '--',
        directory,
      ],
    ]) {
      const { status, lines } = run(...argv);
      expect(status).toBe(0);
      expect(lines.filter((line) => line.startsWith('PASS pin'))).toHaveLength(2);
    }
  });

  it('that cannot be read as a file fail as a check, not as use', () => {
    const pin = join(scratch, 'a-directory');
    const { status, failed } = run('log', directory, '--vkey', vkey, '--pin', pin);
    expect({ status, failed }).toEqual({ status: 1, failed: ['pin.form'] });
  });
});

it('--json prints one line with the verdict, the log and every check', () => {
  const { status, lines } = run('log', directory, '--vkey', vkey, '--json');
  expect(status).toBe(0);
  expect(lines).toHaveLength(1);
  const report = JSON.parse(lines[0] ?? '') as { checks: Record<string, string>[] };
  expect(report).toMatchObject({ ok: true, origin: ORIGIN, size: 10 });
  expect(report.checks).toContainEqual({
    status: 'PASS',
    id: 'root',
    detail: 'the entries lead to the root that was signed',
  });
  const failed = run('log', directory, '--vkey', vkey, '--min-size', '11', '--json');
  expect(failed.status).toBe(1);
  expect(JSON.parse(failed.lines[0] ?? '')).toMatchObject({ ok: false });
});

it('help and version exit with 0', () => {
  expect(run('--help')).toMatchObject({ status: 0, err: '' });
  expect(run('log', '--help').lines[0]).toBe('Usage:');
  expect(run('--version').lines[0]).toMatch(/^\d+\.\d+\.\d+$/);
});

describe('the program', () => {
  const program = join(import.meta.dirname, '../dist/main.js');
  it.skipIf(!existsSync(program))('exits as it judges', () => {
    const start = (...argv: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8' });
    expect(start('log', directory, '--vkey', vkey)).toMatchObject({
      status: 0,
      stderr: 'verified\n',
    });
    const failed = start('log', directory, '--vkey', vkey, '--min-size', '11');
    expect(failed).toMatchObject({ status: 1, stderr: 'NOT verified: 1 failed\n' });
    expect(failed.stdout).toContain('FAIL checkpoint.size 10 entries, there must be 11\n');
    expect(start('log', directory)).toMatchObject({ status: 2, stdout: '' });
  });

  it.skipIf(!existsSync(program))('judges alike when nobody listens', async () => {
    const child = spawn(process.execPath, [program, 'log', directory, '--vkey', vkey]);
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
