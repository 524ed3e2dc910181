import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buildLog,
  LOG_KEY,
  newDirectory,
  ORIGIN,
  signedCheckpoint,
  someEntries,
  write,
} from './testdata/build-log.ts';
import { plainConsistency, plainLeaf, plainPath, plainRoot } from './testdata/plain-tree.ts';
import { type Run, run, runLog } from './testdata/run.ts';
import { makeSigner } from './testdata/signer.ts';

const SIZE = 700;
const salt = Buffer.alloc(32, 1);
const commit = (value: string | Buffer, key = salt): Buffer =>
  createHmac('sha256', key).update(value).digest();
const entries = someEntries(SIZE);
// Entries that hold commitments, each written in another way.
entries[3] = Buffer.from(JSON.stringify({ email: commit('ada@example.com').toString('hex') }));
entries[4] = Buffer.from(JSON.stringify({ email: commit('ada@example.com').toString('base64') }));
entries[5] = Buffer.concat([Buffer.of(0, 1), commit(Buffer.of(0xff, 0))]);
entries[6] = Buffer.from(JSON.stringify({ email: commit('bob').toString('base64url') }));
const leaves = entries.map(plainLeaf);
const directory = newDirectory();
beforeAll(() => void buildLog({ entries }, directory));
afterAll(() => rmSync(directory, { recursive: true }));

type Json = Record<string, unknown>;
type Encoding = 'hex' | 'base64';
const file = (content: string | Json, name = 'proof.json'): string =>
  write(directory, name, typeof content === 'string' ? content : JSON.stringify(content));

function inclusion(index: number, size = SIZE, encoding: Encoding = 'hex'): Json {
  const tree = leaves.slice(0, size);
  return {
    leafIndex: index,
    treeSize: size,
    hashes: plainPath(index, tree).map((hash) => hash.toString(encoding)),
    leafHash: leaves[index]?.toString(encoding),
    rootHash: plainRoot(tree).toString(encoding),
  };
}

function consistency(oldSize: number, newSize = SIZE, encoding: Encoding = 'hex'): Json {
  return {
    oldSize,
    newSize,
    hashes: plainConsistency(oldSize, leaves.slice(0, newSize)).map((h) => h.toString(encoding)),
  };
}

const base64Lines = (hashes: readonly Buffer[]): string =>
  hashes.map((hash) => `${hash.toString('base64')}\n`).join('');
const inclusionText = (index: number, size = SIZE, extra = ''): string =>
  `c2sp.org/tlog-proof@v1\n${extra}index ${index}\n${base64Lines(plainPath(index, leaves.slice(0, size)))}\n${signedCheckpoint({ entries, size })}`;
const consistencyText = (oldSize: number, newSize = SIZE): string =>
  `old ${oldSize}\n${base64Lines(plainConsistency(oldSize, leaves.slice(0, newSize)))}\n${signedCheckpoint({ entries, size: newSize })}`;

const expectPass = ({ status, failed }: Run): void =>
  expect({ status, failed }).toEqual({ status: 0, failed: [] });
const expectFail = ({ status, failed }: Run, ...ids: string[]): void =>
  expect({ status, failed }).toEqual({ status: 1, failed: ids });

const inLog = (kind: 'inclusion' | 'consistency', content: string | Json): Run =>
  runLog(directory, `--${kind}`, file(content));
/** `proofs` with signed checkpoints of these sizes. */
const alone = (content: string | Json, ...sizes: number[]): Run => {
  const checkpoints = sizes.map((size) => file(signedCheckpoint({ entries, size }), `c.${size}`));
  const flags = checkpoints.length === 0 ? [] : ['--checkpoint', ...checkpoints];
  return run('proofs', file(content), ...flags, '--vkey', LOG_KEY.vkey);
};

