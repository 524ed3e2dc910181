/** What the log is to be held against: earlier checkpoints, proofs, openings. Read and opened, not yet compared. */
import { type GivenFile, readGiven } from './given-file.ts';
import type { LogOptions } from './log-options.ts';
import { Malformed } from './malformed.ts';
import { type Opening, parseOpenings } from './openings.ts';
import { readOlderCheckpoints } from './own-checkpoint.ts';
import {
  type ConsistencyFile,
  type InclusionFile,
  type ProofFile,
  parseProofFile,
} from './proof-file.ts';
import type { Report } from './report.ts';
import { recallState } from './state-file.ts';
import { openCheckpoint, type SignedCheckpoint } from './trust.ts';

export interface Evidence {
  /** Each under the id that its checks go by: `pin`, `state`, `older`, or that of the proof it came in. */
  readonly earlier: { id: string; name: string; checkpoint: SignedCheckpoint }[];
  readonly inclusions: { name: string; file: InclusionFile; size: number }[];
  readonly consistencies: { name: string; file: ConsistencyFile; size: number }[];
  readonly openings: { name: string; opening: Opening }[];
}

export function readEvidence(
  report: Report,
  options: LogOptions,
  current: SignedCheckpoint,
): Evidence {
  const evidence: Evidence = { earlier: [], inclusions: [], consistencies: [], openings: [] };
  const add = (
    id: string,
    name: string,
    bytes: Uint8Array,
    anySigner = false,
  ): number | undefined => {
    // Its origin is compared with the log's, so that the two are named when they differ.
    const trust = { keys: options.keys, witnesses: options.witnesses ?? [] };
    const checkpoint = openCheckpoint(report, id, bytes, trust, { where: name, anySigner });
    if (checkpoint !== undefined) evidence.earlier.push({ id, name, checkpoint });
    return checkpoint?.size;
  };

  for (const file of options.pins ?? []) {
    const bytes = readGiven(report, 'pin', file, (read) => read);
    if (bytes !== undefined) add('pin', file.name, bytes);
  }
  if (options.stateFile !== undefined) {
    const state = recallState(report, options.stateFile);
    if (state !== undefined) add('state', options.stateFile, state, true);
  }
  for (const { name, bytes } of readOlderCheckpoints(report, options.directory)) {
    add('older', name, bytes);
  }
  for (const file of options.inclusions ?? []) {
    const proof = readProof(report, 'inclusion', file);
    if (proof?.kind !== 'inclusion') continue;
    const size = sizeOf(proof, proof.size, file.name);
    if (size !== undefined) evidence.inclusions.push({ name: file.name, file: proof, size });
  }
  for (const file of options.consistencies ?? []) {
    const proof = readProof(report, 'consistency', file);
    if (proof?.kind !== 'consistency') continue;
    const size = sizeOf(proof, proof.newSize, file.name);
    if (size !== undefined) evidence.consistencies.push({ name: file.name, file: proof, size });
  }
  for (const file of options.openings ?? []) addOpenings(report, file, evidence);
  return evidence;

  /** A checkpoint inside the file must be one of this log before it may say a size. */
  function sizeOf(proof: ProofFile, said: number | undefined, name: string): number | undefined {
    const { kind, checkpoint } = proof;
    const size = checkpoint
      ? add(`${kind}.checkpoint`, `the checkpoint in ${name}`, checkpoint)
      : said;
    if (size === undefined || size <= current.size) return size;
    const has = `it is about ${size} entries, the log has ${current.size}`;
    report.fail(`${kind}.unknown`, `${name}: ${has}`);
    return undefined;
  }
}

function readProof(
  report: Report,
  kind: ProofFile['kind'],
  file: GivenFile,
): ProofFile | undefined {
  return readGiven(report, kind, file, (bytes) => {
    const proof = parseProofFile(bytes);
    if (proof.kind !== kind) throw new Malformed(`this is a proof of ${proof.kind}`);
    return proof;
  });
}

function addOpenings(report: Report, file: GivenFile, { openings }: Evidence): void {
  const read = readGiven(report, 'opening', file, parseOpenings);
  if (read === undefined) return;
  for (const { line, message } of read.bad) {
    report.fail('opening.form', `${file.name}, line ${line}: ${message}`);
  }
  if (read.openings.length === 0 && read.bad.length === 0) {
    report.note('opening', `${file.name}: there is none in it`);
  }
  for (const opening of read.openings) openings.push({ name: file.name, opening });
}

/** The sizes at which the log's root must be known to compare. */
export function evidenceSizes({ earlier, inclusions, consistencies }: Evidence): number[] {
  return [
    ...earlier.map(({ checkpoint }) => checkpoint.size),
    ...inclusions.map(({ size }) => size),
    ...consistencies.flatMap(({ file, size }) => [file.oldSize, size]),
  ];
}
