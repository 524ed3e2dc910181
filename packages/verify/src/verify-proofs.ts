/**
 * The `proofs` door: proof files against signed checkpoints, without the log. An inclusion proof shows that one
 * entry is in the tree that was signed; a consistency proof, that one signed tree continues another.
 */
import { type Anchors, checkConsistency, checkInclusion } from './check-proof.ts';
import { type GivenFile, readGiven } from './given-file.ts';
import type { Verdict } from './log-options.ts';
import { type InclusionFile, parseProofFile } from './proof-file.ts';
import { Report } from './report.ts';
import { checkWitnesses, openCheckpoint, type SignedCheckpoint, type Trust } from './trust.ts';

/** A proof, and for the text form the file it is about if that lies beside it. */
export interface GivenProof extends GivenFile {
  readonly entry?: Uint8Array | undefined;
}

export interface ProofsOptions extends Trust {
  readonly proofs: readonly GivenProof[];
  readonly checkpoints: readonly GivenFile[];
}

export function verifyProofs(options: ProofsOptions): Verdict {
  const report = new Report();
  const trusted: SignedCheckpoint[] = [];
  for (const file of options.checkpoints) {
    const bytes = readGiven(report, 'checkpoint', file, (read) => read);
    if (bytes !== undefined) addCheckpoint(report, options, file.name, bytes, trusted);
  }
  for (const given of options.proofs) checkFile(report, options, given, trusted);
  return { ok: report.ok, checks: report.checks(), checkpoint: trusted[0] };
}

/** Opens a checkpoint and holds it against those before: one log, and one root for each size. */
function addCheckpoint(
  report: Report,
  trust: Trust,
  name: string,
  bytes: Uint8Array,
  trusted: SignedCheckpoint[],
): SignedCheckpoint | undefined {
  const checkpoint = openCheckpoint(report, 'checkpoint', bytes, trust, { where: name });
  if (checkpoint === undefined) return undefined;
  const { origin, size, root } = checkpoint;
  const first = trusted[0];
  if (first !== undefined && first.origin !== origin) {
    report.fail(
      'checkpoint.origin',
      `${name}: of the log "${origin}", another is of "${first.origin}"`,
    );
    return undefined;
  }
  const twin = trusted.find((other) => other.size === size);
  if (twin !== undefined && Buffer.compare(twin.root, root) !== 0) {
    report.fail(
      'checkpoint.split-view',
      `${name}: two roots were signed for the same ${size} entries`,
    );
    return undefined;
  }
  report.pass('checkpoint.signature', `${name}: ${size} entries of "${origin}"`);
  checkWitnesses(report, checkpoint, trust);
  trusted.push(checkpoint);
  return checkpoint;
}

function checkFile(
  report: Report,
  trust: Trust,
  given: GivenProof,
  trusted: SignedCheckpoint[],
): void {
  const { name } = given;
  const file = readGiven(report, 'proof', given, parseProofFile);
  if (file === undefined) return;
  let size = file.kind === 'inclusion' ? file.size : file.newSize;
  if (file.checkpoint !== undefined) {
    size = addCheckpoint(
      report,
      trust,
      `the checkpoint in ${name}`,
      file.checkpoint,
      trusted,
    )?.size;
  }
  if (size === undefined) return;
  const anchors: Anchors = {
    origin: trusted[0]?.origin ?? '',
    rootOf: (wanted) => trusted.find((checkpoint) => checkpoint.size === wanted)?.root,
    leafOf: () => undefined,
  };
  if (file.kind === 'consistency') checkConsistency(report, name, file, size, anchors);
  else checkInclusion(report, name, withEntry(file, given.entry), size, anchors);
}

/** Like a detached signature, the text form is about the file beside it, if there is one. */
function withEntry(file: InclusionFile, entry: Uint8Array | undefined): InclusionFile {
  return file.leaf === undefined && entry !== undefined ? { ...file, extra: entry } : file;
}
