/** Every way to lie that we could think of, each caught, and each by its name. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leafHash } from './leaf-hash.ts';
import {
  buildLog,
  checkpointText,
  encodeEntries,
  LOG_KEY,
  newDirectory,
  ORIGIN,
  signedCheckpoint,
  someEntries,
  write,
} from './testdata/build-log.ts';
import { run, runLog } from './testdata/run.ts';
import { makeSigner } from './testdata/signer.ts';

const entries = someEntries(700);
const NOW = 1_760_000_000;
const witness = makeSigner('witness.example');
const honest = newDirectory();
const work = newDirectory();
const path = (name: string): string => join(work, name);

beforeAll(() => {
  buildLog({ entries, moreSignatures: (text) => witness.cosign(text, NOW) }, honest);
});
afterAll(() => {
  for (const directory of [honest, work]) rmSync(directory, { recursive: true });
});

/** A fresh copy of the honest log to tamper with. */
function reset(): void {
  rmSync(work, { recursive: true });
  cpSync(honest, work, { recursive: true });
}

function edit(name: string, change: (bytes: Buffer) => Buffer | string): void {
  writeFileSync(path(name), change(readFileSync(path(name))));
}
const editText = (name: string, change: (text: string) => string): void =>
  edit(name, (bytes) => change(bytes.toString('utf8')));
const flip = (name: string, at: number): void =>
  edit(name, (bytes) => {
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  });
const remove = (name: string): void => rmSync(path(name), { recursive: true });
const swap = (a: string, b: string): void => {
  renameSync(path(a), path('swapped'));
  renameSync(path(b), path(a));
  renameSync(path('swapped'), path(b));
};
const bundle = (n: number): Buffer[] => entries.slice(n * 256, (n + 1) * 256);
const last = 'tile/entries/002.p/188';
const lastTile = 'tile/0/002.p/188';

interface Tampering {
  readonly tamper: () => void;
  /** The ids that fail, in their order. */
  readonly failed: readonly string[];
  readonly flags?: () => readonly string[];
}

function rewrite(changed: readonly Buffer[]): void {
  // What a thorough forger does who lacks only the key: entries and tiles agree.
  const kept = readFileSync(path('checkpoint'));
  rmSync(path('tile'), { recursive: true });
  buildLog({ entries: changed }, work);
  writeFileSync(path('checkpoint'), kept);
}

