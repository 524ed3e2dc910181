/**
 * Proof files, in either form. JSON: `{leafIndex, treeSize, hashes[], leafHash, rootHash[, entry]}` or
 * `{oldSize, newSize, hashes[][, oldRoot, newRoot]}`. Text: C2SP `tlog-proof@v1` for inclusion, and the body of
 * a C2SP tlog-witness request (`old <size>`, hashes, checkpoint) for consistency.
 */
import { isUtf8 } from 'node:buffer';
import { parseDecimal } from './checkpoint.ts';
import { decodeBase64, decodeHash } from './hash-text.ts';
import { type JsonMember, readJsonObject } from './json-object.ts';
import { HASH_BYTES, leafHash } from './leaf-hash.ts';
import { Malformed } from './malformed.ts';

export const PROOF_BYTES_MAX = 4_000_000;
/** A tree of 2^53 entries is 53 high; twice that is more than any proof has. */
const HASHES_MAX = 128;

export interface InclusionFile {
  readonly kind: 'inclusion';
  readonly index: number;
  /** Absent in the text form, whose checkpoint says size and root. */
  readonly size?: number;
  readonly root?: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  /** The leaf that the JSON form speaks of. */
  readonly leaf?: Uint8Array;
  /** Whether the JSON form holds an entry that is not that leaf. */
  readonly hasOtherEntry?: boolean;
  /** What the text form may carry beside the proof; nothing signs it, and it may or may not be the entry. */
  readonly extra?: Uint8Array;
  /** The signed checkpoint inside the text form. */
  readonly checkpoint?: Uint8Array;
  readonly origin?: string;
}

export interface ConsistencyFile {
  readonly kind: 'consistency';
  readonly oldSize: number;
  readonly newSize?: number;
  readonly oldRoot?: Uint8Array;
  readonly newRoot?: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint?: Uint8Array;
  readonly origin?: string;
}

export type ProofFile = InclusionFile | ConsistencyFile;

const INCLUSION_HEADER = 'c2sp.org/tlog-proof@v1\n';
const CONSISTENCY_START = 'old ';

/** Whether the file is of a form that brings its own checkpoint. */
export function bringsCheckpoint(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  return start.startsWith('c2sp.org/tlog-proof@') || start.startsWith(CONSISTENCY_START);
}

export function parseProofFile(bytes: Uint8Array): ProofFile {
  if (!isUtf8(bytes)) throw new Malformed('not UTF-8');
  const text = Buffer.from(bytes).toString('utf8');
  if (text.startsWith(INCLUSION_HEADER))
    return parseInclusionText(text.slice(INCLUSION_HEADER.length));
  if (text.startsWith(CONSISTENCY_START)) return parseConsistencyText(text);
  const members = readJsonObject(text);
  const isInclusion = members.has('leafIndex') || members.has('treeSize');
  const isConsistency = members.has('oldSize') || members.has('newSize');
  if (isInclusion === isConsistency)
    throw new Malformed('neither an inclusion nor a consistency proof');
  return isInclusion ? inclusionFromJson(members) : consistencyFromJson(members);
}

function inclusionFromJson(members: Map<string, JsonMember>): InclusionFile {
  const leaf = requiredHash(members, 'leafHash');
  const entry = present(members, 'entry');
  return {
    kind: 'inclusion',
    index: requiredNumber(members, 'leafIndex'),
    size: requiredNumber(members, 'treeSize'),
    hashes: requiredHashes(members),
    leaf,
    hasOtherEntry: entry !== undefined && !isEntryOf(entry, leaf),
    root: requiredHash(members, 'rootHash'),
    ...optionalOrigin(members),
  };
}

/** The entry may be written as base64, as hex, as text, or as the JSON that it is: only its hash counts. */
function isEntryOf({ value, source }: JsonMember, leaf: Uint8Array): boolean {
  const readings: Uint8Array[] = [];
  if (typeof value === 'string') {
    const base64 = decodeBase64(value);
    if (base64 !== undefined) readings.push(base64);
    if (/^([0-9a-fA-F]{2})*$/.test(value)) readings.push(Buffer.from(value, 'hex'));
    readings.push(Buffer.from(value, 'utf8'));
  }
  readings.push(Buffer.from(source, 'utf8'), Buffer.from(JSON.stringify(value), 'utf8'));
  return readings.some((bytes) => leafHash(bytes).equals(leaf));
}

