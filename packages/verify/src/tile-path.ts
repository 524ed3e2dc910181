/**
 * Where things lie in a log's directory, by C2SP tlog-tiles. A tile holds up to 256 hashes of one level; tile
 * levels are eight tree levels apart. The last tile of a level may be partial and says its width in its path.
 */
import { Malformed } from './malformed.ts';

export const TILE_WIDTH = 256;

/** `tile/<level>/<n>`, with `.p/<width>` when the tile is partial. */
export function tilePath(level: number, n: number, width = TILE_WIDTH): string {
  if (!Number.isInteger(level) || level < 0 || level > 63)
    throw new RangeError('levels are 0 to 63');
  return `tile/${level}/${tileNumber(n)}${partialSuffix(width)}`;
}

/** `tile/entries/<n>`, with `.p/<width>` when the bundle is partial. */
export function entriesPath(n: number, width = TILE_WIDTH): string {
  return `tile/entries/${tileNumber(n)}${partialSuffix(width)}`;
}

/** 1234067 is `x001/x234/067`: three digits a directory, all but the last marked with an x. */
function tileNumber(n: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError('a tile has a whole number');
  const groups = [];
  let rest = n;
  do {
    groups.unshift(String(rest % 1000).padStart(3, '0'));
    rest = Math.floor(rest / 1000);
  } while (rest > 0);
  return groups.map((digits, at) => (at < groups.length - 1 ? `x${digits}` : digits)).join('/');
}

function partialSuffix(width: number): string {
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new RangeError('a tile is 1 to 256 wide');
  }
  return width === TILE_WIDTH ? '' : `.p/${width}`;
}

export interface TileName {
  readonly level: number | 'entries';
  readonly n: number;
  readonly width: number;
}

/** The tile that a path below the log's directory names; only the one right spelling is taken. */
export function parseTilePath(path: string): TileName {
  const match = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match) {
    const [, levelText = '', number = '', widthText] = match;
    const level = levelText === 'entries' ? 'entries' : Number(levelText);
    const n = Number(number.replace(/[x/]/g, ''));
    const width = widthText === undefined ? TILE_WIDTH : Number(widthText);
    if (Number.isSafeInteger(n) && (level === 'entries' || level <= 63) && width >= 1) {
      const spelled = level === 'entries' ? entriesPath : tilePath.bind(undefined, level);
      // Not `.p/256`, not `.p/07`, not `x000/001`: a second spelling of a tile is no tile.
      if (width <= TILE_WIDTH && spelled(n, width) === path) return { level, n, width };
    }
  }
  throw new Malformed('not the path of a tile');
}
