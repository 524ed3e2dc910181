/**
 * Recomputes a log's tree from its entries and holds every stored tile against it. One bundle is in memory at a
 * time, and one row of 256 hashes a level: a log of ten million entries takes no more than one of a thousand.
 *
 * In a pruned log, where entries are gone, the lowest tile that is still there stands in for them. The signed
 * root, which the caller compares, decides whether it told the truth.
 */
import { CompactTree } from './compact-tree.ts';
import { HASH_BYTES, perfectRoot } from './leaf-hash.ts';
import type { Report } from './report.ts';
import { differences, filledFrom, firstOf, hashAt, type Row, rowOf, wholeRow } from './row.ts';
import { readStoredTile, type StoredTile, type TileFile } from './stored-tile.ts';
import { entriesPath, TILE_WIDTH, tilePath } from './tile-path.ts';

export interface WalkOptions {
  readonly directory: string;
  readonly size: number;
  /** Whole bundles and full tiles that end at or before this index may be gone. */
  readonly minIndex: number;
  /** Sizes up to `size` at which the caller wants to know the root. */
  readonly rootsAt: ReadonlySet<number>;
  /** Entries that the caller wants to see. */
  readonly visit: ReadonlySet<number>;
  readonly onEntry: (index: number, entry: Uint8Array) => void;
  readonly onProgress?: ((entries: number) => void) | undefined;
}

export interface WalkedTree {
  /** The root at one of `rootsAt`, or at the whole size; nothing when too much is missing to know. */
  rootAt(size: number): Uint8Array | undefined;
  /** The leaf hash of one of `visit`. */
  leafAt(index: number): Uint8Array | undefined;
  readonly entries: number;
  readonly bundles: number;
  readonly pruned: number;
  readonly tiles: number;
  /** Stored files that go on beyond the size. */
  readonly beyond: readonly string[];
}

/** A log that lacks this many files is not looked through to the end. */
const MISSING_MAX = 1000;

export function walkTree(report: Report, options: WalkOptions): WalkedTree {
  const walk = new Walk(report, options);
  try {
    walk.run();
  } catch (error) {
    if (!(error instanceof TooMuchMissing)) throw error;
    report.fail('entries.missing', `gave up after ${MISSING_MAX} missing files`);
  }
  return walk;
}

class TooMuchMissing extends Error {}

class Walk implements WalkedTree {
  entries = 0;
  bundles = 0;
  pruned = 0;
  tiles = 0;
  readonly beyond: string[] = [];
  #missing = 0;
  readonly #report: Report;
  readonly #options: WalkOptions;
  /** By `level/n`: the sizes whose tree has its right edge in this tile. */
  readonly #edges = new Map<string, number[]>();
  /** By size and level: the hashes on that tree's right edge. */
  readonly #edgeHashes = new Map<number, Map<number, Buffer>>();
  readonly #leaves = new Map<number, Buffer>();

  constructor(report: Report, options: WalkOptions) {
    this.#report = report;
    this.#options = options;
    for (const size of new Set([...options.rootsAt, options.size])) {
      this.#edgeHashes.set(size, new Map());
      for (const { level, n } of rightEdge(size)) {
        const sizes = this.#edges.get(`${level}/${n}`) ?? [];
        this.#edges.set(`${level}/${n}`, [...sizes, size]);
      }
    }
  }

  run(): void {
    for (const { level, n, width } of rightEdge(this.#options.size)) this.#row(level, n, width);
  }

  rootAt(size: number): Uint8Array | undefined {
    const tree = new CompactTree();
    const levels = this.#edgeHashes.get(size);
    for (const { level, width } of rightEdge(size)) {
      const hashes = levels?.get(level);
      if (hashes === undefined) return undefined;
      for (let at = 0; at < width; at++) tree.append(hashAt(hashes, at), 8 * level);
    }
    return tree.root();
  }

  leafAt(index: number): Uint8Array | undefined {
    return this.#leaves.get(index);
  }

  /** The first `width` hashes of tile `n` of a level, recomputed as far as that is possible. */
  #row(level: number, n: number, width: number): Row {
    const stored = this.#readTile(level, n, width);
    const computed = level === 0 ? this.#bundle(n, width) : this.#children(level, n, width);
    const given = chooseFile(stored, width);
    const wrong = given === undefined ? [] : differences(computed, given.hashes);
    if (given && wrong.length > 0) this.#reportWrong(given.path, level, n, wrong);
    const row = given === undefined ? computed : filledFrom(computed, given.hashes);
    this.#compareOthers(stored, given, row, 'tiles.hash');
    this.#keepEdges(level, n, row);
    if (level === 0) this.#keepLeaves(n, row);
    return row;
  }

  #children(level: number, n: number, width: number): Row {
    const roots = [];
    for (let at = 0; at < width; at++) {
      const row = this.#row(level - 1, n * TILE_WIDTH + at, TILE_WIDTH);
      roots.push(row.unknown.size === 0 ? perfectRoot(row.hashes, TILE_WIDTH) : undefined);
    }
    return rowOf(roots);
  }