const inEntries: Record<string, Tampering> = {
  'a bit of an entry': {
    tamper: () => flip('tile/entries/001', 40),
    failed: ['entries.hash', 'root'],
  },
  'a bit of the last entry': {
    tamper: () => flip(last, statSync(join(honest, last)).size - 1),
    failed: ['entries.hash', 'root'],
  },
  'the length of an entry': { tamper: () => flip('tile/entries/000', 1), failed: ['entries.form'] },
  'an entry replaced by one as long': {
    tamper: () =>
      editText('tile/entries/000', (text) => text.replace('invoice.read', 'invoice.load')),
    failed: ['entries.hash', 'root'],
  },
  'an entry dropped': {
    tamper: () => write(work, 'tile/entries/001', encodeEntries(bundle(1).slice(1))),
    failed: ['entries.form'],
  },
  'an entry inserted': {
    tamper: () => write(work, 'tile/entries/001', encodeEntries([...bundle(1), Buffer.from('x')])),
    failed: ['entries.form'],
  },
  'an entry doubled in place of another': {
    tamper: () => {
      const doubled = bundle(1);
      doubled[7] = doubled[6] ?? Buffer.alloc(0);
      write(work, 'tile/entries/001', encodeEntries(doubled));
    },
    failed: ['entries.hash', 'root'],
  },
  'two entries exchanged': {
    tamper: () => {
      const [first, second, ...rest] = bundle(0) as [Buffer, Buffer, ...Buffer[]];
      write(work, 'tile/entries/000', encodeEntries([second, first, ...rest]));
    },
    failed: ['entries.hash', 'root'],
  },
  'two bundles exchanged': {
    tamper: () => swap('tile/entries/000', 'tile/entries/001'),
    failed: ['entries.hash', 'root'],
  },
  'a bundle removed': { tamper: () => remove('tile/entries/000'), failed: ['entries.missing'] },
  'the last bundle removed': { tamper: () => remove(last), failed: ['entries.missing'] },
  'all bundles removed': { tamper: () => remove('tile/entries'), failed: ['entries.missing'] },
  'a bundle emptied': {
    tamper: () => truncateSync(path('tile/entries/000'), 0),
    failed: ['entries.form'],
  },
  'a bundle cut in the middle': {
    tamper: () => truncateSync(path('tile/entries/001'), 1000),
    failed: ['entries.form'],
  },
  'a bundle cut by one byte': {
    tamper: () => truncateSync(path(last), statSync(path(last)).size - 1),
    failed: ['entries.form'],
  },
  'a byte after a bundle': {
    tamper: () => appendFileSync(path(last), 'x'),
    failed: ['entries.form'],
  },
  'an empty entry after a bundle': {
    tamper: () => appendFileSync(path('tile/entries/000'), Buffer.of(0, 0)),
    failed: ['entries.form'],
  },
  'a bundle named for fewer entries than it has': {
    tamper: () => renameSync(path(last), path('tile/entries/002.p/187')),
    failed: ['entries.form', 'entries.missing'],
  },
  'a bundle that is a link': {
    tamper: () => {
      renameSync(path('tile/entries/001'), path('elsewhere'));
      symlinkSync(path('elsewhere'), path('tile/entries/001'));
    },
    failed: ['entries.form', 'layout.link'],
  },
  'a bundle that is a directory': {
    tamper: () => {
      remove('tile/entries/001');
      mkdirSync(path('tile/entries/001'));
    },
    failed: ['entries.form'],
  },
  'a bundle that is a pipe, on which a reader would wait for ever': {
    tamper: () => {
      remove('tile/entries/001');
      execFileSync('mkfifo', [path('tile/entries/001')]);
    },
    failed: ['entries.form'],
  },
  'a bundle of 20 MB': {
    tamper: () => write(work, 'tile/entries/001', Buffer.alloc(20_000_000)),
    failed: ['entries.form'],
  },
  'a bundle compressed or otherwise garbled': {
    tamper: () => edit('tile/entries/001', (bytes) => bytes.reverse()),
    failed: ['entries.form'],
  },
  'an earlier partial bundle that tells another story': {
    tamper: () => write(work, 'tile/entries/001.p/3', encodeEntries(someEntries(3, 'other'))),
    failed: ['entries.hash'],
  },
  'an earlier partial bundle that is cut off': {
    tamper: () => write(work, 'tile/entries/001.p/3', encodeEntries(bundle(1).slice(0, 2))),
    failed: ['entries.form'],
  },
  'an earlier partial bundle of what was pruned, that tells another story': {
    tamper: () => {
      remove('tile/entries/000');
      write(work, 'tile/entries/000.p/3', encodeEntries(someEntries(3, 'other')));
    },
    flags: () => ['--min-index', '256'],
    failed: ['entries.hash'],
  },
  'a full bundle beside the last one, with other entries': {
    tamper: () => write(work, 'tile/entries/002', encodeEntries(someEntries(256, 'other'))),
    failed: ['entries.hash'],
  },
};