describe('an inclusion proof passes', () => {
  it('of any entry in the tree of any size, in the log and alone, in hex and in base64', () => {
    const place = fc
      .integer({ min: 1, max: SIZE })
      .chain((size) => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)));
    fc.assert(
      fc.property(place, fc.constantFrom('hex', 'base64'), ([index, size], encoding) => {
        expectPass(inLog('inclusion', inclusion(index, size, encoding)));
        expectPass(alone(inclusion(index, size, encoding), size));
      }),
      {
        numRuns: 40,
        examples: [
          [[0, 1], 'hex'],
          [[699, 700], 'hex'],
          [[511, 512], 'base64'],
        ],
      },
    );
  });

  it('with its entry as base64, hex, text or JSON, and with harmless company', () => {
    const entry = entries[9] ?? Buffer.alloc(0);
    for (const written of [
      entry.toString('base64'),
      entry.toString('hex'),
      entry.toString('utf8'),
      JSON.parse(entry.toString('utf8')) as Json,
    ]) {
      expectPass(alone({ ...inclusion(9), entry: written, origin: ORIGIN, comment: [1.5] }, SIZE));
    }
    expectPass(alone(JSON.stringify({ ...inclusion(9), entry: null }, null, 2), SIZE));
  });

  it('with upper-case hex, and null for no hashes', () => {
    const proof = inclusion(9);
    const upper = (proof.hashes as string[]).map((hash) => hash.toUpperCase());
    expectPass(alone({ ...proof, hashes: upper }, SIZE));
    expectPass(alone({ ...inclusion(0, 1), hashes: null }, 1));
  });

  it('as text, in the log with or without its entry', () => {
    const extra = `extra ${(entries[9] ?? Buffer.alloc(0)).toString('base64')}\n`;
    expectPass(inLog('inclusion', inclusionText(9)));
    expectPass(inLog('inclusion', inclusionText(0, 1)));
    expectPass(inLog('inclusion', inclusionText(9, 300, extra)));
    const opaque = inLog('inclusion', inclusionText(9, 300, 'extra AAAA\n'));
    expectPass(opaque);
    expect(opaque.lines.some((line) => line.startsWith('NOTE inclusion.extra'))).toBe(true);
  });

  it('as text, alone, when it carries its entry or lies beside it', () => {
    const extra = `extra ${(entries[9] ?? Buffer.alloc(0)).toString('base64')}\n`;
    expectPass(alone(inclusionText(9, SIZE, extra)));
    expectPass(alone(inclusionText(9, 300, extra), 300, SIZE));
    const hash = `extra ${leaves[9]?.toString('base64')}\n`;
    expectPass(alone(inclusionText(9, SIZE, hash)));
    expectFail(alone(inclusionText(8, SIZE, hash)), 'inclusion.path');
    const proof = file(inclusionText(9), 'event.json.tlog-proof');
    write(directory, 'event.json', entries[9] ?? Buffer.alloc(0));
    expectPass(run('proofs', proof, '--vkey', LOG_KEY.vkey));
    write(directory, 'event.json', entries[10] ?? Buffer.alloc(0));
    expectFail(run('proofs', proof, '--vkey', LOG_KEY.vkey), 'inclusion.path');
    expectFail(alone(inclusionText(9)), 'inclusion.leaf');
  });
});

it('a checkpoint that lies beside its proof is found', () => {
  const proof = file(inclusion(9), 'event.proof.json');
  file(signedCheckpoint({ entries }), 'event.proof.json.checkpoint');
  expectPass(run('proofs', proof, '--vkey', LOG_KEY.vkey));
  file(signedCheckpoint({ entries, signer: makeSigner('forger') }), 'event.proof.json.checkpoint');
  expect(run('proofs', proof, '--vkey', LOG_KEY.vkey).status).toBe(1);
});

