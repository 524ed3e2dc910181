import { verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCheckpoint } from './checkpoint.ts';
import { CompactTree, rootFromLeaves } from './compact-tree.ts';
import { verifyConsistency } from './consistency.ts';
import { decodeBase64 } from './hash-text.ts';
import { verifyInclusion } from './inclusion.ts';
import { EMPTY_ROOT, leafHash, nodeHash } from './leaf-hash.ts';
import { parseNote, verifyNote } from './signed-note.ts';
import { entriesPath } from './tile-path.ts';
import { parseVerifierKey, toKeyObject } from './verifier-key.ts';

interface Vectors {
  tree8: { leafInputsHex: string[]; rootHashesHex: string[]; nodeHashesHex: string[][] };
  inclusion: {
    leafIdx: number;
    treeSize: number;
    root: string;
    leafHash: string;
    proof: string[] | null;
    desc: string;
    wantErr: boolean;
    source: string;
  }[];
  consistency: {
    size1: number;
    size2: number;
    root1: string;
    root2: string;
    proof: string[] | null;
    desc: string;
    wantErr: boolean;
    source: string;
  }[];
  notes: { name: string; vkey: string; note: string; wantErr?: boolean }[];
  ed25519: { name: string; pubHex: string; msgHex: string; sigHex: string; wantErr?: boolean }[];
  tilePaths: { index: number; path: string }[];
  logs: { name: string; vkey: string; entriesB64: string[]; checkpoints: string[] }[];
  hashing: { kind: string; name: string; inputHex: string; hashHex: string }[];
}

const file = new URL('../testdata/published-vectors.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const hex = (hash: Uint8Array): string => Buffer.from(hash).toString('hex');

it('hashes leaves, nodes and nothing as RFC 6962 does', () => {
  for (const { kind, inputHex, hashHex } of vectors.hashing) {
    const input = Buffer.from(inputHex, 'hex');
    if (kind === 'empty') expect(hex(EMPTY_ROOT)).toBe(hashHex);
    else if (kind === 'leaf') expect(hex(leafHash(input))).toBe(hashHex);
    // The source hashes N123 and N456, which are no hashes; only the prefix is at stake.
    else expect(() => nodeHash(input.subarray(0, 4), input.subarray(4))).toThrow(RangeError);
  }
  expect(vectors.hashing).toHaveLength(4);
});

it('builds the tree of eight leaves with every root and node on the way', () => {
  const { leafInputsHex, rootHashesHex, nodeHashesHex } = vectors.tree8;
  const leaves = leafInputsHex.map((input) => leafHash(Buffer.from(input, 'hex')));
  rootHashesHex.forEach((root, size) => {
    expect(hex(rootFromLeaves(leaves.slice(0, size)))).toBe(root);
  });
  nodeHashesHex.forEach((row, height) => {
    row.forEach((node, index) => {
      const range = leaves.slice(index * 2 ** height, (index + 1) * 2 ** height);
      expect(hex(rootFromLeaves(range))).toBe(node);
    });
  });
});

describe('inclusion proofs', () => {
  it.each(vectors.inclusion)('$source', (vector) => {
    const proof = (vector.proof ?? []).map(bytes);
    const { leafIdx, treeSize, leafHash: leaf, root, wantErr } = vector;
    expect(verifyInclusion(bytes(leaf), leafIdx, treeSize, proof, bytes(root))).toBe(!wantErr);
  });
  it('are 103', () => expect(vectors.inclusion).toHaveLength(103));
});

describe('consistency proofs', () => {
  it.each(vectors.consistency)('$source', (vector) => {
    const proof = (vector.proof ?? []).map(bytes);
    const { size1, size2, root1, root2, wantErr } = vector;
    expect(verifyConsistency(size1, size2, bytes(root1), bytes(root2), proof)).toBe(!wantErr);
  });
  it('are 102', () => expect(vectors.consistency).toHaveLength(102));
});

describe('notes', () => {
  it.each(vectors.notes)('$name', ({ vkey, note, wantErr }) => {
    const open = (): number => verifyNote(parseNote(note), [parseVerifierKey(vkey)]).length;
    let signers = 0;
    try {
      signers = open();
    } catch {
      signers = 0;
    }
    expect(signers).toBe(wantErr === true ? 0 : 1);
  });
});

describe('Ed25519', () => {
  it.each(vectors.ed25519)('$name', ({ pubHex, msgHex, sigHex, wantErr }) => {
    const key = toKeyObject(Buffer.from(pubHex, 'hex'));
    const good = verify(null, Buffer.from(msgHex, 'hex'), key, Buffer.from(sigHex, 'hex'));
    expect(good).toBe(wantErr !== true);
  });
});

it.each(vectors.tilePaths)('tile $index lies at $path', ({ index, path }) => {
  expect(entriesPath(index)).toBe(`tile/entries/${path}`);
});

describe.each(vectors.logs)('$name', ({ vkey, entriesB64, checkpoints }) => {
  it.each(checkpoints.map((text, size) => ({ text, size })))('checkpoint $size', (checkpoint) => {
    const note = parseNote(checkpoint.text);
    expect(verifyNote(note, [parseVerifierKey(vkey)])).toHaveLength(1);
    const { size, root, origin } = parseCheckpoint(note.text);
    const tree = new CompactTree();
    for (const entry of entriesB64.slice(0, size))
      tree.append(leafHash(decodeBase64(entry) ?? Buffer.alloc(0)));
    expect({ size, origin, root: hex(root) }).toEqual({
      size: checkpoint.size,
      origin: 'example.com/log/testdata',
      root: hex(tree.root()),
    });
  });
});
