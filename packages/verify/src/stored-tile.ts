/** The files of a log's directory that hold one tile or one bundle: the full one and any partial ones. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_BYTES_MAX, hashBundle, parseBundle } from './entry-bundle.ts';
import { HASH_BYTES } from './leaf-hash.ts';
import { Malformed } from './malformed.ts';
import { errorCode, readRegularFile } from './regular-file.ts';
import { entriesPath, TILE_WIDTH, tilePath } from './tile-path.ts';

export interface TileFile {
  readonly path: string;
  readonly width: number;
  /** `width` hashes; of a bundle, those of its entries. */
  readonly hashes: Buffer;
  /** Only of a bundle. */
  readonly entries: readonly Uint8Array[];
}

export interface TileFault {
  readonly path: string;
  readonly width: number;
  readonly message: string;
}

export interface StoredTile {
  readonly files: readonly TileFile[];
  readonly faults: readonly TileFault[];
}

/** Every stored form of tile `n` of a level, each parsed in full, whatever its width. */
export function readStoredTile(
  directory: string,
  level: number | 'entries',
  n: number,
): StoredTile {
  const pathOf = level === 'entries' ? entriesPath : tilePath.bind(undefined, level);
  const bytesMax = level === 'entries' ? BUNDLE_BYTES_MAX : TILE_WIDTH * HASH_BYTES;
  const files: TileFile[] = [];
  const faults: TileFault[] = [];
  const widths = partialWidths(join(directory, `${pathOf(n)}.p`), faults);
  for (const width of [...widths, TILE_WIDTH]) {
    const path = pathOf(n, width);
    try {
      const bytes = readRegularFile(join(directory, path), bytesMax);
      if (bytes === undefined) continue;
      files.push({
        path,
        width,
        ...(level === 'entries' ? bundle(bytes, width) : tile(bytes, width)),
      });
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      faults.push({ path, width, message: error.message });
    }
  }
  return { files, faults };
}

function tile(bytes: Buffer, width: number): Pick<TileFile, 'hashes' | 'entries'> {
  if (bytes.length !== width * HASH_BYTES) {
    throw new Malformed(`${bytes.length} bytes, ${width} hashes are ${width * HASH_BYTES}`);
  }
  return { hashes: bytes, entries: [] };
}

function bundle(bytes: Buffer, width: number): Pick<TileFile, 'hashes' | 'entries'> {
  const entries = parseBundle(bytes, width);
  return { entries, hashes: hashBundle(bytes, entries) };
}

function partialWidths(directory: string, faults: TileFault[]): number[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      faults.push({ path: directory, width: 0, message: `cannot be listed (${code})` });
    }
    return [];
  }
  return names
    .filter((name) => /^([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