const inTiles: Record<string, Tampering> = {
  'a bit of a leaf hash': { tamper: () => flip('tile/0/001', 100), failed: ['entries.hash'] },
  'a bit of the last leaf hash': {
    tamper: () => flip(lastTile, 188 * 32 - 1),
    failed: ['entries.hash'],
  },
  'a bit of an upper hash': { tamper: () => flip('tile/1/000.p/2', 40), failed: ['tiles.hash'] },
  'two leaf hashes exchanged': {
    tamper: () =>
      edit('tile/0/000', (bytes) =>
        Buffer.concat([bytes.subarray(32, 64), bytes.subarray(0, 32), bytes.subarray(64)]),
      ),
    failed: ['entries.hash'],
  },
  'a leaf tile removed': { tamper: () => remove('tile/0/000'), failed: ['tiles.missing'] },
  'the last leaf tile removed': { tamper: () => remove(lastTile), failed: ['tiles.missing'] },
  'an upper tile removed': { tamper: () => remove('tile/1/000.p/2'), failed: ['tiles.missing'] },
  'a level removed': { tamper: () => remove('tile/0'), failed: ['tiles.missing'] },
  'everything removed': {
    tamper: () => remove('tile'),
    failed: ['tiles.missing', 'entries.missing', 'root'],
  },
  'a bundle and its tile removed': {
    tamper: () => {
      remove('tile/entries/001');
      remove('tile/0/001');
    },
    failed: ['tiles.missing', 'entries.missing'],
  },
  'a tile cut by one hash': {
    tamper: () => truncateSync(path('tile/0/000'), 255 * 32),
    failed: ['tiles.form'],
  },
  'a tile cut by one byte': {
    tamper: () => truncateSync(path(lastTile), 188 * 32 - 1),
    failed: ['tiles.form'],
  },
  'an empty tile': { tamper: () => truncateSync(path('tile/0/000'), 0), failed: ['tiles.form'] },
  'a tile one hash too long': {
    tamper: () => appendFileSync(path(lastTile), Buffer.alloc(32)),
    failed: ['tiles.form'],
  },
  'a tile of 1 GB': {
    tamper: () => truncateSync(path('tile/0/000'), 2 ** 30),
    failed: ['tiles.form'],
  },
  'a tile that is a link': {
    tamper: () => {
      remove('tile/0/000');
      symlinkSync('001', path('tile/0/000'));
    },
    failed: ['tiles.form', 'layout.link'],
  },
  'the tile directory a link': {
    tamper: () => {
      renameSync(path('tile'), path('elsewhere'));
      symlinkSync('elsewhere', path('tile'));
    },
    failed: ['layout.link'],
  },
  'tiles of two levels exchanged': {
    tamper: () => swap('tile/0/000', 'tile/0/001'),
    failed: ['entries.hash'],
  },
  'an earlier partial tile that tells another story': {
    tamper: () => write(work, 'tile/0/001.p/2', Buffer.alloc(64, 9)),
    failed: ['tiles.hash'],
  },
  'an earlier partial upper tile that tells another story': {
    tamper: () => write(work, 'tile/1/000.p/1', Buffer.alloc(32, 9)),
    failed: ['tiles.hash'],
  },
  'a leaf tile that stands in for pruned entries': {
    tamper: () => {
      remove('tile/entries/000');
      flip('tile/0/000', 5);
    },
    flags: () => ['--min-index', '256'],
    failed: ['tiles.hash', 'root'],
  },
  'an upper tile that stands in for pruned entries and their tile': {
    tamper: () => {
      remove('tile/entries/000');
      remove('tile/0/000');
      flip('tile/1/000.p/2', 5);
    },
    flags: () => ['--min-index', '256'],
    failed: ['root'],
  },
  'a full tile beside the last one, that does not begin like it': {
    tamper: () => write(work, 'tile/0/002', Buffer.alloc(8192, 9)),
    failed: ['tiles.hash'],
  },
  'hashes of leaves without their prefix': {
    tamper: () => rewrite(entries.map((entry, at) => (at === 5 ? leafHash(entry) : entry))),
    failed: ['root'],
  },
};

const thorough: Record<string, Tampering> = {
  'an entry changed, tiles and all': {
    tamper: () => rewrite(entries.map((entry, at) => (at === 300 ? Buffer.from('forged') : entry))),
    failed: ['root'],
  },
  'an entry inserted and the last dropped, tiles and all': {
    tamper: () => rewrite([Buffer.from('back-dated'), ...entries.slice(0, -1)]),
    failed: ['root'],
  },
  'two entries exchanged, tiles and all': {
    tamper: () =>
      rewrite([...entries.slice(0, 698), entries[699] as Buffer, entries[698] as Buffer]),
    failed: ['root'],
  },
  'the last entry dropped, tiles and all': {
    tamper: () => rewrite(entries.slice(0, -1)),
    failed: ['tiles.missing', 'entries.missing', 'root'],
  },
  'the log of another tenant under the same key': {
    tamper: () => buildLog({ entries, origin: 'log.example/tenant-b/security' }, work),
    flags: () => ['--origin', ORIGIN],
    failed: ['checkpoint.origin'],
  },
  "another tenant's entries below this checkpoint": {
    tamper: () => rewrite(someEntries(700, 'tenant-b')),
    failed: ['root'],
  },
};

