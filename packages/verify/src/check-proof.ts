/** Proofs against roots that are trusted already: recomputed from a log, or signed. */
import { verifyConsistency } from './consistency.ts';
import { rootFromInclusion } from './inclusion.ts';
import { HASH_BYTES, leafHash } from './leaf-hash.ts';
import type { ConsistencyFile, InclusionFile } from './proof-file.ts';
import type { Report } from './report.ts';

export interface Anchors {
  readonly origin: string;
  /** The root of the tree of that size, if it is known. */
  rootOf(size: number): Uint8Array | undefined;
  /** The hash of that leaf, if the log itself is at hand. */
  leafOf(index: number): Uint8Array | undefined;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** `size` is that of the checkpoint inside the file, or what the file itself says. */
export function checkInclusion(
  report: Report,
  name: string,
  file: InclusionFile,
  size: number,
  anchors: Anchors,
): void {
  const { index, hashes, origin } = file;
  const fail = (id: string, detail: string): void =>
    report.fail(`inclusion.${id}`, `${name}: ${detail}`);
  if (origin !== undefined && origin !== anchors.origin) {
    fail('origin', `it is of the log "${origin}", not "${anchors.origin}"`);
    return;
  }
  if (index >= size) {
    fail('index', `there is no entry ${index} among ${size}`);
    return;
  }
  const root = anchors.rootOf(size);
  if (root === undefined) {
    fail('unknown', `no trusted root of ${size} entries is known`);
    return;
  }
  if (file.root !== undefined && !same(file.root, root)) {
    fail('root', `its root is not the one of the ${size} entries`);
    return;
  }
  if (file.hasOtherEntry === true) {
    fail('leaf', 'the entry in it does not have the leafHash in it');
    return;
  }
  const logged = anchors.leafOf(index);
  if (file.leaf !== undefined && logged !== undefined && !same(file.leaf, logged)) {
    fail('leaf', `the log has another entry at ${index}`);
    return;
  }
  const leaves = candidateLeaves(file, logged);
  const reached = leaves.map((leaf) => rootFromInclusion(leaf, index, size, hashes));
  if (leaves.length === 0) fail('leaf', 'it does not say which entry it is about');
  else if (reached.includes(undefined)) {
    fail('path', `${hashes.length} hashes do not fit entry ${index} of ${size}`);
  } else if (!reached.some((candidate) => candidate && same(candidate, root))) {
    fail('path', 'it does not lead from the leaf to the root');
  } else report.pass('inclusion', `${name}: entry ${index} is among the ${size}`);
  if (logged !== undefined && file.extra !== undefined && !same(leafHash(file.extra), logged)) {
    report.note(
      'inclusion.extra',
      `${name}: its extra data is not the entry, and nobody signed it`,
    );
  }
}

/** What a text proof carries may be the entry or its leaf hash. A wrong guess leads to no root. */
function candidateLeaves(
  { leaf, extra }: InclusionFile,
  logged: Uint8Array | undefined,
): Uint8Array[] {
  if (leaf !== undefined) return [leaf];
  if (logged !== undefined) return [logged];
  if (extra === undefined) return [];
  return extra.length === HASH_BYTES ? [leafHash(extra), extra] : [leafHash(extra)];
}

/** `newSize` is that of the checkpoint inside the file, or what the file itself says. */
export function checkConsistency(
  report: Report,
  name: string,
  file: ConsistencyFile,
  newSize: number,
  anchors: Anchors,
): void {
  const { oldSize, hashes, origin } = file;
  const fail = (id: string, detail: string): void =>
    report.fail(`consistency.${id}`, `${name}: ${detail}`);
  if (origin !== undefined && origin !== anchors.origin) {
    fail('origin', `it is of the log "${origin}", not "${anchors.origin}"`);
    return;
  }
  if (oldSize > newSize) {
    fail('size', `${newSize} entries cannot continue ${oldSize}`);
    return;
  }
  if (oldSize === 0) {
    fail('size', 'every log continues an empty one: that proves nothing');
    return;
  }
  const newRoot = anchors.rootOf(newSize);
  if (newRoot === undefined) {
    fail('unknown', `no trusted root of ${newSize} entries is known`);
    return;
  }
  if (file.newRoot !== undefined && !same(file.newRoot, newRoot)) {
    fail('root', `its new root is not the one of the ${newSize} entries`);
    return;
  }
  const trustedOld = anchors.rootOf(oldSize);
  if (file.oldRoot !== undefined && trustedOld !== undefined && !same(file.oldRoot, trustedOld)) {
    fail('root', `its old root is not the one of the ${oldSize} entries`);
    return;
  }
  const oldRoot = trustedOld ?? file.oldRoot;
  if (oldRoot === undefined) {
    fail('unknown', `no root of ${oldSize} entries is known`);
    return;
  }
  if (!verifyConsistency(oldSize, newSize, oldRoot, newRoot, hashes)) {
    fail('path', `it does not show that the ${oldSize} entries are the first of the ${newSize}`);
    return;
  }
  report.pass('consistency', `${name}: the ${oldSize} entries are the first of the ${newSize}`);
  if (trustedOld === undefined) {
    report.note('consistency.old-root', `${name}: that the old root was ever signed is not shown`);
  }
}
