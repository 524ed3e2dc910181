/**
 * The `log` door: everything that a log's directory claims, recomputed from its entries.
 *
 * It shows that the entries are, in number, order and every byte, those that the log's key signed for, and that
 * they continue every checkpoint the reader kept. It cannot show that what was logged is true, nor that nobody
 * was shown another log: for that, compare with other readers, or demand witnesses.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Anchors, checkConsistency, checkInclusion } from './check-proof.ts';
import { checkEarlier } from './earlier-checkpoint.ts';
import { type GivenFile, readGiven } from './given-file.ts';
import { Malformed } from './malformed.ts';
import { holdsCommitment, type Opening, opens, parseOpenings } from './openings.ts';
import {
  type ConsistencyFile,
  type InclusionFile,
  type ProofFile,
  parseProofFile,
} from './proof-file.ts';
import { errorCode, readRegularFile } from './regular-file.ts';
import { type Check, Report } from './report.ts';
import { NOTE_BYTES_MAX } from './signed-note.ts';
import { readState, writeState } from './state-file.ts';
import { findStrayFiles } from './stray-files.ts';
import { checkWitnesses, openCheckpoint, type SignedCheckpoint, type Trust } from './trust.ts';
import { type WalkedTree, walkTree } from './walk-tree.ts';

export interface LogOptions extends Trust {
  readonly directory: string;
  /** Checkpoints kept from earlier; the log must continue each. */
  readonly pins?: readonly GivenFile[];
  /** Where the last checkpoint that passed is kept. */
  readonly stateFile?: string | undefined;
  readonly minSize?: number | undefined;
  /** Entries before this one may have been pruned. */
  readonly minIndex?: number | undefined;
  /** Whether files may not go on beyond the checkpoint. */
  readonly strictSize?: boolean | undefined;
  readonly inclusions?: readonly GivenFile[];
  readonly consistencies?: readonly GivenFile[];
  readonly openings?: readonly GivenFile[];
  readonly onProgress?: ((entries: number, size: number) => void) | undefined;
}

export interface Verdict {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly checkpoint?: SignedCheckpoint | undefined;
}

export function verifyLog(options: LogOptions): Verdict {
  const report = new Report();
  const checkpoint = checkLog(report, options, []);
  return { ok: report.ok, checks: report.checks(), checkpoint: checkpoint?.current };
}

export interface CheckedLog {
  readonly current: SignedCheckpoint;
  readonly tree: WalkedTree;
}

/** The whole door in the order it reads; `alsoRootsAt` are sizes that the caller will ask for. */
export function checkLog(
  report: Report,
  options: LogOptions,
  alsoRootsAt: readonly number[],
): CheckedLog | undefined {
  const current = openOwnCheckpoint(report, options);
  if (current === undefined) return undefined;
  const { minIndex = 0 } = options;
  if (minIndex > current.size) {
    report.fail('min-index', `${minIndex} is beyond the log's ${current.size} entries`);
    return undefined;
  }
  const given = readEverythingGiven(report, options, current);
  const roots = [
    ...given.earlier.map(({ checkpoint }) => checkpoint.size),
    ...proofSizes(given),
    ...alsoRootsAt,
  ];
  const opened = new Map<number, Opening[]>();
  for (const { opening } of given.openings) {
    opened.set(opening.index, [...(opened.get(opening.index) ?? []), opening]);
  }
  const held = new Set<Opening>();
  const tree = walkTree(report, {
    directory: options.directory,
    size: current.size,
    minIndex,
    rootsAt: new Set(roots.filter((size) => size <= current.size)),
    visit: new Set([...opened.keys(), ...given.inclusions.map(({ file }) => file.index)]),
    onEntry: (index, entry) => {
      for (const opening of opened.get(index) ?? []) {
        if (holdsCommitment(entry, opening.commitment)) held.add(opening);
      }
    },
    onProgress: (entries) => options.onProgress?.(entries, current.size),
  });
  checkTree(report, options, current, tree);
  for (const { id, name, checkpoint } of given.earlier) {
    checkEarlier(report, id, name, checkpoint, current, (size) => tree.rootAt(size));
  }
  const anchors: Anchors = {
    origin: current.origin,
    rootOf: (size) => (size <= current.size ? tree.rootAt(size) : undefined),
    leafOf: (index) => tree.leafAt(index),
  };
  for (const { name, file, size } of given.inclusions)
    checkInclusion(report, name, file, size, anchors);
  for (const { name, file, size } of given.consistencies)
    checkConsistency(report, name, file, size, anchors);
  for (const { name, opening } of given.openings) {
    checkOpening(report, `${name}, line ${opening.line}`, opening, current.size, held.has(opening));
  }
  if (options.stateFile !== undefined) keepState(report, options.stateFile, current);
  return { current, tree };
}

