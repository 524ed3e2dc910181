/** The prover's door: prove a database, and put the proof into words, files and exit codes. */
export type {
  ConventionReport,
  Finding,
  ObjectType,
  Proof,
  ProvedObject,
  Severity,
  Verdict,
} from './model.ts';
export { type ProveOptions, type ProveStep, prove } from './prove.ts';
