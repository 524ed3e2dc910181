/** Writes honest logs, in every variety that is legal, for the tests to read and to tamper with. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { plainLeaf, plainRoot } from './plain-tree.ts';
import { makeSigner, type Signer } from './signer.ts';

export const ORIGIN = 'log.example/tenant-a/security';
export const LOG_KEY = makeSigner(ORIGIN);

export function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'bulkhead-verify-'));
}

export function write(directory: string, path: string, bytes: Uint8Array | string): string {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  return file;
}

/** Entries like the real ones: JSON of an event, each another. */
export function someEntries(count: number, seed = 'a'): Buffer[] {
  return Array.from({ length: count }, (_, at) =>
    Buffer.from(JSON.stringify({ id: `${seed}-${at}`, action: 'invoice.read', at })),
  );
}

export interface LogShape {
  readonly entries: readonly Buffer[];
  /** How many of the entries the checkpoint signs for; all when left out. */
  readonly size?: number;
  /** Sizes at which partial tiles were published as well. */
  readonly earlierSizes?: readonly number[];
  readonly origin?: string;
  readonly signer?: Signer;
  readonly extensions?: readonly string[];
  /** More signature lines, over the note's text. */
  readonly moreSignatures?: (text: string) => string;
}

export function checkpointText(
  entries: readonly Buffer[],
  size = entries.length,
  origin = ORIGIN,
  extensions: readonly string[] = [],
): string {
  const root = plainRoot(entries.slice(0, size).map(plainLeaf)).toString('base64');
  return `${[origin, String(size), root, ...extensions].join('\n')}\n`;
}

export function signedCheckpoint(shape: LogShape): string {
  const { entries, size, origin, signer = LOG_KEY, extensions, moreSignatures } = shape;
  const text = checkpointText(entries, size, origin, extensions);
  return `${text}\n${signer.sign(text)}${moreSignatures?.(text) ?? ''}`;
}

export function buildLog(shape: LogShape, directory = newDirectory()): string {
  const { entries, size = entries.length, earlierSizes = [] } = shape;
  const leaves = entries.map(plainLeaf);
  for (const published of new Set([size, entries.length, ...earlierSizes])) {
    writeTiles(directory, leaves.slice(0, published));
    writeBundles(directory, entries.slice(0, published));
  }
  write(directory, 'checkpoint', signedCheckpoint(shape));
  return directory;
}

const numbered = (n: number): string => {
  const text = String(n).padStart(Math.max(3, Math.ceil(String(n).length / 3) * 3), '0');
  const groups = text.match(/.{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
};

function writeTiles(directory: string, leaves: readonly Buffer[]): void {
  let row = leaves;
  for (let level = 0; row.length > 0; level++) {
    const above: Buffer[] = [];
    for (let n = 0; n * 256 < row.length; n++) {
      const tile = row.slice(n * 256, (n + 1) * 256);
      const partial = tile.length === 256 ? '' : `.p/${tile.length}`;
      write(directory, `tile/${level}/${numbered(n)}${partial}`, Buffer.concat(tile));
      if (tile.length === 256) above.push(plainRoot(tile));
    }
    row = above;
  }
}

export function encodeEntries(entries: readonly Uint8Array[]): Buffer {
  const length = (entry: Uint8Array): Buffer => Buffer.of(entry.length >> 8, entry.length & 0xff);
  return Buffer.concat(entries.flatMap((entry) => [length(entry), entry]));
}

function writeBundles(directory: string, entries: readonly Buffer[]): void {
  for (let n = 0; n * 256 < entries.length; n++) {
    const bundle = entries.slice(n * 256, (n + 1) * 256);
    const partial = bundle.length === 256 ? '' : `.p/${bundle.length}`;
    write(directory, `tile/entries/${numbered(n)}${partial}`, encodeEntries(bundle));
  }
}
