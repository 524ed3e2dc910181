/** Which files lie below a log's `tile/`, whatever they are. */
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Malformed } from './malformed.ts';
import { parseTilePath, TILE_WIDTH } from './tile-path.ts';

export interface FoundFile {
  /** Below the log's directory. */
  readonly path: string;
  /** A symbolic link, which is not followed. */
  readonly isLink: boolean;
}

/** `onFault` hears of directories that cannot be listed. */
export function* findFiles(
  directory: string,
  onFault: (path: string, error: unknown) => void,
): Generator<FoundFile> {
  const list = (path: string): Dirent[] => {
    try {
      return readdirSync(join(directory, path), { withFileTypes: true });
    } catch (error) {
      onFault(path, error);
      return [];
    }
  };
  function* look(path: string, entry: Dirent): Generator<FoundFile> {
    if (!entry.isDirectory()) yield { path, isLink: entry.isSymbolicLink() };
    else for (const below of list(path)) yield* look(`${path}/${below.name}`, below);
  }
  for (const entry of list('.')) if (entry.name === 'tile') yield* look('tile', entry);
}

/**
 * Where in the tree something is stored: `level/n` of every tile and bundle, and of every tile above one. A log
 * says its own size; what it says is gone must cost no more than what is there.
 */
export function findStoredPlaces(directory: string): ReadonlySet<string> {
  const places = new Set<string>();
  // What cannot be listed fails when the directory is looked through for strays.
  for (const { path } of findFiles(directory, () => undefined)) {
    const name = nameOf(path);
    if (name === undefined) continue;
    let { n } = name;
    let level = name.level === 'entries' ? 0 : name.level;
    while (level <= LEVEL_MAX && !places.has(`${level}/${n}`)) {
      places.add(`${level}/${n}`);
      n = Math.floor(n / TILE_WIDTH);
      level += 1;
    }
  }
  return places;
}

/** No tree of up to 2^53 entries has a tile above this level. */
const LEVEL_MAX = 6;

function nameOf(path: string): ReturnType<typeof parseTilePath> | undefined {
  try {
    return parseTilePath(path);
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}