const resign = (text: string): string => `${text}\n${LOG_KEY.sign(text)}`;
const body = checkpointText(entries);

const inCheckpoint: Record<string, Tampering> = {
  'no checkpoint': { tamper: () => remove('checkpoint'), failed: ['checkpoint.missing'] },
  'an empty checkpoint': {
    tamper: () => truncateSync(path('checkpoint'), 0),
    failed: ['checkpoint.form'],
  },
  'a checkpoint that is a link': {
    tamper: () => {
      renameSync(path('checkpoint'), path('c'));
      symlinkSync('c', path('checkpoint'));
    },
    failed: ['checkpoint.form'],
  },
  'a checkpoint that is a pipe': {
    tamper: () => {
      remove('checkpoint');
      execFileSync('mkfifo', [path('checkpoint')]);
    },
    failed: ['checkpoint.form'],
  },
  'a checkpoint that is a directory': {
    tamper: () => {
      remove('checkpoint');
      mkdirSync(path('checkpoint'));
    },
    failed: ['checkpoint.form'],
  },
  'a smaller size': {
    tamper: () => editText('checkpoint', (text) => text.replace('\n700\n', '\n699\n')),
    failed: ['checkpoint.signature'],
  },
  'another root': {
    tamper: () =>
      editText('checkpoint', () => `${checkpointText(entries, 699)}\n${LOG_KEY.sign(body)}`),
    failed: ['checkpoint.signature'],
  },
  'another origin': {
    tamper: () => editText('checkpoint', (text) => text.replace('tenant-a', 'tenant-b')),
    failed: ['checkpoint.signature'],
  },
  'an extension line added': {
    tamper: () => editText('checkpoint', (text) => text.replace('=\n\n', '=\nextra\n\n')),
    failed: ['checkpoint.signature'],
  },
  'a bit of the signature': {
    tamper: () =>
      editText('checkpoint', (text) =>
        text.replace(/(security .{20})(.)/, (_, a, b) => a + (b === 'A' ? 'B' : 'A')),
      ),
    failed: ['checkpoint.signature'],
  },
  'signed by another key of the same name': {
    tamper: () =>
      write(
        work,
        'checkpoint',
        signedCheckpoint({ entries, signer: makeSigner(ORIGIN, 'forger') }),
      ),
    failed: ['checkpoint.signature'],
  },
  "another key's signature under this key's id": {
    tamper: () => {
      const forged = makeSigner(ORIGIN, 'forger').sign(body).trim().split(' ')[2] ?? '';
      const own = LOG_KEY.sign(body).trim().split(' ')[2] ?? '';
      const bytes = Buffer.from(forged, 'base64');
      Buffer.from(own, 'base64').copy(bytes, 0, 0, 4);
      write(work, 'checkpoint', `${body}\n— ${ORIGIN} ${bytes.toString('base64')}\n`);
    },
    failed: ['checkpoint.signature'],
  },
  'a good and a bad signature of the same key': {
    tamper: () =>
      write(work, 'checkpoint', `${body}\n${LOG_KEY.sign(body)}${LOG_KEY.sign('other\n')}`),
    failed: ['checkpoint.signature'],
  },
  'a signature over the text without its newline': {
    tamper: () => write(work, 'checkpoint', `${body}\n${LOG_KEY.sign(body.trimEnd())}`),
    failed: ['checkpoint.signature'],
  },
  'only a cosignature of a witness': {
    tamper: () => write(work, 'checkpoint', `${body}\n${witness.cosign(body, NOW)}`),
    flags: () => ['--witness', witness.witnessKey],
    failed: ['checkpoint.signature'],
  },
  'no signature': {
    tamper: () => write(work, 'checkpoint', `${body}\n`),
    failed: ['checkpoint.form'],
  },
  'no empty line': {
    tamper: () => write(work, 'checkpoint', body + LOG_KEY.sign(body)),
    failed: ['checkpoint.form'],
  },
  'Windows line ends': {
    tamper: () => editText('checkpoint', (text) => text.replaceAll('\n', '\r\n')),
    failed: ['checkpoint.form'],
  },
  'a byte order mark': {
    tamper: () => editText('checkpoint', (text) => `\uFEFF${text}`),
    failed: ['checkpoint.signature'],
  },
  'no newline at the end': {
    tamper: () => editText('checkpoint', (text) => text.trimEnd()),
    failed: ['checkpoint.form'],
  },
  'something after the signatures': {
    tamper: () => appendFileSync(path('checkpoint'), 'more\n'),
    failed: ['checkpoint.form'],
  },
  'an empty line after the signatures': {
    tamper: () => appendFileSync(path('checkpoint'), '\n'),
    failed: ['checkpoint.form'],
  },
  'a hyphen for the dash': {
    tamper: () => editText('checkpoint', (text) => text.replaceAll('— ', '- ')),
    failed: ['checkpoint.form'],
  },
  'a signature in base64 without padding': {
    tamper: () => editText('checkpoint', (text) => text.replace(/=+\n$/, '\n')),
    failed: ['checkpoint.form'],
  },
  'invalid UTF-8': {
    tamper: () => edit('checkpoint', (bytes) => Buffer.concat([Buffer.of(0xff), bytes])),
    failed: ['checkpoint.form'],
  },
  'a checkpoint of 2 MB': {
    tamper: () => appendFileSync(path('checkpoint'), Buffer.alloc(2_000_000, '\n')),
    failed: ['checkpoint.form'],
  },
  'a hundred and one signatures': {
    tamper: () => appendFileSync(path('checkpoint'), witness.sign('x').repeat(100)),
    failed: ['checkpoint.form'],
  },
};
for (const [what, size] of Object.entries({
  'a leading zero': '0700',
  'a sign': '+700',
  'a space': ' 700',
  hex: '0x2bc',
  'a fraction': '700.0',
  'an exponent': '7e2',
  nothing: '',
  'a number beyond 2^53': '9007199254740993',
  'a number beyond 2^64': '18446744073709551616',
  'a negative number': '-1',
  'Arabic digits': '٧٠٠',
})) {
  inCheckpoint[`signed, but its size is written with ${what}`] = {
    tamper: () => write(work, 'checkpoint', resign(body.replace('\n700\n', `\n${size}\n`))),
    failed: ['checkpoint.form'],
  };
}
for (const [what, change] of Object.entries<(text: string) => string>({
  'a root of 31 bytes': (text) =>
    text.replace(/\n[^\n]+=\n$/, `\n${Buffer.alloc(31).toString('base64')}\n`),
  'a root in hex': (text) => text.replace(/\n[^\n]+=\n$/, `\n${'ab'.repeat(32)}\n`),
  'a root whose spare bits are set': (text) =>
    text.replace(/\n[^\n]+=\n$/, `\n${'A'.repeat(42)}B=\n`),
  'no root': (text) => text.split('\n').slice(0, 2).join('\n').concat('\n'),
  'no origin': (text) => text.replace(ORIGIN, ''),
  'an empty extension line': (text) => `${text}\nmore\n`,
})) {
  inCheckpoint[`signed, but with ${what}`] = {
    tamper: () => write(work, 'checkpoint', resign(change(body))),
    failed: ['checkpoint.form'],
  };
}

