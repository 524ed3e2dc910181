/**
 * The `log` door: everything that a log's directory claims, recomputed from its entries.
 *
 * It shows that the entries are, in number, order and every byte, those that the log's key signed for, and that
 * they continue every checkpoint the reader kept. It cannot show that what was logged is true, nor that nobody
 * was shown another log: for that, compare with other readers, or demand witnesses.
 */
import { OpeningsCheck } from './check-openings.ts';
import { type Anchors, checkConsistency, checkInclusion } from './check-proof.ts';
import { checkTree } from './check-tree.ts';
import { checkEarlier } from './earlier-checkpoint.ts';
import { evidenceSizes, readEvidence } from './evidence.ts';
import type { LogOptions, Verdict } from './log-options.ts';
import { openOwnCheckpoint } from './own-checkpoint.ts';
import { Report } from './report.ts';
import { keepState } from './state-file.ts';
import type { SignedCheckpoint } from './trust.ts';
import { type WalkedTree, walkTree } from './walk-tree.ts';

export function verifyLog(options: LogOptions): Verdict {
  const report = new Report();
  const checked = checkLog(report, options, []);
  return { ok: report.ok, checks: report.checks(), checkpoint: checked?.current };
}

export interface CheckedLog {
  readonly current: SignedCheckpoint;
  readonly tree: WalkedTree;
}

/** The whole door, in the order it is told in; `alsoRootsAt` are sizes that the caller will ask for. */
export function checkLog(
  report: Report,
  options: LogOptions,
  alsoRootsAt: readonly number[],
): CheckedLog | undefined {
  // Who says it: without a good signature, nothing in the directory is worth reading.
  const current = openOwnCheckpoint(report, options);
  if (current === undefined) return undefined;
  const { directory, minIndex = 0 } = options;
  const { origin, size } = current;
  if (minIndex > size) {
    report.fail('min-index', `${minIndex} is beyond the log's ${size} entries`);
    return undefined;
  }

  // What it is to be held against, before the walk: it must know which roots and entries to remember.
  const evidence = readEvidence(report, options, current);
  const openings = new OpeningsCheck(evidence.openings);
  const roots = [...evidenceSizes(evidence), ...alsoRootsAt].filter((wanted) => wanted <= size);

  // What is there: every entry hashed, every tile recomputed, up to the root that was signed.
  const tree = walkTree(report, {
    directory,
    size,
    minIndex,
    rootsAt: new Set(roots),
    visit: new Set([...openings.indexes(), ...evidence.inclusions.map(({ file }) => file.index)]),
    onEntry: (index, entry) => openings.see(index, entry),
    onProgress: (entries) => options.onProgress?.(entries, size),
  });
  checkTree(report, options, current, tree);

  // Whether the two agree.
  for (const { id, name, checkpoint } of evidence.earlier) {
    checkEarlier(report, id, name, checkpoint, current, (wanted) => tree.rootAt(wanted));
  }
  const anchors: Anchors = {
    origin,
    rootOf: (wanted) => (wanted === size ? current.root : tree.rootAt(wanted)),
    leafOf: (index) => tree.leafAt(index),
  };
  for (const { name, file, size: of } of evidence.inclusions) {
    checkInclusion(report, name, file, of, anchors);
  }
  for (const { name, file, size: of } of evidence.consistencies) {
    checkConsistency(report, name, file, of, anchors);
  }
  openings.check(report, size, (index) => tree.leafAt(index) !== undefined);

  if (options.stateFile !== undefined) keepState(report, options.stateFile, current.bytes);
  return { current, tree };
}