function openOwnCheckpoint(report: Report, options: LogOptions): SignedCheckpoint | undefined {
  const bytes = readOwnFile(report, 'checkpoint', options.directory, 'checkpoint');
  if (bytes === undefined) return undefined;
  const checkpoint = openCheckpoint(report, 'checkpoint', bytes, options);
  if (checkpoint === undefined) return undefined;
  const { origin, size, extensions, note, signatures } = checkpoint;
  const signer = signatures.find(({ key }) => options.keys.includes(key))?.key.name ?? '';
  report.pass('checkpoint.signature', `${size} entries of "${origin}", signed by ${signer}`);
  if (options.origin !== undefined) report.pass('checkpoint.origin', `the log is "${origin}"`);
  else if (signer !== origin) {
    report.note(
      'checkpoint.origin',
      `no --origin was given, and "${origin}" is not the name of the key`,
    );
  }
  const others = note.signatures.length - signatures.length;
  if (others > 0)
    report.note('checkpoint.others', `${others} signatures by keys that were not given`);
  if (extensions.length > 0) {
    report.note(
      'checkpoint.extension',
      `${extensions.length} more lines, whose meaning is not checked`,
    );
  }
  if (options.minSize !== undefined) {
    if (size >= options.minSize)
      report.pass('checkpoint.size', `at least ${options.minSize} entries`);
    else report.fail('checkpoint.size', `${size} entries, there must be ${options.minSize}`);
  }
  checkWitnesses(report, checkpoint, options);
  return checkpoint;
}

interface Given {
  readonly earlier: { id: string; name: string; checkpoint: SignedCheckpoint }[];
  readonly inclusions: { name: string; file: InclusionFile; size: number }[];
  readonly consistencies: { name: string; file: ConsistencyFile; size: number }[];
  readonly openings: { name: string; opening: Opening }[];
}

/** Before the walk, because it must know which roots and entries it is to keep. */
function readEverythingGiven(
  report: Report,
  options: LogOptions,
  current: SignedCheckpoint,
): Given {
  const given: Given = { earlier: [], inclusions: [], consistencies: [], openings: [] };
  const addEarlier = (
    id: string,
    name: string,
    bytes: Uint8Array,
    anySigner = false,
  ): number | undefined => {
    const trust = { keys: options.keys, witnesses: options.witnesses ?? [] };
    const checkpoint = openCheckpoint(report, id, bytes, trust, { where: name, anySigner });
    if (checkpoint !== undefined) given.earlier.push({ id, name, checkpoint });
    return checkpoint?.size;
  };

  for (const file of options.pins ?? []) {
    const bytes = readGiven(report, 'pin', file, (read) => read);
    if (bytes !== undefined) addEarlier('pin', file.name, bytes);
  }
  if (options.stateFile !== undefined) {
    const state = ownState(report, options.stateFile);
    if (state !== undefined) addEarlier('state', options.stateFile, state, true);
  }
  for (const name of olderCheckpoints(options.directory)) {
    const bytes = readOwnFile(report, 'older', options.directory, name);
    if (bytes !== undefined) addEarlier('older', name, bytes);
  }
  const proofs = [
    ...(options.inclusions ?? []).map((file) => ({ file, kind: 'inclusion' as const })),
    ...(options.consistencies ?? []).map((file) => ({ file, kind: 'consistency' as const })),
  ];
  for (const { file, kind } of proofs) {
    const { name } = file;
    const proof = readGiven(report, kind, file, (bytes) => expectKind(parseProofFile(bytes), kind));
    if (proof === undefined) continue;
    // Its own checkpoint must be one of this log before it may say a size.
    const size = proof.checkpoint
      ? addEarlier(`${kind}.checkpoint`, `the checkpoint in ${name}`, proof.checkpoint)
      : proof.kind === 'inclusion'
        ? proof.size
        : proof.newSize;
    if (size === undefined) continue;
    if (size > current.size) {
      report.fail(
        `${kind}.unknown`,
        `${name}: it is about ${size} entries, the log has ${current.size}`,
      );
    } else if (proof.kind === 'inclusion') given.inclusions.push({ name, file: proof, size });
    else given.consistencies.push({ name, file: proof, size });
  }
  for (const file of options.openings ?? []) {
    const read = readGiven(report, 'opening', file, parseOpenings);
    for (const { line, message } of read?.bad ?? []) {
      report.fail('opening.form', `${file.name}, line ${line}: ${message}`);
    }
    if (read?.openings.length === 0 && read.bad.length === 0) {
      report.note('opening', `${file.name}: there is none in it`);
    }
    for (const opening of read?.openings ?? []) given.openings.push({ name: file.name, opening });
  }
  return given;
}

