/** Whom the reader trusts: the log's keys, perhaps its name, and perhaps witnesses. Nothing of it is in the log. */
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { Malformed } from './malformed.ts';
import type { Report } from './report.ts';
import { type Note, parseNote, type VerifiedSignature, verifyNote } from './signed-note.ts';
import { makeVerifierKey, type VerifierKey } from './verifier-key.ts';

export interface Trust {
  /** Keys of the log; one good signature is enough, one bad signature is too much. */
  readonly keys: readonly VerifierKey[];
  /** What the checkpoint's first line must be. */
  readonly origin?: string | undefined;
  readonly witnesses?: readonly VerifierKey[];
  /** How many different witnesses must have cosigned; all of `witnesses` when left out. */
  readonly quorum?: number | undefined;
  /** How old the quorum's cosignatures may be, in seconds. */
  readonly maxAge?: number | undefined;
  /** The time to compare with, in seconds since 1970; the clock's when left out and needed. */
  readonly now?: number | undefined;
}

/** Witnesses' clocks and ours differ a little; more than this is a cosignature from the future. */
const CLOCK_SKEW_SECONDS = 60;

export interface SignedCheckpoint extends Checkpoint {
  readonly note: Note;
  readonly bytes: Uint8Array;
  readonly signatures: readonly VerifiedSignature[];
}

/**
 * Opens a checkpoint as `<id>.form`, `<id>.signature` and `<id>.origin`, and says nothing when all is well.
 * With `anySigner` the signature of a key that is not known is enough: for what this machine kept itself.
 */
export function openCheckpoint(
  report: Report,
  id: string,
  bytes: Uint8Array,
  trust: Trust,
  { where = '', anySigner = false } = {},
): SignedCheckpoint | undefined {
  const at = where === '' ? '' : `${where}: `;
  let note: Note;
  let checkpoint: Checkpoint;
  try {
    note = parseNote(bytes);
    checkpoint = parseCheckpoint(note.text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    report.fail(`${id}.form`, `${at}not a signed checkpoint: ${error.message}`);
    return undefined;
  }
  let signatures: VerifiedSignature[];
  try {
    signatures = verifyNote(note, [...trust.keys, ...asCosigners(trust.witnesses ?? [])]);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    report.fail(`${id}.signature`, `${at}${error.message}`);
    return undefined;
  }
  if (!anySigner && !signatures.some(({ key }) => trust.keys.includes(key))) {
    const names = [...new Set(note.signatures.map(({ name }) => name))].join(', ');
    report.fail(`${id}.signature`, `${at}not signed by a key that was given, only by ${names}`);
    return undefined;
  }
  if (trust.origin !== undefined && checkpoint.origin !== trust.origin) {
    report.fail(
      `${id}.origin`,
      `${at}this is the log "${checkpoint.origin}", not "${trust.origin}"`,
    );
    return undefined;
  }
  return { ...checkpoint, note, bytes, signatures };
}

/** A witness may be given by its plain key; what it makes are cosignatures, under a key id of their own. */
function asCosigners(witnesses: readonly VerifierKey[]): VerifierKey[] {
  return witnesses.map(({ name, publicKey }) => makeVerifierKey(name, publicKey, 'cosignature'));
}

/** `witness.quorum` and `witness.age`: enough different witnesses, lately enough. */
export function checkWitnesses(report: Report, checkpoint: SignedCheckpoint, trust: Trust): void {
  const { witnesses = [], maxAge } = trust;
  const now = trust.now ?? (maxAge === undefined ? undefined : Math.floor(Date.now() / 1000));
  const quorum = trust.quorum ?? distinctKeys(witnesses).size;
  const trusted = distinctKeys(witnesses);
  const latest = new Map<string, number>();
  for (const { key, timestamp } of checkpoint.signatures) {
    const witness = keyText(key);
    if (timestamp === undefined || key.type !== 'cosignature' || !trusted.has(witness)) continue;
    if (now !== undefined && timestamp > now + CLOCK_SKEW_SECONDS) {
      report.note(
        'witness.future',
        `${key.name} cosigned ${timestamp - now} s from now: not counted`,
      );
      continue;
    }
    latest.set(witness, Math.max(latest.get(witness) ?? 0, timestamp));
  }
  if (witnesses.length > 0 || quorum > 0) {
    const said = `${latest.size} of ${trusted.size} witnesses cosigned, ${quorum} must`;
    if (latest.size >= quorum) report.pass('witness.quorum', said);
    else report.fail('witness.quorum', said);
  }
  if (maxAge === undefined || now === undefined) return;
  const fresh = [...latest.values()].filter((timestamp) => now - timestamp <= maxAge);
  const newest = latest.size === 0 ? 'none' : `${now - Math.max(...latest.values())} s old`;
  const said = `${fresh.length} cosignatures of at most ${maxAge} s, ${Math.max(1, quorum)} must be; the newest is ${newest}`;
  if (fresh.length >= Math.max(1, quorum)) report.pass('witness.age', said);
  else report.fail('witness.age', said);
}

/** By public key: a witness under two names is still one witness. */
function distinctKeys(keys: readonly VerifierKey[]): Set<string> {
  return new Set(keys.map(keyText));
}

function keyText({ publicKey }: VerifierKey): string {
  return Buffer.from(publicKey).toString('hex');
}
