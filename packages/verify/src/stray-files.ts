/** What else lies in a log's directory: tiles beyond the checkpoint, links, and files that are no tiles. */
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Malformed } from './malformed.ts';
import { errorCode } from './regular-file.ts';
import type { Report } from './report.ts';
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
  const look = (path: string): void => {
    for (const entry of list(report, directory, path)) {
      const below = `${path}/${entry.name}`;
      if (entry.isSymbolicLink()) report.fail('layout.link', `${below} is a symbolic link`);
      else if (entry.isDirectory()) look(below);
      else if (isBeyond(below, size, strange)) beyond.push(below);
    }
  };
  const top = list(report, directory, '.').find(({ name }) => name === 'tile');
  if (top?.isSymbolicLink()) report.fail('layout.link', 'tile is a symbolic link');
  else if (top !== undefined) look('tile');
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

function list(report: Report, directory: string, path: string): Dirent[] {
  try {
    return readdirSync(join(directory, path), { withFileTypes: true });
  } catch (error) {
    report.fail('layout.read', `${path} cannot be listed (${errorCode(error)})`);
    return [];
  }
}
