/** What else lies in a log's directory: tiles beyond the checkpoint, links, and files that are no tiles. */
import { Malformed } from './malformed.ts';
import { errorCode } from './regular-file.ts';
import type { Report } from './report.ts';
import { findFiles } from './tile-files.ts';
import { parseTilePath, TILE_WIDTH } from './tile-path.ts';

export interface StrayFiles {
  /** Tiles and bundles that begin beyond the size. Those that begin before it are the walk's. */
  readonly beyond: readonly string[];
  /** Files below `tile/` which no client would ever fetch. */
  readonly strange: readonly string[];
}

export function findStrayFiles(report: Report, directory: string, size: number): StrayFiles {
  const beyond: string[] = [];
  const strange: string[] = [];
  const files = findFiles(directory, (path, error) =>
    report.fail('layout.read', `${path} cannot be listed (${errorCode(error)})`),
  );
  for (const { path, isLink } of files) {
    if (isLink) report.fail('layout.link', `${path} is a symbolic link`);
    else if (isBeyond(path, size, strange)) beyond.push(path);
  }
  return { beyond, strange };
}

function isBeyond(path: string, size: number, strange: string[]): boolean {
  try {
    const { level, n } = parseTilePath(path);
    const hashes = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** level);
    return n * TILE_WIDTH >= hashes;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    strange.push(path);
    return false;
  }
}
