/** What was asked for on the command line. Whatever cannot be understood is wrong use, never a verdict. */
import { existsSync, statSync } from 'node:fs';
import {
  type Arguments,
  type ListFlag,
  readArguments,
  type SingleFlag,
  type Switch,
  WrongUse,
} from './arguments.ts';
import { parseDecimal } from './checkpoint.ts';
import type { CompareOptions, LogCopy } from './compare-copies.ts';
import type { GivenFile } from './given-file.ts';
import type { LogOptions } from './log-options.ts';
import { Malformed } from './malformed.ts';
import { OPENINGS_BYTES_MAX } from './openings.ts';
import { bringsCheckpoint, PROOF_BYTES_MAX } from './proof-file.ts';
import { errorCode, readRegularFile } from './regular-file.ts';
import { NOTE_BYTES_MAX } from './signed-note.ts';
import type { Trust } from './trust.ts';
import { parseVerifierKey, type VerifierKey } from './verifier-key.ts';
import type { GivenProof, ProofsOptions } from './verify-proofs.ts';

/** Hundreds of keys, with room for comments. */
const KEYS_BYTES_MAX = 1_000_000;

export type Command =
  | { readonly door: 'help' }
  | { readonly door: 'version' }
  | { readonly door: 'log'; readonly json: boolean; readonly options: LogOptions }
  | { readonly door: 'proofs'; readonly json: boolean; readonly options: ProofsOptions }
  | { readonly door: 'compare'; readonly json: boolean; readonly options: CompareOptions };

const TRUST = ['vkey', 'origin', 'witness', 'quorum', 'max-age', 'now', 'json'] as const;
const FLAGS: Readonly<
  Record<'log' | 'proofs' | 'compare', readonly (ListFlag | SingleFlag | Switch)[]>
> = {
  log: [
    ...TRUST,
    ...(['pin', 'state', 'min-size', 'min-index', 'inclusion', 'consistency', 'openings'] as const),
    'strict-size',
  ],
  proofs: [...TRUST, 'checkpoint'],
  compare: ['vkey', 'origin', 'json', 'min-index', 'consistency'],
};

export const USAGE = `Usage:
  bulkhead-verify log DIR --vkey KEY… [--origin NAME] [--pin CHECKPOINT…] [--state FILE]
      [--min-size N] [--witness KEY… [--quorum K]] [--max-age S [--now T]] [--min-index N]
      [--inclusion FILE…] [--consistency FILE…] [--openings FILE…] [--strict-size] [--json]
  bulkhead-verify proofs FILE… --checkpoint C… --vkey KEY…
      [--origin NAME] [--witness KEY… [--quorum K]] [--max-age S [--now T]] [--json]
  bulkhead-verify compare A B --vkey KEY… [--origin NAME] [--consistency FILE…] [--min-index N] [--json]

KEY is a verifier key (name+id+base64) or a file of them, one a line. T is seconds since 1970 or
2026-01-31T12:00:00Z. Exit status: 0 all checks passed, 1 something failed, 2 wrong use.
`;

export function readCommand(argv: readonly string[]): Command {
  const [door = '', ...rest] = argv;
  if (['help', '--help', '-h'].includes(door)) return { door: 'help' };
  if (['version', '--version'].includes(door)) return { door: 'version' };
  if (door !== 'log' && door !== 'proofs' && door !== 'compare') {
    throw new WrongUse(door === '' ? 'say what to do' : `there is no "${door}"`);
  }
  const operandsMin = { log: 1, proofs: 1, compare: 2 }[door];
  const args = readArguments(rest, FLAGS[door], operandsMin);
  if (args.has('help')) return { door: 'help' };
  const json = args.has('json');
  const { operands } = args;
  if (operands.length < operandsMin) throw new WrongUse(`${door} needs more arguments`);
  if (door !== 'proofs' && operands.length > operandsMin) {
    throw new WrongUse(`${door} does not know what to do with "${operands[operandsMin]}"`);
  }
  const trust = readTrust(args);
  if (door === 'log')
    return { door, json, options: readLogOptions(operands[0] ?? '', args, trust) };
  if (door === 'proofs') return { door, json, options: readProofsOptions(operands, args, trust) };
  return { door, json, options: readCompareOptions(operands, args, trust) };
}

function readTrust(args: Arguments): Trust {
  const keys = args.list('vkey').flatMap(readKeys);
  if (keys.length === 0) throw new WrongUse('--vkey is missing: whose signature is to be trusted?');
  const witnesses = args.list('witness').flatMap(readKeys);
  const quorum = wholeNumber(args, 'quorum');
  if (quorum !== undefined && quorum > 0 && witnesses.length === 0) {
    throw new WrongUse('--quorum needs --witness');
  }
  const origin = args.single('origin');
  if (origin === '') throw new WrongUse('--origin is empty');
  const maxAge = wholeNumber(args, 'max-age');
  return { keys, origin, witnesses, quorum, maxAge, now: readTime(args.single('now')) };
}