const signedSize = (size: number): void => {
  write(work, 'checkpoint', resign(body.replace('\n700\n', `\n${size}\n`)));
};
const byTheSigner: Record<string, Tampering> = {
  'a root of its own making': {
    tamper: () =>
      write(work, 'checkpoint', resign(body.replace(/\n[^\n]+=\n$/, `\n${'A'.repeat(43)}=\n`))),
    failed: ['root'],
  },
  'a size one too small': {
    tamper: () => signedSize(699),
    failed: ['tiles.missing', 'entries.missing', 'root'],
  },
  'a size one too large': {
    tamper: () => signedSize(701),
    failed: ['tiles.missing', 'entries.missing', 'root'],
  },
  'a size of 0 for a log that is not empty': { tamper: () => signedSize(0), failed: ['root'] },
  'a size of nine thousand million million': {
    tamper: () => signedSize(9_007_199_254_740_991),
    failed: ['tiles.missing', 'entries.missing', 'root'],
  },
};

const keep = (name: string, text: string): string => write(work, name, text);
const against: Record<string, Tampering> = {
  'rolled back behind a pin': {
    tamper: () => buildLog({ entries: entries.slice(0, 600) }, work),
    flags: () => ['--pin', keep('pin', signedCheckpoint({ entries }))],
    failed: ['pin.rollback'],
  },
  'another history than the pin, of the same size': {
    tamper: () => buildLog({ entries: someEntries(700, 'fork') }, work),
    flags: () => ['--pin', keep('pin', signedCheckpoint({ entries }))],
    failed: ['pin.split-view'],
  },
  'a past that was rewritten since the pin': {
    tamper: () => buildLog({ entries: [...someEntries(300, 'fork'), ...entries.slice(300)] }, work),
    flags: () => ['--pin', keep('pin', signedCheckpoint({ entries, size: 400 }))],
    failed: ['pin.rewritten'],
  },
  'a pin of another log': {
    tamper: () => undefined,
    flags: () => [
      '--pin',
      keep('pin', signedCheckpoint({ entries, size: 9, origin: 'other.example' })),
    ],
    failed: ['pin.origin'],
  },
  'a pin that is not signed by the log': {
    tamper: () => undefined,
    flags: () => ['--pin', keep('pin', signedCheckpoint({ entries, size: 9, signer: witness }))],
    failed: ['pin.signature'],
  },
  'a pin that was changed': {
    tamper: () => undefined,
    flags: () => [
      '--pin',
      keep('pin', signedCheckpoint({ entries, size: 9 }).replace('\n9\n', '\n8\n')),
    ],
    failed: ['pin.signature'],
  },
  'a pin that is none': {
    tamper: () => undefined,
    flags: () => ['--pin', keep('pin', 'hello')],
    failed: ['pin.form'],
  },
  'an empty pin of a log that signed another root for nothing': {
    tamper: () => undefined,
    flags: () => {
      const text = `${ORIGIN}\n0\n${'A'.repeat(43)}=\n`;
      return ['--pin', keep('pin', resign(text))];
    },
    failed: ['pin.rewritten'],
  },
  'rolled back behind the state': {
    tamper: () => buildLog({ entries: entries.slice(0, 600) }, work),
    flags: () => ['--state', keep('state', signedCheckpoint({ entries }))],
    failed: ['state.rollback'],
  },
  'another history than the state': {
    tamper: () => buildLog({ entries: someEntries(700, 'fork') }, work),
    flags: () => ['--state', keep('state', signedCheckpoint({ entries }))],
    failed: ['state.split-view'],
  },
  'a past that was rewritten since the state': {
    tamper: () => buildLog({ entries: [Buffer.from('forged'), ...entries.slice(1)] }, work),
    flags: () => ['--state', keep('state', signedCheckpoint({ entries, size: 256 }))],
    failed: ['state.rewritten'],
  },
  'the state of another log': {
    tamper: () => undefined,
    flags: () => [
      '--state',
      keep('state', signedCheckpoint({ entries, size: 9, origin: 'other.example' })),
    ],
    failed: ['state.origin'],
  },
  'a state that is empty': {
    tamper: () => undefined,
    flags: () => ['--state', keep('state', '')],
    failed: ['state.form'],
  },
  'a state that is garbage': {
    tamper: () => undefined,
    flags: () => ['--state', keep('state', '{"size":700}')],
    failed: ['state.form'],
  },
  'a state that was changed': {
    tamper: () => undefined,
    flags: () => [
      '--state',
      keep('state', signedCheckpoint({ entries, size: 9 }).replace('\n9\n', '\n8\n')),
    ],
    failed: ['state.signature'],
  },
  'an older checkpoint that the log does not continue': {
    tamper: () => keep('checkpoint.9', signedCheckpoint({ entries: someEntries(9, 'fork') })),
    failed: ['older.rewritten'],
  },
  'a larger checkpoint beside the one it shows': {
    tamper: () => keep('checkpoint.701', signedCheckpoint({ entries: someEntries(701) })),
    failed: ['older.rollback'],
  },
  'an older checkpoint that is forged': {
    tamper: () => keep('checkpoint.9', signedCheckpoint({ entries, size: 9, signer: witness })),
    failed: ['older.signature'],
  },
  'too few entries': {
    tamper: () => undefined,
    flags: () => ['--min-size', '701'],
    failed: ['checkpoint.size'],
  },
  'pruned beyond its end': {
    tamper: () => undefined,
    flags: () => ['--min-index', '701'],
    failed: ['min-index'],
  },
  'files beyond the checkpoint': {
    tamper: () => write(work, 'tile/entries/003.p/1', encodeEntries([Buffer.from('x')])),
    flags: () => ['--strict-size'],
    failed: ['beyond'],
  },
  'a level that this size does not have': {
    tamper: () => write(work, 'tile/2/000.p/1', Buffer.alloc(32)),
    flags: () => ['--strict-size'],
    failed: ['beyond'],
  },
};