describe('an inclusion proof fails', () => {
  const good = inclusion(9);
  const hashes = good.hashes as string[];
  const flipped = (text: string): string => (text.startsWith('0') ? '1' : '0') + text.slice(1);
  const cases: Record<string, [Json | string, string]> = {
    'at another index': [{ ...good, leafIndex: 8 }, 'inclusion.path'],
    'at an index beyond the tree': [{ ...good, leafIndex: 700 }, 'inclusion.index'],
    'at a negative index': [{ ...good, leafIndex: -1 }, 'proof.form'],
    'at a fraction': [JSON.stringify(good).replace(':9,', ':9.0,'), 'proof.form'],
    'at an index beyond 2^53': [
      JSON.stringify(good).replace(':9,', ':9007199254740993,'),
      'proof.form',
    ],
    'at 2^64 + 9': [JSON.stringify(good).replace(':9,', ':18446744073709551625,'), 'proof.form'],
    'with its index as text': [{ ...good, leafIndex: '9' }, 'proof.form'],
    'with its size as text': [{ ...good, treeSize: '700' }, 'proof.form'],
    'of another size': [{ ...good, treeSize: 699 }, 'inclusion.unknown'],
    'with another root': [{ ...good, rootHash: flipped(String(good.rootHash)) }, 'inclusion.root'],
    'with another leaf': [{ ...good, leafHash: inclusion(8).leafHash }, 'inclusion.path'],
    'with a hash changed': [
      { ...good, hashes: [flipped(hashes[0] ?? ''), ...hashes.slice(1)] },
      'inclusion.path',
    ],
    'with two hashes exchanged': [
      { ...good, hashes: [hashes[1], hashes[0], ...hashes.slice(2)] },
      'inclusion.path',
    ],
    'with a hash too few': [{ ...good, hashes: hashes.slice(1) }, 'inclusion.path'],
    'with a hash too many': [{ ...good, hashes: [...hashes, hashes[0]] }, 'inclusion.path'],
    'with a thousand hashes': [{ ...good, hashes: Array(1000).fill(hashes[0]) }, 'proof.form'],
    'with a hash of 31 bytes': [
      { ...good, hashes: [hashes[0]?.slice(2), ...hashes.slice(1)] },
      'proof.form',
    ],
    'with a hash that is a number': [{ ...good, hashes: [1] }, 'proof.form'],
    'with base64 whose spare bits are set': [
      { ...good, leafHash: `${'A'.repeat(42)}B=` },
      'proof.form',
    ],
    'with base64 without padding': [{ ...good, leafHash: 'A'.repeat(43) }, 'proof.form'],
    'with another entry': [{ ...good, entry: 'forged' }, 'inclusion.leaf'],
    'with an entry that JSON reads differently': [
      { ...good, entry: { id: 'a-9' } },
      'inclusion.leaf',
    ],
    'of another log': [{ ...good, origin: 'other.example' }, 'inclusion.origin'],
    'without its leaf': [{ ...good, leafHash: undefined }, 'proof.form'],
    'without its root': [{ ...good, rootHash: undefined }, 'proof.form'],
    'without its hashes': [{ ...good, hashes: undefined }, 'proof.form'],
    'with a name twice': [JSON.stringify(good).replace('{', '{"leafIndex":8,'), 'proof.form'],
    'with a name twice, once escaped': [
      JSON.stringify(good).replace('{', '{"\\u006ceafIndex":8,'),
      'proof.form',
    ],
    'that is two proofs': [{ ...good, ...consistency(9) }, 'proof.form'],
    'that is a list': [JSON.stringify([good]), 'proof.form'],
    'that is cut off': [JSON.stringify(good).slice(0, -5), 'proof.form'],
    'followed by more': [`${JSON.stringify(good)}{}`, 'proof.form'],
    'behind a byte order mark': [`\uFEFF${JSON.stringify(good)}`, 'proof.form'],
    'that is empty': ['', 'proof.form'],
    'that is null': ['null', 'proof.form'],
    'that is of neither kind': ['{"hashes":[]}', 'proof.form'],
    'that is deep': ['['.repeat(100_000), 'proof.form'],
    'with an entry that is deep': [
      JSON.stringify(good).replace('{', `{"entry":${'['.repeat(100_000)}${']'.repeat(100_000)},`),
      'proof.form',
    ],
    'as text with Windows line ends': [inclusionText(9).replaceAll('\n', '\r\n'), 'proof.form'],
    'as text with a leading zero': [inclusionText(9).replace('index 9', 'index 09'), 'proof.form'],
    'as text with a hash in hex': [
      inclusionText(9).replace(/index 9\n[^\n]+/, `index 9\n${hashes[0]}`),
      'proof.form',
    ],
    'as text of another version': [inclusionText(9).replace('@v1', '@v2'), 'proof.form'],
  };
  it.each(Object.entries(cases))('%s', (_name, [content, id]) => {
    expectFail(alone(content, SIZE), id);
    const { status, failed } = inLog('inclusion', content);
    expect(status).toBe(1);
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatch(/^inclusion\./);
  });

  it('against a root that nobody signed', () => {
    expectFail(alone(inclusion(9, 300), SIZE), 'inclusion.unknown');
    expectFail(inLog('inclusion', { ...good, treeSize: 701 }), 'inclusion.unknown');
    const stranger = file(
      signedCheckpoint({ entries, signer: makeSigner('stranger.example') }),
      'c',
    );
    const ran = run('proofs', file(good), '--checkpoint', stranger, '--vkey', LOG_KEY.vkey);
    expectFail(ran, 'checkpoint.signature', 'inclusion.unknown');
  });

  it('as text, when its checkpoint is not good', () => {
    const extra = `extra ${(entries[9] ?? Buffer.alloc(0)).toString('base64')}\n`;
    const text = inclusionText(9, SIZE, extra);
    expectFail(alone(text.replace('\n700\n', '\n701\n')), 'checkpoint.signature');
    expectFail(alone(text.replace('index 9', 'index 8')), 'inclusion.path');
    expectFail(alone(text.replace('extra ', 'extra AAAA')), 'inclusion.path');
    const flags = ['--vkey', LOG_KEY.vkey, '--origin', 'other.example'];
    expectFail(run('proofs', file(text), ...flags), 'checkpoint.origin');
  });

  it('as text, in a log that its checkpoint is not of', () => {
    const forked = someEntries(SIZE, 'fork');
    const path = plainPath(9, forked.map(plainLeaf));
    const text = `c2sp.org/tlog-proof@v1\nindex 9\n${base64Lines(path)}\n${signedCheckpoint({ entries: forked })}`;
    const { status, failed } = inLog('inclusion', text);
    expect(status).toBe(1);
    expect(failed).toContain('inclusion.checkpoint.split-view');
  });
});

