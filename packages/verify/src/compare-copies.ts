/**
 * The `compare` door: two copies of a log from two places. When a log shows different people different
 * histories, each of them verifies; only side by side does it show.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Anchors, checkConsistency } from './check-proof.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { checkEarlier } from './earlier-checkpoint.ts';
import { type GivenFile, readGiven } from './given-file.ts';
import type { Verdict } from './log-options.ts';
import { Malformed } from './malformed.ts';
import { parseProofFile } from './proof-file.ts';
import { readRegularFile } from './regular-file.ts';
import { Report } from './report.ts';
import { NOTE_BYTES_MAX, parseNote } from './signed-note.ts';
import { openCheckpoint, type SignedCheckpoint, type Trust } from './trust.ts';
import { checkLog } from './verify-log.ts';

/** A log's directory, or only a checkpoint of it. */
export type LogCopy = { readonly directory: string } | { readonly checkpoint: GivenFile };

export interface CompareOptions extends Trust {
  readonly copies: readonly [LogCopy, LogCopy];
  readonly minIndex?: number | undefined;
  /** For two bare checkpoints of different sizes: what connects them. */
  readonly consistencies?: readonly GivenFile[];
}

/** A copy that is in itself in order, and what it can tell of its earlier roots. */
interface OpenedCopy {
  readonly checkpoint: SignedCheckpoint;
  rootAt(size: number): Uint8Array | undefined;
}

export function compareCopies(options: CompareOptions): Verdict {
  const [first, second] = options.copies;
  const reports = [new Report('a.'), new Report('b.'), new Report()] as const;
  const a = openCopy(reports[0], first, options, sizeOf(second));
  const b = openCopy(reports[1], second, options, sizeOf(first));
  if (a !== undefined && b !== undefined) compareOpened(reports[2], options, a, b);
  return {
    ok: reports.every(({ ok }) => ok),
    checks: reports.flatMap((report) => report.checks()),
    checkpoint: a?.checkpoint,
  };
}

function compareOpened(
  report: Report,
  options: CompareOptions,
  a: OpenedCopy,
  b: OpenedCopy,
): void {
  const [older, newer] = a.checkpoint.size <= b.checkpoint.size ? [a, b] : [b, a];
  const name = older === a ? 'A' : 'B';
  const { consistencies = [] } = options;
  const proven = consistencies.some((file) => isProven(report, file, older, newer));
  checkEarlier(report, 'compare', name, older.checkpoint, newer.checkpoint, (size) =>
    proven ? older.checkpoint.root : newer.rootAt(size),
  );
}

/** Whether the proof connects the two, and not merely two other trees of the same log. */
function isProven(report: Report, given: GivenFile, older: OpenedCopy, newer: OpenedCopy): boolean {
  const file = readGiven(report, 'consistency', given, parseProofFile);
  if (file === undefined) return false;
  if (file.kind !== 'consistency') {
    report.fail('consistency.form', `${given.name}: this is a proof of ${file.kind}`);
    return false;
  }
  const ends = [older.checkpoint, newer.checkpoint];
  const newSize = file.newSize ?? newer.checkpoint.size;
  const anchors: Anchors = {
    origin: newer.checkpoint.origin,
    rootOf: (wanted) => ends.find(({ size }) => size === wanted)?.root,
    leafOf: () => undefined,
  };
  const failures = report.failures;
  checkConsistency(report, given.name, file, newSize, anchors);
  if (report.failures > failures) return false;
  return file.oldSize === older.checkpoint.size && newSize === newer.checkpoint.size;
}

function openCopy(
  report: Report,
  copy: LogCopy,
  options: CompareOptions,
  otherSize: number | undefined,
): OpenedCopy | undefined {
  if ('directory' in copy && existsSync(join(copy.directory, 'tile'))) {
    const others = otherSize === undefined ? [] : [otherSize];
    const checked = checkLog(report, { ...options, directory: copy.directory }, others);
    if (checked === undefined || !report.ok) return undefined;
    return { checkpoint: checked.current, rootAt: (size) => checked.tree.rootAt(size) };
  }
  const file = checkpointOf(copy);
  const bytes = readGiven(report, 'checkpoint', file, (read) => read);
  const checkpoint = bytes && openCheckpoint(report, 'checkpoint', bytes, options);
  if (checkpoint === undefined) return undefined;
  report.pass('checkpoint.signature', `${checkpoint.size} entries of "${checkpoint.origin}"`);
  if ('directory' in copy)
    report.note('entries', 'only the checkpoint is here: nothing is recomputed');
  return { checkpoint, rootAt: () => undefined };
}

function checkpointOf(copy: LogCopy): GivenFile {
  if ('checkpoint' in copy) return copy.checkpoint;
  const name = join(copy.directory, 'checkpoint');
  try {
    return { name, bytes: readRegularFile(name, NOTE_BYTES_MAX), fault: 'is missing' };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { name, bytes: undefined, fault: error.message };
  }
}

/** What the other copy says its size is; only to know which root to remember. */
function sizeOf(copy: LogCopy): number | undefined {
  try {
    const { bytes } = checkpointOf(copy);
    return bytes && parseCheckpoint(parseNote(bytes).text).size;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return undefined;
  }
}
