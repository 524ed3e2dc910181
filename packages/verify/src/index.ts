/** The door for programs. The command line (`main.ts`) stands on the same functions. */
export { type Checkpoint, formatCheckpointBody, parseCheckpoint } from './checkpoint.ts';
export { CompactTree, type CompactTreeState, rootFromLeaves } from './compact-tree.ts';
export { type CompareOptions, compareCopies, type LogCopy } from './compare-copies.ts';
export { consistencyPlan, consistencyProof, verifyConsistency } from './consistency.ts';
export {
  type Cosignature,
  cosignatureMessage,
  encodeCosignature,
  readCosignature,
} from './cosignature.ts';
export { ENTRY_BYTES_MAX, encodeBundle, hashBundle, parseBundle } from './entry-bundle.ts';
export type { GivenFile } from './given-file.ts';
export { inclusionPlan, inclusionProof, rootFromInclusion, verifyInclusion } from './inclusion.ts';
export { EMPTY_ROOT, leafHash, leafHashInto, nodeHash, perfectRoot } from './leaf-hash.ts';
export type { LogOptions, Verdict } from './log-options.ts';
export { Malformed } from './malformed.ts';
export { holdsCommitment, type Opening, opens, parseOpenings } from './openings.ts';
export {
  type ConsistencyFile,
  type InclusionFile,
  type ProofFile,
  parseProofFile,
} from './proof-file.ts';
export { type Check, formatCheck, type Status } from './report.ts';
export {
  formatSignatureLine,
  type Note,
  type NoteSignature,
  parseNote,
  type VerifiedSignature,
  verifyNote,
} from './signed-note.ts';
export { type HashAt, joinSubtrees, type Subtree, subtreesOf } from './subtree.ts';
export { entriesPath, parseTilePath, TILE_WIDTH, type TileName, tilePath } from './tile-path.ts';
export type { SignedCheckpoint, Trust } from './trust.ts';
export {
  formatVerifierKey,
  keyId,
  makeVerifierKey,
  parseVerifierKey,
  type SignatureType,
  type VerifierKey,
} from './verifier-key.ts';
export { verifyLog } from './verify-log.ts';
export { type GivenProof, type ProofsOptions, verifyProofs } from './verify-proofs.ts';
