import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  buildLog,
  encodeEntries,
  LOG_KEY,
  type LogShape,
  newDirectory,
  ORIGIN,
  signedCheckpoint,
  someEntries,
  write,
} from './testdata/build-log.ts';
import { plainLeaf, plainRoot } from './testdata/plain-tree.ts';
import { type Run, run, runLog } from './testdata/run.ts';
import { makeSigner } from './testdata/signer.ts';

const made: string[] = [];
const build = (shape: LogShape): string => {
  const directory = buildLog(shape);
  made.push(directory);
  return directory;
};
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

function expectPass({ status, failed }: Run): void {
  expect({ status, failed }).toEqual({ status: 0, failed: [] });
}

const remove = (directory: string, path: string): void =>
  rmSync(join(directory, path), { recursive: true });

describe('an honest log passes', () => {
  it.each([0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 1000, 65_536])(
    'of %i entries',
    { timeout: 60_000 },
    (size) => {
      const ran = runLog(
        build({ entries: someEntries(size) }),
        '--origin',
        ORIGIN,
        '--strict-size',
      );
      expectPass(ran);
      expect(ran.lines).toContain('PASS root the entries lead to the root that was signed');
      expect(ran.lines.some((line) => line.startsWith(`PASS entries ${size} entries`))).toBe(true);
    },
  );

  it('whatever its entries are: empty, of the largest size, or binary', () => {
    const entries = [
      Buffer.alloc(0),
      Buffer.alloc(65_535, 7),
      Buffer.from([0, 1, 255]),
      Buffer.alloc(0),
    ];
    expectPass(runLog(build({ entries })));
    expectPass(runLog(build({ entries: Array.from({ length: 300 }, () => Buffer.alloc(0)) })));
  });

  it('with extension lines, and with signatures by keys that nobody gave', () => {
    const stranger = makeSigner('stranger.example', 'stranger');
    const namesake = makeSigner(ORIGIN, 'another key of the same name');
    const directory = build({
      entries: someEntries(300),
      extensions: ['anything at all', '— not a signature'],
      moreSignatures: (text) =>
        stranger.sign(text) +
        stranger.cosign(text, 1_700_000_000) +
        namesake.sign('something else') +
        '— unknown.example/type AAAAAAE=\n',
    });
    const { lines, ...ran } = runLog(directory);
    expectPass({ lines, ...ran });
    expect(lines).toContain('NOTE checkpoint.others 4 signatures by keys that were not given');
    expect(lines.some((line) => line.startsWith('NOTE checkpoint.extension 2'))).toBe(true);
  });

  it('with sixteen witnesses', () => {
    const witnesses = Array.from({ length: 16 }, (_, at) => makeSigner(`w${at}.example`));
    const directory = build({
      entries: someEntries(10),
      moreSignatures: (text) => witnesses.map((witness) => witness.cosign(text, 1000)).join(''),
    });
    const flags = witnesses.flatMap(({ witnessKey }) => ['--witness', witnessKey]);
    expectPass(runLog(directory, ...flags, '--quorum', '16'));
  });

  it('that still has the partial tiles of earlier sizes', () => {
    const earlierSizes = [1, 77, 255, 256, 300, 511, 513];
    expectPass(runLog(build({ entries: someEntries(700), earlierSizes }), '--strict-size'));
  });

  it('that grew on: a full tile stands in for the partial one that was deleted', () => {
    const directory = build({ entries: someEntries(700), size: 300 });
    remove(directory, 'tile/0/001.p');
    remove(directory, 'tile/entries/001.p');
    remove(directory, 'tile/1/000.p/1');
    // Level 1 has no full tile to stand in.
    expect(runLog(directory).failed).toEqual(['tiles.missing']);
    const grown = build({ entries: someEntries(700), size: 600 });
    expectPass(runLog(grown));
    const { status, failed } = runLog(grown, '--strict-size');
    expect({ status, failed }).toEqual({ status: 1, failed: ['beyond'] });
  });

  it('whose origin is in another script, or is not the name of the key', () => {
    const origin = 'журнал.example/租户 α';
    const directory = build({ entries: someEntries(5), origin });
    expectPass(runLog(directory, '--origin', origin));
    expectPass(runLog(directory));
    expect(runLog(directory).lines.some((line) => line.startsWith('NOTE checkpoint.origin'))).toBe(
      true,
    );
  });

  it('that keeps its older checkpoints, and other files beside', () => {
    const entries = someEntries(600);
    const directory = build({ entries });
    for (const size of [0, 1, 256, 599, 600]) {
      write(directory, `checkpoint.${size}`, signedCheckpoint({ entries, size }));
    }
    write(directory, 'README.md', 'about this export');
    write(directory, 'checkpoint.tsr', 'a stamp');
    write(directory, 'proofs/0.json', 'whatever');
    write(directory, 'tile/.DS_Store', 'x');
    write(directory, 'tile/0/002.tmp', 'x');
    const { lines, ...ran } = runLog(directory, '--strict-size');
    expectPass({ lines, ...ran });
    expect(lines.filter((line) => line.startsWith('PASS older'))).toHaveLength(5);
    expect(lines).toContain(
      'NOTE layout.stray not part of any log: tile/.DS_Store, tile/0/002.tmp',
    );
  });

  it('signed by an old and a new key, for readers who have either or both', () => {
    const next = makeSigner(ORIGIN, 'the next key');
    const directory = build({ entries: someEntries(9), moreSignatures: (text) => next.sign(text) });
    for (const keys of [[LOG_KEY.vkey], [next.vkey], [LOG_KEY.vkey, next.vkey]]) {
      expectPass(run('log', directory, ...keys.flatMap((key) => ['--vkey', key])));
      expectPass(run('log', directory, '--vkey', ...keys));
      expectPass(run('log', directory, `--vkey=${keys[0]}`));
    }
    const file = write(directory, 'keys.txt', `# ours\r\n${next.vkey}\r\n\r\n${LOG_KEY.vkey}\n`);
    expectPass(run('log', '--vkey', file, directory));
  });
});