function consistencyFromJson(members: Map<string, JsonMember>): ConsistencyFile {
  const oldRoot = optionalHash(members, 'oldRoot');
  const newRoot = optionalHash(members, 'newRoot');
  return {
    kind: 'consistency',
    oldSize: requiredNumber(members, 'oldSize'),
    newSize: requiredNumber(members, 'newSize'),
    hashes: requiredHashes(members),
    ...(oldRoot && { oldRoot }),
    ...(newRoot && { newRoot }),
    ...optionalOrigin(members),
  };
}

function present(members: Map<string, JsonMember>, name: string): JsonMember | undefined {
  const member = members.get(name);
  return member?.value === null ? undefined : member;
}

/** A whole number; the same digits in a string are not one, here as in openings and for every other reader. */
function requiredNumber(members: Map<string, JsonMember>, name: string): number {
  const value = parseDecimal(members.get(name)?.source ?? '');
  if (value === undefined) throw new Malformed(`${name} is not a plain whole number up to 2^53`);
  return value;
}

function requiredHash(members: Map<string, JsonMember>, name: string): Buffer {
  const hash = optionalHash(members, name);
  if (hash === undefined) throw new Malformed(`${name} is missing`);
  return hash;
}

function optionalHash(members: Map<string, JsonMember>, name: string): Buffer | undefined {
  const member = present(members, name);
  if (member === undefined) return undefined;
  const hash = typeof member.value === 'string' ? decodeHash(member.value) : undefined;
  if (hash === undefined) throw new Malformed(`${name} is not 32 bytes in base64 or hex`);
  return hash;
}

function requiredHashes(members: Map<string, JsonMember>): Buffer[] {
  const member = members.get('hashes');
  // Some writers make an empty list null.
  const list: unknown = member?.value === null ? [] : member?.value;
  if (!Array.isArray(list)) throw new Malformed('hashes is not a list');
  if (list.length > HASHES_MAX) throw new Malformed(`more than ${HASHES_MAX} hashes`);
  return list.map((text: unknown, at) => {
    const hash = typeof text === 'string' ? decodeHash(text) : undefined;
    if (hash === undefined) throw new Malformed(`hashes[${at}] is not 32 bytes in base64 or hex`);
    return hash;
  });
}

function optionalOrigin(members: Map<string, JsonMember>): { origin?: string } {
  const origin = present(members, 'origin')?.value;
  if (origin === undefined) return {};
  if (typeof origin !== 'string') throw new Malformed('origin is not a text');
  return { origin };
}

function parseInclusionText(body: string): InclusionFile {
  const { lines, checkpoint } = splitCheckpoint(body);
  let next = lines.shift() ?? '';
  let extra: Buffer | undefined;
  if (next.startsWith('extra ')) {
    extra = decodeBase64(next.slice('extra '.length));
    if (extra === undefined) throw new Malformed('the extra line is not base64');
    next = lines.shift() ?? '';
  }
  const index = parseDecimal(/^index (.*)$/.exec(next)?.[1] ?? '');
  if (index === undefined) throw new Malformed('the index line is wrong');
  return {
    kind: 'inclusion',
    index,
    hashes: hashLines(lines),
    checkpoint,
    ...(extra && { extra }),
  };
}

function parseConsistencyText(body: string): ConsistencyFile {
  const { lines, checkpoint } = splitCheckpoint(body);
  const oldSize = parseDecimal((lines.shift() ?? '').slice(CONSISTENCY_START.length));
  if (oldSize === undefined) throw new Malformed('the old size is not a plain whole number');
  return { kind: 'consistency', oldSize, hashes: hashLines(lines), checkpoint };
}

/** The lines before the first empty one, and the signed checkpoint after it. */
function splitCheckpoint(text: string): { lines: string[]; checkpoint: Buffer } {
  const blank = text.indexOf('\n\n');
  if (blank === -1) throw new Malformed('no empty line before the checkpoint');
  return {
    lines: text.slice(0, blank).split('\n'),
    checkpoint: Buffer.from(text.slice(blank + 2)),
  };
}

function hashLines(lines: readonly string[]): Buffer[] {
  if (lines.length > HASHES_MAX) throw new Malformed(`more than ${HASHES_MAX} hashes`);
  return lines.map((line) => {
    const hash = decodeBase64(line);
    if (hash?.length !== HASH_BYTES)
      throw new Malformed('a hash line is not the base64 of 32 bytes');
    return hash;
  });
}