  /** The leaf hashes of a bundle, from its entries. */
  #bundle(n: number, width: number): Row {
    const { directory, visit, onEntry, onProgress } = this.#options;
    const stored = readStoredTile(directory, 'entries', n);
    for (const { path, message } of stored.faults)
      this.#report.fail('entries.form', `${path}: ${message}`);
    const given = chooseFile(stored, width);
    if (given === undefined) {
      if (this.#mayBePruned(0, n) && stored.faults.length === 0) this.pruned += 1;
      else if (!faulty(stored, width))
        this.#reportMissing('entries.missing', entriesPath(n, width));
      return rowOf(Array<undefined>(width).fill(undefined));
    }
    this.bundles += 1;
    this.entries += width;
    const first = n * TILE_WIDTH;
    if (visit.size > 0) {
      given.entries.slice(0, width).forEach((entry, at) => {
        if (visit.has(first + at)) onEntry(first + at, entry);
      });
    }
    const row = wholeRow(given.hashes.subarray(0, width * HASH_BYTES));
    this.#compareOthers(stored, given, row, 'entries.hash');
    onProgress?.(first + width);
    return row;
  }

  #readTile(level: number, n: number, width: number): StoredTile {
    const stored = readStoredTile(this.#options.directory, level, n);
    for (const { path, message } of stored.faults)
      this.#report.fail('tiles.form', `${path}: ${message}`);
    if (chooseFile(stored, width)) this.tiles += 1;
    else if (!this.#mayBePruned(level, n) && !faulty(stored, width)) {
      this.#reportMissing('tiles.missing', tilePath(level, n, width));
    }
    return stored;
  }

  /** C2SP tlog-tiles, "Pruning": by where the full tile ends, even if this one is partial. */
  #mayBePruned(level: number, n: number): boolean {
    return (n + 1) * TILE_WIDTH ** (level + 1) <= this.#options.minIndex;
  }

  /** Leftover partial tiles of earlier sizes, and wider ones than this size needs: all must agree. */
  #compareOthers(stored: StoredTile, given: TileFile | undefined, row: Row, id: string): void {
    for (const file of stored.files) {
      if (file.width > row.width) this.beyond.push(file.path);
      const [at] = file === given ? [] : differences(row, file.hashes);
      if (at === undefined) continue;
      this.#report.fail(id, `${file.path}: number ${at} is not what the rest of the log has there`);
    }
  }

  #reportWrong(path: string, level: number, n: number, wrong: readonly number[]): void {
    const [at = 0] = wrong;
    const index = n * TILE_WIDTH + at;
    const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
    if (level === 0) {
      this.#report.fail(
        'entries.hash',
        `entry ${index}${more}: ${entriesPath(n)} and ${path} do not agree; one of them was changed`,
      );
    } else {
      this.#report.fail(
        'tiles.hash',
        `${path}: hash ${at}${more} is not the root of ${tilePath(level - 1, index)}`,
      );
    }
  }

  #reportMissing(id: string, path: string): void {
    this.#report.fail(id, `${path} is missing`);
    this.#missing += 1;
    if (this.#missing >= MISSING_MAX) throw new TooMuchMissing();
  }

  #keepEdges(level: number, n: number, row: Row): void {
    for (const size of this.#edges.get(`${level}/${n}`) ?? []) {
      const hashes = firstOf(row, edgeWidth(size, level));
      if (hashes !== undefined) this.#edgeHashes.get(size)?.set(level, Buffer.from(hashes));
    }
  }

  #keepLeaves(n: number, row: Row): void {
    if (this.#options.visit.size === 0) return;
    for (let at = 0; at < row.width; at++) {
      const index = n * TILE_WIDTH + at;
      if (row.unknown.has(at) || !this.#options.visit.has(index)) continue;
      this.#leaves.set(index, Buffer.from(hashAt(row.hashes, at)));
    }
  }
}

interface Edge {
  readonly level: number;
  readonly n: number;
  readonly width: number;
}

/** The partial tiles of a tree, the highest level first; together they are the whole tree. */
function rightEdge(size: number): Edge[] {
  const edges = [];
  for (let level = 0; size >= TILE_WIDTH ** level; level++) {
    const width = edgeWidth(size, level);
    if (width > 0) edges.unshift({ level, n: Math.floor(size / TILE_WIDTH ** (level + 1)), width });
  }
  return edges;
}

function edgeWidth(size: number, level: number): number {
  return Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH;
}

/** The file that a client would fetch: the one of the right width, else the full one. */
function chooseFile({ files }: StoredTile, width: number): TileFile | undefined {
  return (
    files.find((file) => file.width === width) ?? files.find((file) => file.width === TILE_WIDTH)
  );
}

/** Whether the file that a client would fetch is there and unreadable, which was reported as just that. */
function faulty({ faults }: StoredTile, width: number): boolean {
  const suffix = width === TILE_WIDTH ? /\/\d{3}$/ : new RegExp(`/\\d{3}(\\.p/${width})?$`);
  return faults.some(({ path }) => suffix.test(path));
}