describe('a pruned log passes', () => {
  const entries = someEntries(256 * 5 + 30);
  const pruned = (minIndex: number, tilesToo: boolean): string => {
    const directory = build({ entries });
    for (let n = 0; (n + 1) * 256 <= minIndex; n++) {
      remove(directory, `tile/entries/00${n}`);
      if (tilesToo) remove(directory, `tile/0/00${n}`);
    }
    return directory;
  };

  it.each([0, 1, 256, 257, 700, 1279, 1280, 1300, 1310])('from entry %i on', (minIndex) => {
    for (const tilesToo of [false, true]) {
      expectPass(runLog(pruned(minIndex, tilesToo), '--min-index', String(minIndex)));
    }
  });

  it('against a pin from before, as long as the tiles are there', () => {
    const directory = pruned(1280, false);
    for (const size of [1, 255, 700, 1280, 1300]) {
      const pin = write(directory, 'pin', signedCheckpoint({ entries, size }));
      expectPass(runLog(directory, '--min-index', '1280', '--pin', pin));
    }
    const bare = pruned(1280, true);
    const pin = write(bare, 'pin', signedCheckpoint({ entries, size: 700 }));
    expect(runLog(bare, '--min-index', '1280', '--pin', pin).failed).toEqual(['pin.unknown']);
    write(bare, 'pin', signedCheckpoint({ entries, size: 768 }));
    expectPass(runLog(bare, '--min-index', '1280', '--pin', pin));
  });

  it('only as far as it says', () => {
    expect(runLog(pruned(700, false), '--min-index', '511').failed).toEqual(['entries.missing']);
    expect(runLog(pruned(700, true), '--min-index', '511').failed).toEqual([
      'tiles.missing',
      'entries.missing',
    ]);
    expect(runLog(pruned(700, false)).failed).toEqual(['entries.missing']);
  });

  it('and names what is left of it that nothing can bear out', () => {
    const told = (ran: Run): string[] => ran.lines.filter((line) => line.includes('unchecked'));
    const leftover = 'tile/entries/000.p/2';
    const bare = pruned(256, true);
    write(bare, leftover, encodeEntries([Buffer.from('a'), Buffer.from('story')]));
    const ran = runLog(bare, '--min-index', '256');
    expectPass(ran);
    expect(told(ran)).toEqual([
      `NOTE layout.unchecked nothing is left to hold these against: ${leftover}`,
    ]);
    const kept = pruned(256, false);
    write(kept, leftover, encodeEntries(entries.slice(0, 2)));
    expect(told(runLog(kept, '--min-index', '256'))).toEqual([]);
  });

  it('in no time, however many entries it says are gone', () => {
    // 2^48 entries under one hash of level 6, and one more.
    const entry = Buffer.from('the last one');
    const tops = [plainLeaf(Buffer.from('as if it were the root of all before')), plainLeaf(entry)];
    const text = `${ORIGIN}\n${2 ** 48 + 1}\n${plainRoot(tops).toString('base64')}\n`;
    const directory = newDirectory();
    made.push(directory);
    write(directory, 'checkpoint', `${text}\n${LOG_KEY.sign(text)}`);
    write(directory, 'tile/6/000.p/1', tops[0] ?? '');
    write(directory, 'tile/0/x001/x099/x511/x627/776.p/1', tops[1] ?? '');
    write(directory, 'tile/entries/x001/x099/x511/x627/776.p/1', encodeEntries([entry]));
    const ran = runLog(directory, '--min-index', String(2 ** 48));
    expectPass(ran);
    expect(ran.lines).toContain(
      `NOTE entries.pruned ${2 ** 40} bundles before entry ${2 ** 48} are gone`,
    );
    // What is left of them is still held against the tiles above, however far down it lies.
    write(directory, 'tile/0/x123/x456/789', Buffer.alloc(8192));
    write(directory, 'tile/1/x482/253', Buffer.alloc(8192));
    expect(runLog(directory, '--min-index', String(2 ** 48)).failed).toEqual(['tiles.hash']);
  });

  it('with whole upper tiles gone, of a log of more than 65,536', { timeout: 60_000 }, () => {
    const many = someEntries(65_536 + 300);
    const directory = build({ entries: many });
    for (let n = 0; n < 256; n++) {
      remove(directory, `tile/entries/${String(n).padStart(3, '0')}`);
      remove(directory, `tile/0/${String(n).padStart(3, '0')}`);
    }
    remove(directory, 'tile/1/000');
    expectPass(runLog(directory, '--min-index', '65536'));
    expect(runLog(directory, '--min-index', '65535').status).toBe(1);

    // A bundle among them, in which anything may stand: it is named, and shows nothing.
    const salt = Buffer.alloc(32, 7);
    const commitment = createHmac('sha256', salt).update('a story').digest('hex');
    const forged = someEntries(256, 'forged').with(3, Buffer.from(commitment));
    const opening = {
      leafIndex: 5 * 256 + 3,
      commitment,
      salt: salt.toString('hex'),
      value: 'a story',
    };
    const file = write(directory, 'openings.jsonl', JSON.stringify(opening));
    const said = (...paths: string[]): string =>
      `NOTE layout.unchecked nothing is left to hold these against: ${paths.join(', ')}`;
    const [bundle, tile] = ['tile/entries/005', 'tile/0/005'];
    write(directory, bundle, encodeEntries(forged));
    const alone = runLog(directory, '--min-index', '65536', '--openings', file);
    expect(alone.failed).toEqual(['opening.commitment']);
    expect(alone.lines).toContain(said(bundle));
    write(directory, tile, Buffer.concat(forged.map((entry) => plainLeaf(entry))));
    const both = runLog(directory, '--min-index', '65536', '--openings', file);
    expect(both.failed).toEqual(['opening.commitment']);
    expect(both.lines).toContain(said(tile, bundle));
    expect(both.lines).toContain('PASS entries 300 entries in 2 bundles, none missing');
    expectPass(runLog(directory, '--min-index', '65536'));
  });
});