function expectKind(proof: ProofFile, kind: ProofFile['kind']): ProofFile {
  if (proof.kind !== kind) throw new Malformed(`this is a proof of ${proof.kind}`);
  return proof;
}

function proofSizes({ inclusions, consistencies }: Given): number[] {
  return [
    ...inclusions.map(({ size }) => size),
    ...consistencies.flatMap(({ file, size }) => [file.oldSize, size]),
  ];
}

/** Some logs keep the checkpoints they published before, as `checkpoint.<size>`. */
function olderCheckpoints(directory: string): string[] {
  return readdirSync(directory).filter((name) => /^checkpoint\.\d+$/.test(name));
}

function readOwnFile(
  report: Report,
  id: string,
  directory: string,
  name: string,
): Buffer | undefined {
  try {
    const bytes = readRegularFile(join(directory, name), NOTE_BYTES_MAX);
    if (bytes === undefined) report.fail(`${id}.missing`, `${name} is missing`);
    return bytes;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    report.fail(`${id}.form`, `${name}: ${error.message}`);
    return undefined;
  }
}

/** `entries`, `tiles` and `root`; then what lies about. */
function checkTree(
  report: Report,
  options: LogOptions,
  { size, root }: SignedCheckpoint,
  tree: WalkedTree,
): void {
  if (!report.failed('entries')) {
    report.pass('entries', `${tree.entries} entries in ${tree.bundles} bundles, none missing`);
  }
  if (tree.pruned > 0)
    report.note('entries.pruned', `${tree.pruned} bundles before ${options.minIndex} are gone`);
  if (!report.failed('tiles'))
    report.pass('tiles', `${tree.tiles} tiles hold the hashes of the entries`);
  const computed = tree.rootAt(size);
  if (computed === undefined) report.fail('root', 'cannot be computed: too much is missing');
  else if (Buffer.compare(computed, root) !== 0) {
    const storedRoot = tree.storedRoot();
    const whole = storedRoot !== undefined && Buffer.compare(storedRoot, root) === 0;
    const who = whole
      ? 'the tiles lead to it: the entries were changed'
      : 'the tiles do not either';
    report.fail('root', `the entries do not lead to the root that was signed; ${who}`);
  } else report.pass('root', `the entries lead to the root that was signed`);

  const stray = findStrayFiles(report, options.directory, size);
  const beyond = [...tree.beyond, ...stray.beyond];
  if (beyond.length > 0) {
    const said = `beyond the ${size} entries that were signed: ${some(beyond)}`;
    if (options.strictSize) report.fail('beyond', said);
    else report.note('beyond', said);
  } else if (options.strictSize) report.pass('beyond', `nothing lies beyond the ${size} entries`);
  if (stray.strange.length > 0) {
    report.note('layout.stray', `not part of any log: ${some(stray.strange)}`);
  }
}

function some(paths: readonly string[]): string {
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return `${paths.slice(0, 5).join(', ')}${more}`;
}

function checkOpening(
  report: Report,
  where: string,
  opening: Opening,
  size: number,
  held: boolean,
): void {
  const { index } = opening;
  if (index >= size)
    report.fail('opening.index', `${where}: there is no entry ${index} among ${size}`);
  else if (!held) {
    report.fail('opening.commitment', `${where}: entry ${index} does not hold this commitment`);
  } else if (opening.salt === undefined) {
    report.note(
      'opening',
      `${where}: ERASED; what entry ${index} said here can no longer be known`,
    );
  } else if (!opens(opening)) {
    report.fail('opening.value', `${where}: this is not the value that entry ${index} commits to`);
  } else report.pass('opening', `${where}: entry ${index} holds this value`);
}

function ownState(report: Report, path: string): Buffer | undefined {
  try {
    const state = readState(path);
    if (state === undefined)
      report.note('state', `${path} is new: there is nothing to compare with yet`);
    return state;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    report.fail('state.form', `${path} ${error.message}`);
    return undefined;
  }
}

/** Last of all, and only when nothing failed: what did not pass must never become what is compared with. */
function keepState(report: Report, path: string, current: SignedCheckpoint): void {
  if (!report.ok) {
    report.note('state.kept', `${path} was left as it was`);
    return;
  }
  try {
    writeState(path, current.bytes);
  } catch (error) {
    report.fail('state.write', `${path} cannot be written (${errorCode(error)})`);
  }
}
