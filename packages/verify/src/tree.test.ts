import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompactTree, rootFromLeaves } from './compact-tree.ts';
import { consistencyProof, verifyConsistency } from './consistency.ts';
import { inclusionProof, verifyInclusion } from './inclusion.ts';
import { leafHash, nodeHash, perfectRoot } from './leaf-hash.ts';
import type { HashAt } from './subtree.ts';
import { plainConsistency, plainLeaf, plainPath, plainRoot } from './testdata/plain-tree.ts';
import { parseTilePath, tilePath } from './tile-path.ts';

const leaves = Array.from({ length: 300 }, (_, at) => plainLeaf(Buffer.from(`entry ${at}`)));
const hashAt: HashAt = (height, index) =>
  perfectRoot(
    Buffer.concat(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height)),
    2 ** height,
  );
const sizes = fc.integer({ min: 1, max: 300 });

describe('against RFC 6962 written out plainly', () => {
  it('roots agree at every size', () => {
    const tree = new CompactTree();
    for (let size = 0; size <= 300; size++) {
      expect(Buffer.from(tree.root())).toEqual(plainRoot(leaves.slice(0, size)));
      tree.append(leaves[size] ?? Buffer.alloc(32));
    }
    expect(rootFromLeaves(leaves)).toEqual(plainRoot(leaves));
  });

  it('proofs agree for every place and size, and verify', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), (size, place) => {
        const tree = leaves.slice(0, size);
        const root = plainRoot(tree);
        const index = place % size;
        const path = inclusionProof(hashAt, index, size);
        expect(path).toEqual(plainPath(index, tree));
        expect(verifyInclusion(leaves[index] as Buffer, index, size, path, root)).toBe(true);
        const old = index + 1;
        const proof = consistencyProof(hashAt, old, size);
        expect(proof).toEqual(plainConsistency(old, tree));
        const oldRoot = plainRoot(leaves.slice(0, old));
        expect(verifyConsistency(old, size, oldRoot, root, proof)).toBe(true);
      }),
    );
  });

  it('a proof of one place or size is a proof of no other', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), fc.nat(), (size, otherSize, place, otherPlace) => {
        const [index, other] = [place % size, otherPlace % otherSize];
        fc.pre(size !== otherSize || index !== other);
        const path = inclusionProof(hashAt, index, size);
        const root = plainRoot(leaves.slice(0, otherSize));
        const [own, theirs] = [leaves[index] as Buffer, leaves[other] as Buffer];
        expect(verifyInclusion(theirs, other, otherSize, path, root)).toBe(false);
        if (index !== other) expect(verifyInclusion(own, other, otherSize, path, root)).toBe(false);
      }),
    );
  });

  it('an inner node does not pass as a leaf', () => {
    const [a, b] = leaves as [Buffer, Buffer];
    const root = nodeHash(a, b);
    expect(verifyInclusion(leafHash(Buffer.concat([a, b])), 0, 1, [], root)).toBe(false);
  });
});

describe('a compact tree', () => {
  it('is the same after being kept and restored, at any size', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const tree = new CompactTree();
        for (const leaf of leaves.slice(0, size)) tree.append(leaf);
        const kept = tree.state();
        const restored = CompactTree.restore(kept);
        for (const both of [tree, restored]) both.append(leaves[0] as Buffer);
        expect(restored.root()).toEqual(tree.root());
        expect(restored.size).toBe(size + 1);
        // What was kept is not touched by going on.
        expect(CompactTree.restore(kept).root()).toEqual(plainRoot(leaves.slice(0, size)));
      }),
    );
  });

  it('takes whole subtrees where they fit, and nowhere else', () => {
    const tree = new CompactTree();
    tree.append(hashAt(8, 0), 8);
    tree.append(hashAt(5, 8), 5);
    for (const leaf of leaves.slice(288)) tree.append(leaf);
    expect(tree.root()).toEqual(plainRoot(leaves));
    expect(() => tree.append(leaves[0] as Buffer, 3)).toThrow(RangeError);
  });

  it('refuses a state that is none', () => {
    const hash = Buffer.alloc(32);
    for (const [size, hashes] of [
      [3, [hash]],
      [4, [hash, hash]],
      [1, [hash.subarray(1)]],
      [-1, []],
      [0.5, []],
    ] as const) {
      expect(() => CompactTree.restore({ size, hashes })).toThrow(RangeError);
    }
  });
});

describe('tile paths', () => {
  it('are read as they are written', () => {
    const numbers = fc.oneof(fc.nat(), fc.maxSafeNat());
    const widths = fc.integer({ min: 1, max: 256 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 63 }), numbers, widths, (level, n, width) => {
        expect(parseTilePath(tilePath(level, n, width))).toEqual({ level, n, width });
      }),
    );
  });

  it.each([
    'tile/0/1',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/00/001',
    'tile/64/001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/07',
    'tile/0/000.p',
    'tile/0/../0/000',
    'tile/entries/0000',
    'tile/entries/x001',
    'tile/data/000',
    `tile/0/${'x999/'.repeat(6)}999`,
  ])('a second spelling is none: %s', (path) => {
    expect(() => parseTilePath(path)).toThrow('not the path of a tile');
  });
});

it('proofs of trees that are not there are refused', () => {
  const root = plainRoot(leaves);
  expect(() => inclusionProof(hashAt, 5, 5)).toThrow(RangeError);
  expect(() => inclusionProof(hashAt, -1, 5)).toThrow(RangeError);
  expect(() => consistencyProof(hashAt, 0, 5)).toThrow(RangeError);
  expect(() => consistencyProof(hashAt, 6, 5)).toThrow(RangeError);
  for (const [index, size] of [
    [0.5, 300],
    [2 ** 60, 2 ** 61],
    [-1, 300],
    [Number.NaN, 300],
  ] as const) {
    expect(verifyInclusion(leaves[0] as Buffer, index, size, [], root)).toBe(false);
    expect(verifyConsistency(index, size, root, root, [])).toBe(false);
  }
});
