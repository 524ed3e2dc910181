/** Checkpoints (C2SP tlog-checkpoint): which log, how many entries, and the root of its tree, in a signed note. */
import { decodeBase64 } from './hash-text.ts';
import { HASH_BYTES } from './leaf-hash.ts';
import { Malformed } from './malformed.ts';

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Lines after the third: signed, and opaque to us. */
  readonly extensions: readonly string[];
}

/** Reads the text of a note. Sizes above 2^53 are refused rather than rounded. */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Malformed('does not end in a newline');
  const [origin = '', sizeText = '', rootText = '', ...extensions] = lines;
  if (lines.length < 3) throw new Malformed('fewer than three lines');
  if (origin === '') throw new Malformed('the origin is empty');
  const size = parseDecimal(sizeText);
  if (size === undefined) throw new Malformed('the size is not a plain number up to 2^53');
  const root = decodeBase64(rootText);
  if (root?.length !== HASH_BYTES) throw new Malformed('the root is not the base64 of 32 bytes');
  if (extensions.includes('')) throw new Malformed('an extension line is empty');
  return { origin, size, root, extensions };
}

/** Digits without a sign, a space or a leading zero. */
export function parseDecimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function formatCheckpointBody(
  checkpoint: Omit<Checkpoint, 'extensions'> & Partial<Pick<Checkpoint, 'extensions'>>,
): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  const encoded = Buffer.from(root).toString('base64');
  const text = `${[origin, String(size), encoded, ...extensions].join('\n')}\n`;
  const read = parseCheckpoint(text);
  // An origin or an extension with a newline in it would say something else than was meant.
  if (read.origin !== origin || read.extensions.length !== extensions.length) {
    throw new Malformed('a line has a newline in it');
  }
  return text;
}
