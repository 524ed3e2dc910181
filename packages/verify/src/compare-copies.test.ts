import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  buildLog,
  LOG_KEY,
  type LogShape,
  newDirectory,
  signedCheckpoint,
  someEntries,
  write,
} from './testdata/build-log.ts';
import { plainConsistency, plainLeaf } from './testdata/plain-tree.ts';
import { type Run, run } from './testdata/run.ts';
import { makeSigner } from './testdata/signer.ts';

const entries = someEntries(600);
const made: string[] = [];
const scratch = (): string => {
  const directory = newDirectory();
  made.push(directory);
  return directory;
};
const copy = (shape: LogShape): string => buildLog(shape, scratch());
const checkpoint = (shape: LogShape): string => write(scratch(), 'c', signedCheckpoint(shape));
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

const compare = (a: string, b: string, ...flags: string[]): Run =>
  run('compare', a, b, '--vkey', LOG_KEY.vkey, ...flags);
const expectPass = ({ status, failed }: Run): void =>
  expect({ status, failed }).toEqual({ status: 0, failed: [] });
const expectFail = ({ status, failed }: Run, ...ids: string[]): void =>
  expect({ status, failed }).toEqual({ status: 1, failed: ids });

describe('two copies of one log pass', () => {
  it('as directories, of the same size or one behind the other, in either order', () => {
    const [whole, part] = [copy({ entries }), copy({ entries: entries.slice(0, 300) })];
    expectPass(compare(whole, copy({ entries })));
    expectPass(compare(whole, part));
    expectPass(compare(part, whole));
    expectPass(compare(part, copy({ entries: [] })));
  });

  it('as a directory and a checkpoint', () => {
    const whole = copy({ entries });
    for (const size of [0, 1, 299, 512, 600]) {
      expectPass(compare(whole, checkpoint({ entries, size })));
      expectPass(compare(checkpoint({ entries, size }), whole));
    }
  });

  it('as two checkpoints, of the same size or with a proof between them', () => {
    const [a, b] = [checkpoint({ entries, size: 300 }), checkpoint({ entries })];
    expectPass(compare(a, checkpoint({ entries, size: 300 })));
    expectFail(compare(a, b), 'compare.unknown');
    const hashes = plainConsistency(300, entries.map(plainLeaf)).map((h) => h.toString('base64'));
    const proof = write(scratch(), 'p', JSON.stringify({ oldSize: 300, newSize: 600, hashes }));
    expectPass(compare(a, b, '--consistency', proof));
    expectPass(compare(b, a, '--consistency', proof));
    const other = write(scratch(), 'p', JSON.stringify({ oldSize: 600, newSize: 600, hashes: [] }));
    expectFail(compare(a, b, '--consistency', other), 'compare.unknown');
  });

  it('when only the checkpoint of a directory was kept', () => {
    const bare = scratch();
    write(bare, 'checkpoint', signedCheckpoint({ entries }));
    expectPass(compare(bare, copy({ entries })));
  });

  it('with a pruned one', () => {
    const pruned = copy({ entries });
    rmSync(join(pruned, 'tile/entries/000'));
    expectFail(compare(pruned, copy({ entries })), 'a.entries.missing');
    expectPass(compare(pruned, copy({ entries }), '--min-index', '256'));
  });
});

describe('two copies of a log that lies fail', () => {
  it('by name: a split view, of the same size or not', () => {
    const fork = [...entries.slice(0, 500), ...someEntries(100, 'fork')];
    expectFail(compare(copy({ entries }), copy({ entries: fork })), 'compare.split-view');
    expectFail(compare(copy({ entries: fork }), checkpoint({ entries })), 'compare.split-view');
    const early = checkpoint({ entries: someEntries(300, 'fork') });
    expectFail(compare(copy({ entries }), early), 'compare.rewritten');
    expectFail(compare(early, checkpoint({ entries, size: 300 })), 'compare.split-view');
  });

  it('by name: two logs', () => {
    const other = copy({ entries, origin: 'log.example/tenant-b' });
    expectFail(compare(copy({ entries }), other), 'compare.origin');
  });

  it('when either is not in order by itself', () => {
    const forged = copy({ entries, signer: makeSigner('forger.example') });
    expectFail(compare(copy({ entries }), forged), 'b.checkpoint.signature');
    const broken = copy({ entries });
    rmSync(join(broken, 'tile/entries/001'));
    expectFail(compare(broken, copy({ entries })), 'a.entries.missing');
    expectFail(compare(scratch(), copy({ entries })), 'a.checkpoint.form');
  });

  it('with a proof that proves nothing', () => {
    const [a, b] = [checkpoint({ entries, size: 300 }), checkpoint({ entries })];
    const proof = write(scratch(), 'p', JSON.stringify({ oldSize: 300, newSize: 600, hashes: [] }));
    expectFail(compare(a, b, '--consistency', proof), 'consistency.path', 'compare.unknown');
  });
});
