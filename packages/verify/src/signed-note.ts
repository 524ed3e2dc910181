/**
 * Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures. Strict in its form, and one
 * bad signature of a key we know rejects the whole note; signatures of other keys are nobody's business.
 */
import { isUtf8 } from 'node:buffer';
import { verify } from 'node:crypto';
import { cosignatureMessage, readCosignature } from './cosignature.ts';
import { decodeBase64 } from './hash-text.ts';
import { Malformed } from './malformed.ts';
import { formatKeyId, isKeyName, toKeyObject, type VerifierKey } from './verifier-key.ts';

export const NOTE_BYTES_MAX = 1_000_000;
const SIGNATURES_MAX = 100;

export interface NoteSignature {
  readonly name: string;
  readonly id: number;
  readonly signature: Uint8Array;
}

export interface Note {
  /** What is signed, with its final newline and without the empty line. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export function parseNote(bytes: Uint8Array | string): Note {
  const raw = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : Buffer.from(bytes);
  if (raw.length > NOTE_BYTES_MAX) throw new Malformed('longer than a million bytes');
  if (!isUtf8(raw)) throw new Malformed('not UTF-8');
  if (raw.some((byte) => byte < 0x20 && byte !== 0x0a)) {
    throw new Malformed('has control characters (Windows line ends, for example)');
  }
  const whole = raw.toString('utf8');
  // The last one: the text may have empty lines, the signatures may not.
  const blank = whole.lastIndexOf('\n\n');
  if (blank === -1) throw new Malformed('no empty line between text and signatures');
  const lines = whole.slice(blank + 2).split('\n');
  if (lines.pop() !== '') throw new Malformed('does not end in a newline');
  if (lines.length === 0) throw new Malformed('not signed');
  if (lines.length > SIGNATURES_MAX) throw new Malformed(`more than ${SIGNATURES_MAX} signatures`);
  return { text: whole.slice(0, blank + 1), signatures: lines.map(parseSignatureLine) };
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = decodeBase64(encoded);
  if (!isKeyName(name) || bytes === undefined || bytes.length < 5) {
    throw new Malformed('a signature line is not "— name base64"');
  }
  return { name, id: bytes.readUInt32BE(0), signature: bytes.subarray(4) };
}

export function formatSignatureLine(name: string, id: number, signature: Uint8Array): string {
  if (!isKeyName(name)) throw new RangeError('not a key name');
  const bytes = Buffer.alloc(4 + signature.length);
  bytes.writeUInt32BE(id, 0);
  bytes.set(signature, 4);
  return `— ${name} ${bytes.toString('base64')}\n`;
}

/** A key we know, which signed the note; with the time it says it did, when it is a witness. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  readonly timestamp?: number;
}

/**
 * The signatures by `keys`, as often as they signed. Throws `Malformed` when any signature that names one of
 * `keys` (by name and id together) is bad. Finding none is the caller's to judge.
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): VerifiedSignature[] {
  const verified: VerifiedSignature[] = [];
  for (const { name, id, signature } of note.signatures) {
    for (const key of keys.filter((known) => known.name === name && known.id === id)) {
      const found = checkSignature(note.text, signature, key);
      if (found === undefined) {
        throw new Malformed(`the signature of ${name} (key ${formatKeyId(id)}) is bad`);
      }
      verified.push(found);
    }
  }
  return verified;
}

function checkSignature(
  text: string,
  signature: Uint8Array,
  key: VerifierKey,
): VerifiedSignature | undefined {
  const publicKey = toKeyObject(key.publicKey);
  if (key.type === 'ed25519') {
    const good = signature.length === 64 && verify(null, Buffer.from(text), publicKey, signature);
    return good ? { key } : undefined;
  }
  const cosignature = readCosignature(signature);
  if (cosignature === undefined) return undefined;
  const message = cosignatureMessage(text, cosignature.timestamp);
  const good = verify(null, Buffer.from(message), publicKey, cosignature.signature);
  // Rounded only where a second more or less of the far future changes nothing.
  return good ? { key, timestamp: Number(cosignature.timestamp) } : undefined;
}