describe('a consistency proof', () => {
  it('passes between any two sizes, in the log and alone', () => {
    const sizes = fc
      .integer({ min: 1, max: SIZE })
      .chain((newSize) => fc.tuple(fc.integer({ min: 1, max: newSize }), fc.constant(newSize)));
    fc.assert(
      fc.property(sizes, fc.constantFrom('hex', 'base64'), ([from, to], encoding) => {
        expectPass(inLog('consistency', consistency(from, to, encoding)));
        expectPass(alone(consistency(from, to, encoding), from, to));
      }),
      {
        numRuns: 40,
        examples: [
          [[700, 700], 'hex'],
          [[512, 700], 'hex'],
          [[1, 2], 'base64'],
        ],
      },
    );
    expectPass(inLog('consistency', consistencyText(300)));
    expectPass(alone(consistencyText(300, 512), 300));
  });

  it('passes with an old root of its own, and says that nobody signed it', () => {
    const oldRoot = plainRoot(leaves.slice(0, 300)).toString('hex');
    const ran = alone({ ...consistency(300), oldRoot }, SIZE);
    expectPass(ran);
    expect(ran.lines.some((line) => line.startsWith('NOTE consistency.old-root'))).toBe(true);
  });

  const good = consistency(300);
  const hashes = good.hashes as string[];
  const wrong = '00'.repeat(32);
  const cases: Record<string, [Json | string, string]> = {
    'from another size': [{ ...good, oldSize: 299 }, 'consistency.path'],
    'from nothing': [{ ...good, oldSize: 0, hashes: [] }, 'consistency.size'],
    backwards: [{ ...good, oldSize: 700, newSize: 300 }, 'consistency.size'],
    'with a hash changed': [{ ...good, hashes: [wrong, ...hashes.slice(1)] }, 'consistency.path'],
    'with a hash too few': [{ ...good, hashes: hashes.slice(1) }, 'consistency.path'],
    'with a hash too many': [{ ...good, hashes: [...hashes, wrong] }, 'consistency.path'],
    'without hashes': [{ ...good, hashes: [] }, 'consistency.path'],
    'with another old root': [{ ...good, oldRoot: wrong }, 'consistency.root'],
    'with another new root': [{ ...good, newRoot: wrong }, 'consistency.root'],
    'of another log': [{ ...good, origin: 'other.example' }, 'consistency.origin'],
    'with hashes for the same size': [{ ...consistency(700), hashes: [wrong] }, 'consistency.path'],
  };
  it.each(Object.entries(cases))('fails %s', (_name, [content, id]) => {
    expectFail(alone(content, 299, 300, SIZE), id);
    expectFail(inLog('consistency', content), id);
  });

  it('fails with a size as text', () => {
    for (const content of [
      { ...good, oldSize: '300' },
      { ...good, newSize: '700' },
    ]) {
      expectFail(alone(content, 300, SIZE), 'proof.form');
      expectFail(inLog('consistency', content), 'consistency.form');
    }
  });

  it('fails when it is the other kind of proof', () => {
    expectFail(inLog('consistency', inclusion(9)), 'consistency.form');
    expectFail(inLog('inclusion', consistency(9)), 'inclusion.form');
  });

  it('fails between two logs, and when one size has two signed roots', () => {
    const a = file(signedCheckpoint({ entries, size: 300 }), 'a');
    const b = file(signedCheckpoint({ entries, origin: 'other.example' }), 'b');
    const fork = file(signedCheckpoint({ entries: someEntries(300, 'fork') }), 'fork');
    const flags = ['--vkey', LOG_KEY.vkey, '--checkpoint'];
    const proof = file(good);
    expectFail(run('proofs', proof, ...flags, a, b), 'checkpoint.origin', 'consistency.unknown');
    const whole = file(signedCheckpoint({ entries }), 'whole');
    expectFail(run('proofs', proof, ...flags, whole, a, fork), 'checkpoint.split-view');
  });
});