const other = makeSigner('other-witness.example');
const cosigned = (...lines: string[]): void => {
  write(work, 'checkpoint', `${body}\n${LOG_KEY.sign(body)}${lines.join('')}`);
};
const ask =
  (...more: string[]) =>
  (): string[] => ['--witness', witness.witnessKey, ...more];
const witnessing: Record<string, Tampering> = {
  'no cosignature': { tamper: () => cosigned(), flags: ask(), failed: ['witness.quorum'] },
  'the cosignature of an unknown witness': {
    tamper: () => cosigned(other.cosign(body, NOW)),
    flags: ask(),
    failed: ['witness.quorum'],
  },
  'one witness who cosigned twice': {
    tamper: () => cosigned(witness.cosign(body, NOW), witness.cosign(body, NOW - 1)),
    flags: ask('--witness', other.witnessKey, '--quorum', '2'),
    failed: ['witness.quorum'],
  },
  'one witness who was given twice, under two names': {
    tamper: () => {
      const twin = makeSigner('twin.example', 'witness.example');
      cosigned(witness.cosign(body, NOW), twin.cosign(body, NOW));
    },
    flags: ask(
      '--witness',
      makeSigner('twin.example', 'witness.example').witnessKey,
      '--quorum',
      '2',
    ),
    failed: ['witness.quorum'],
  },
  'a cosignature of another size': {
    tamper: () => cosigned(witness.cosign(checkpointText(entries, 699), NOW)),
    flags: ask(),
    failed: ['checkpoint.signature'],
  },
  'a cosignature whose time was changed': {
    tamper: () => {
      const line = witness.cosign(body, NOW).trim().split(' ');
      const bytes = Buffer.from(line[2] ?? '', 'base64');
      bytes[11] = (bytes[11] ?? 0) + 1;
      cosigned(`— ${witness.name} ${bytes.toString('base64')}\n`);
    },
    flags: ask(),
    failed: ['checkpoint.signature'],
  },
  "a plain signature in a cosignature's place": {
    tamper: () => cosigned(witness.sign(body)),
    flags: ask(),
    failed: ['witness.quorum'],
  },
  'a quorum of which one is bad': {
    tamper: () => cosigned(witness.cosign(body, NOW), other.cosign('other\n', NOW)),
    flags: ask('--witness', other.witnessKey, '--quorum', '1'),
    failed: ['checkpoint.signature'],
  },
  'more witnesses demanded than were given': {
    tamper: () => undefined,
    flags: ask('--quorum', '2'),
    failed: ['witness.quorum'],
  },
  'a cosignature too old': {
    tamper: () => undefined,
    flags: ask('--max-age', '60', '--now', String(NOW + 61)),
    failed: ['witness.age'],
  },
  'a quorum of which only one is recent': {
    tamper: () => cosigned(witness.cosign(body, NOW), other.cosign(body, NOW - 1000)),
    flags: ask('--witness', other.witnessKey, '--max-age', '60', '--now', String(NOW)),
    failed: ['witness.age'],
  },
  'a cosignature from the future': {
    tamper: () => undefined,
    flags: ask('--max-age', '60', '--now', String(NOW - 3600)),
    failed: ['witness.quorum', 'witness.age'],
  },
  'a cosignature from the year of a clock that counts nanoseconds': {
    tamper: () => cosigned(witness.cosign(body, BigInt(NOW) * 1_000_000_001n)),
    flags: ask('--max-age', '60', '--now', String(NOW)),
    failed: ['witness.quorum', 'witness.age'],
  },
  'a cosignature from beyond the end of time': {
    tamper: () => cosigned(witness.cosign(body, 2n ** 63n)),
    flags: ask(),
    failed: ['checkpoint.signature'],
  },
  'an age asked for, and nobody to tell it': {
    tamper: () => undefined,
    flags: () => ['--max-age', '60', '--now', String(NOW)],
    failed: ['witness.age'],
  },
};