/** A key, or the keys in a file. */
function readKeys(text: string): VerifierKey[] {
  try {
    return [parseVerifierKey(text.trim())];
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const lines = readKeyLines(text);
    if (lines === undefined) {
      throw new WrongUse(`"${text}" is no key and no file of keys: ${error.message}`);
    }
    if (lines.length === 0) throw new WrongUse(`${text}: there is no key in it`);
    return lines.map((line) => {
      try {
        return parseVerifierKey(line);
      } catch (fault) {
        if (fault instanceof Malformed) throw new WrongUse(`${text}: ${fault.message}`);
        throw fault;
      }
    });
  }
}

function readKeyLines(path: string): string[] | undefined {
  const { bytes, fault } = readFile(path, KEYS_BYTES_MAX);
  if (fault !== undefined) throw new WrongUse(`${path} ${fault}`);
  const lines = bytes && Buffer.from(bytes).toString('utf8').split('\n');
  return lines?.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function wholeNumber(args: Arguments, flag: SingleFlag): number | undefined {
  const text = args.single(flag);
  if (text === undefined) return undefined;
  const value = parseDecimal(text);
  if (value === undefined) throw new WrongUse(`--${flag} takes a whole number, not "${text}"`);
  return value;
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function readTime(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = parseDecimal(text);
  if (seconds !== undefined) return seconds;
  const parsed = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(parsed)) {
    throw new WrongUse(`--now takes seconds since 1970 or 2026-01-31T12:00:00Z, not "${text}"`);
  }
  return Math.floor(parsed / 1000);
}

function readLogOptions(directory: string, args: Arguments, trust: Trust): LogOptions {
  if (!isDirectory(directory)) throw new WrongUse(`${directory} is not a directory`);
  const stateFile = args.single('state');
  if (stateFile === '') throw new WrongUse('--state is empty');
  return {
    ...trust,
    directory,
    pins: args.list('pin').map((path) => give(path, NOTE_BYTES_MAX)),
    stateFile,
    minSize: wholeNumber(args, 'min-size'),
    minIndex: wholeNumber(args, 'min-index'),
    strictSize: args.has('strict-size'),
    inclusions: args.list('inclusion').map((path) => give(path, PROOF_BYTES_MAX)),
    consistencies: args.list('consistency').map((path) => give(path, PROOF_BYTES_MAX)),
    openings: args.list('openings').map((path) => give(path, OPENINGS_BYTES_MAX)),
  };
}

function readProofsOptions(
  operands: readonly string[],
  args: Arguments,
  trust: Trust,
): ProofsOptions {
  const named = args.list('checkpoint');
  const paths = named.length > 0 ? named : operands.map(besides).filter(existsSync);
  const checkpoints = paths.map((path) => give(path, NOTE_BYTES_MAX));
  const proofs = operands.map((path): GivenProof => {
    const proof = give(path, PROOF_BYTES_MAX);
    // C2SP tlog-proof: `event.json.tlog-proof` is about `event.json`.
    const about = /^(.+)\.tlog-proof$/.exec(path)?.[1];
    return {
      ...proof,
      entry: about === undefined ? undefined : readFile(about, PROOF_BYTES_MAX).bytes,
    };
  });
  const lost =
    checkpoints.length === 0
      ? proofs.find(({ bytes }) => bytes && !bringsCheckpoint(bytes))
      : undefined;
  if (lost !== undefined) throw new WrongUse(`--checkpoint is missing: ${lost.name} needs one`);
  return { ...trust, proofs, checkpoints };
}

/** Where a proof's checkpoint lies when nobody says where. */
const besides = (proof: string): string => `${proof}.checkpoint`;

function readCompareOptions(
  operands: readonly string[],
  args: Arguments,
  trust: Trust,
): CompareOptions {
  const copyOf = (path: string): LogCopy =>
    isDirectory(path) ? { directory: path } : { checkpoint: give(path, NOTE_BYTES_MAX) };
  const [a = '', b = ''] = operands;
  return {
    ...trust,
    copies: [copyOf(a), copyOf(b)],
    minIndex: wholeNumber(args, 'min-index'),
    consistencies: args.list('consistency').map((path) => give(path, PROOF_BYTES_MAX)),
  };
}

/** A file that is not there is wrong use; one that is there and makes no sense fails its check. */
function give(path: string, bytesMax: number): GivenFile {
  const file = readFile(path, bytesMax);
  if (file.bytes === undefined && file.fault === undefined) {
    throw new WrongUse(`${path} does not exist`);
  }
  return file;
}

/** What the reader named: links are theirs, so they are followed. Neither bytes nor fault when it is not there. */
function readFile(path: string, bytesMax: number): GivenFile {
  try {
    return { name: path, bytes: readRegularFile(path, bytesMax, { followLinks: true }) };
  } catch (error) {
    if (error instanceof Malformed) return { name: path, bytes: undefined, fault: error.message };
    throw error;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return false;
    throw new WrongUse(`${path} cannot be read (${errorCode(error)})`);
  }
}