describe('openings', () => {
  const openings = (...lines: (Json | string)[]): Run => {
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    return runLog(directory, '--openings', file(`${text.join('\n')}\n`, 'openings.jsonl'));
  };
  const hex = commit('ada@example.com').toString('hex');
  const ada = {
    leafIndex: 3,
    commitment: hex,
    salt: salt.toString('hex'),
    value: 'ada@example.com',
  };

  it('pass with values as text and as bytes, however the entry writes its commitments', () => {
    const value = commit(Buffer.of(0xff, 0)).toString('base64');
    const ran = openings(
      ada,
      { ...ada, leafIndex: 4, salt: salt.toString('base64') },
      { ...ada, leafIndex: 5, commitment: value, value: undefined, valueB64: '/wA=' },
      { ...ada, leafIndex: 6, commitment: commit('bob').toString('hex'), value: 'bob' },
      '',
    );
    expectPass(ran);
    expect(ran.lines.filter((line) => line.startsWith('PASS opening'))).toHaveLength(4);
  });

  it('report what was erased, and only that', () => {
    const ran = openings(ada, { leafIndex: 4, commitment: hex, salt: null, value: null });
    expectPass(ran);
    expect(ran.lines.filter((line) => line.includes('ERASED'))).toHaveLength(1);
    expect(ran.lines.find((line) => line.includes('ERASED'))).toMatch(/^NOTE opening .*line 2/);
  });

  it.each<[string, Json | string, string]>([
    ['of another value', { ...ada, value: 'eve@example.com' }, 'opening.value'],
    ['with another salt', { ...ada, salt: '00'.repeat(32) }, 'opening.value'],
    ['of another entry', { ...ada, leafIndex: 9 }, 'opening.commitment'],
    ['of no entry', { ...ada, leafIndex: 700 }, 'opening.index'],
    [
      'that invents its commitment',
      { ...ada, commitment: commit('x').toString('hex'), value: 'x' },
      'opening.commitment',
    ],
    [
      'erased, with an invented commitment',
      { ...ada, salt: null, commitment: '00'.repeat(32) },
      'opening.commitment',
    ],
    ['with a salt of 31 bytes', { ...ada, salt: '01'.repeat(31) }, 'opening.form'],
    [
      'with a salt of 33 bytes, the last of them zero',
      { ...ada, salt: `${'01'.repeat(32)}00` },
      'opening.form',
    ],
    ['without a salt', { ...ada, salt: undefined }, 'opening.form'],
    ['without a value', { ...ada, value: undefined }, 'opening.form'],
    ['with two values', { ...ada, valueB64: 'AAAA' }, 'opening.form'],
    ['with bad base64', { ...ada, value: undefined, valueB64: 'AAA' }, 'opening.form'],
    [
      'with half a character',
      `{"leafIndex":3,"commitment":"${hex}","salt":"${ada.salt}","value":"\\ud800"}`,
      'opening.form',
    ],
    ['with a name twice', JSON.stringify(ada).replace('{', '{"value":"eve",'), 'opening.form'],
    ['that is no JSON', 'hello', 'opening.form'],
    ['of the index 1e0', JSON.stringify(ada).replace(':3,', ':3e0,'), 'opening.form'],
  ])('fail %s', (_name, line, id) => {
    expectFail(openings(ada, line), id);
  });

  it('of one field do not pass for another, where the entry names its fields', () => {
    const [email, name] = [commit('ada@example.com'), commit('Ada')].map((c) =>
      c.toString('base64'),
    );
    const entry = JSON.stringify({ commitments: { '/email': email, '/name': name } });
    const one = buildLog({ entries: [Buffer.from(entry)] });
    const of = (path: string, commitment = email): Run => {
      const line = { ...ada, leafIndex: 0, path, commitment };
      return runLog(one, '--openings', file(JSON.stringify(line), 'openings.jsonl'));
    };
    expectPass(of('/email'));
    expectFail(of('/name'), 'opening.commitment');
    expectFail(of('/other'), 'opening.commitment');
    expectFail(of('__proto__'), 'opening.commitment');
    expectFail(of('/name', name), 'opening.value');
    rmSync(one, { recursive: true });
  });

  it.each<[string, unknown]>([
    ['number', 41],
    ['truth value', true],
  ])('of one field do not pass for another, also when the value is a %s', (_name, value) => {
    const commitment = commit(String(value)).toString('base64');
    const entry = JSON.stringify({ commitments: { '/age': commitment } });
    const one = buildLog({ entries: [Buffer.from(entry)] });
    const of = (path: string): Run => {
      const line = { ...ada, leafIndex: 0, path, commitment, value };
      return runLog(one, '--openings', file(JSON.stringify(line), 'openings.jsonl'));
    };
    expectPass(of('/age'));
    expectFail(of('/height'), 'opening.commitment');
    rmSync(one, { recursive: true });
  });

  it('of a pruned entry cannot pass', () => {
    const pruned = buildLog({ entries });
    rmSync(join(pruned, 'tile/entries/000'));
    const name = file(JSON.stringify(ada), 'openings.jsonl');
    const ran = runLog(pruned, '--min-index', '256', '--openings', name);
    expectFail(ran, 'opening.commitment');
    expect(ran.lines.find((line) => line.startsWith('FAIL opening'))).toContain('is not here');
    rmSync(pruned, { recursive: true });
  });
});