describe('what was kept before', () => {
  it('a pin of any earlier size passes', () => {
    const entries = someEntries(600);
    const directory = build({ entries });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 600 }), (size) => {
        const pin = write(directory, 'pin', signedCheckpoint({ entries, size }));
        expectPass(runLog(directory, '--pin', pin));
      }),
      { numRuns: 30, examples: [[0], [1], [256], [512], [600]] },
    );
  });

  it('the state file follows a log that grows, and is left alone when something fails', () => {
    const entries = someEntries(900);
    const directory = build({ entries, size: 10 });
    const state = join(directory, 'state');
    expectPass(runLog(directory, '--state', state));
    for (const size of [10, 300, 300, 900]) {
      write(directory, 'checkpoint', signedCheckpoint({ entries, size }));
      buildLog({ entries: entries.slice(0, size) }, directory);
      expectPass(runLog(directory, '--state', state));
      expect(readFileSync(state, 'utf8')).toBe(signedCheckpoint({ entries, size }));
    }
    const kept = readFileSync(state);
    writeFileSync(join(directory, 'checkpoint'), signedCheckpoint({ entries, size: 300 }));
    expect(runLog(directory, '--state', state).failed).toEqual(['state.rollback']);
    expect(runLog(directory, '--state', state, '--min-size', '1000').status).toBe(1);
    expect(readFileSync(state)).toEqual(kept);
  });

  it('a state file outlives the key that signed it', () => {
    const entries = someEntries(20);
    const directory = build({ entries, size: 10 });
    const state = join(directory, 'state');
    buildLog({ entries: entries.slice(0, 10) }, directory);
    expectPass(runLog(directory, '--state', state));
    const next = makeSigner(ORIGIN, 'the next key');
    buildLog({ entries, signer: next }, directory);
    expectPass(run('log', directory, '--vkey', next.vkey, '--state', state));
  });

  it('nothing is left behind when the state cannot be written', () => {
    const directory = build({ entries: someEntries(3) });
    const { failed } = runLog(directory, '--state', join(directory, 'no', 'such', 'directory'));
    expect(failed).toEqual(['state.write']);
    mkdirSync(join(directory, 'a-directory'));
    expect(runLog(directory, '--state', join(directory, 'a-directory')).failed).toEqual([
      'state.form',
    ]);
  });
});