describe.each(
  Object.entries({ inEntries, inTiles, thorough, inCheckpoint, byTheSigner, against, witnessing }),
)('%s', (_, catalogue) => {
  it.each(Object.entries(catalogue))('%s', (_name, { tamper, flags, failed }) => {
    reset();
    tamper();
    const ran = runLog(work, ...(flags?.() ?? []));
    expect({ status: ran.status, failed: ran.failed }).toEqual({ status: 1, failed });
    expect(ran.lines.every((line) => /^(PASS|FAIL|NOTE) [a-z.-]+ \S/.test(line))).toBe(true);
  });
});

describe('whatever is changed', () => {
  const files = (directory: string, below = ''): string[] =>
    readdirSync(join(directory, below), { withFileTypes: true }).flatMap((entry) => {
      const name = join(below, entry.name);
      return entry.isDirectory() ? files(directory, name) : [name];
    });
  const changes = ['flip', 'insert', 'delete', 'truncate', 'remove'] as const;

  it('in whichever byte of whichever file, it shows', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom(...changes),
        (fileAt, byteAt, mask, change) => {
          const all = files(honest);
          const name = all[fileAt % all.length] ?? '';
          const file = path(name);
          copyFileSync(join(honest, name), file);
          const bytes = readFileSync(file);
          const at = byteAt % bytes.length;
          // The witness's line is no business of a reader who named no witness.
          if (name === 'checkpoint' && at >= bytes.indexOf('— witness')) return;
          if (change === 'flip') bytes[at] = (bytes[at] ?? 0) ^ mask;
          const changed = {
            flip: () => bytes,
            insert: () =>
              Buffer.concat([bytes.subarray(0, at), Buffer.of(mask), bytes.subarray(at)]),
            delete: () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]),
            truncate: () => bytes.subarray(0, at),
            remove: () => undefined,
          }[change]();
          if (changed === undefined) rmSync(file);
          else writeFileSync(file, changed);
          const { status, failed } = runLog(work);
          copyFileSync(join(honest, name), file);
          expect(status).toBe(1);
          expect(failed).not.toContain('internal');
        },
      ),
      { numRuns: 150 },
    );
  });

  beforeAll(reset);
});

it('a file that may not be read is no verdict in favour', () => {
  reset();
  chmodSync(path('tile/0/000'), 0);
  // Root may read everything.
  expect(runLog(work).status).toBe(process.getuid?.() === 0 ? 0 : 1);
});

it('names in a log cannot command the terminal', () => {
  reset();
  const origin = 'evil\u{9b}31m\u202Etxt\u2028line';
  buildLog({ entries: someEntries(2), origin }, work);
  const { lines, status } = run('log', work, '--vkey', LOG_KEY.vkey);
  expect(status).toBe(0);
  expect(lines.join('\n')).not.toMatch(/[\u{80}-\u{9f}\u202e\u2028]/u);
  expect(lines.join('\n')).toContain('evil\\u{9b}31m\\u{202e}txt\\u{2028}line');
});