describe('witnesses', () => {
  const now = 1_760_000_000;
  const [w1, w2, w3] = ['w1', 'w2', 'w3'].map((name) => makeSigner(`${name}.example`)) as [
    ReturnType<typeof makeSigner>,
    ReturnType<typeof makeSigner>,
    ReturnType<typeof makeSigner>,
  ];
  const keys = [w1, w2, w3].flatMap(({ witnessKey }) => ['--witness', witnessKey]);
  const witnessed = (...cosigned: [ReturnType<typeof makeSigner>, number][]): string =>
    build({
      entries: someEntries(4),
      moreSignatures: (text) => cosigned.map(([who, at]) => who.cosign(text, at)).join(''),
    });

  it('a quorum of them passes, whichever they are and however their keys are written', () => {
    const directory = witnessed([w1, now - 5], [w3, now - 9]);
    expectPass(
      runLog(directory, ...keys, '--quorum', '2', '--max-age', '60', '--now', String(now)),
    );
    expectPass(runLog(directory, ...keys, '--quorum', '2', '--max-age', '9', '--now', String(now)));
    expectPass(runLog(directory, '--witness', w1.witnessKey, w3.witnessKey));
    expectPass(runLog(directory, '--witness', w1.vkey));
    const time = new Date(now * 1000).toISOString();
    expectPass(runLog(directory, ...keys, '--quorum', '1', '--max-age', '60', '--now', time));
    expectPass(runLog(directory, ...keys, '--quorum', '0'));
  });

  it('a cosignature from the future takes nothing from the others, not even its own witness’s', () => {
    const flags = ['--max-age', '60', '--now', String(now), '--quorum', '1'];
    for (const at of [now + 3600, now * 1000, 9_007_199_254_740_000]) {
      const directory = witnessed([w1, now - 5], [w1, at], [w2, at]);
      expectPass(runLog(directory, '--witness', w1.witnessKey, w2.witnessKey, ...flags));
    }
    const nanoseconds = build({
      entries: someEntries(4),
      moreSignatures: (text) =>
        w1.cosign(text, now) + w2.cosign(text, BigInt(now) * 1_000_000_001n),
    });
    expectPass(runLog(nanoseconds, '--witness', w1.witnessKey, w2.witnessKey, ...flags));
    expectPass(runLog(nanoseconds, '--witness', w2.witnessKey));
  });

  it('a witness whose clock is a little ahead still counts', () => {
    const directory = witnessed([w1, now + 10]);
    const flags = ['--witness', w1.witnessKey, '--max-age', '60', '--now', String(now)];
    expectPass(runLog(directory, ...flags));
  });
});
