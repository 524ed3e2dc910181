/**
 * Recomputes a log's tree from its entries and holds every stored tile against it. One bundle is in memory at a
 * time, and one row of 256 hashes a level: a log of ten million entries takes no more than one of a thousand.
 *
 * Where entries are missing, or pruned, the lowest tile that is still there stands in for them. The signed root,
 * which the caller compares, decides whether it told the truth.
 */
import { HASH_BYTES, perfectRoot } from './leaf-hash.ts';
import type { Report } from './report.ts';
import { edgeWidth, rightEdge, rootOfEdge } from './right-edge.ts';
import { differences, filledFrom, firstOf, hashAt, type Row, rowOf, wholeRow } from './row.ts';
import { readStoredTile, type StoredTile, type TileFile } from './stored-tile.ts';
import { findStoredPlaces } from './tile-files.ts';
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
  /** The root that the stored tiles claim, whatever the entries say. */
  storedRoot(): Uint8Array | undefined;
  /** The leaf hash of one of `visit`; nothing when there is none, or nothing that bears it out. */
  leafAt(index: number): Uint8Array | undefined;
  readonly entries: number;
  readonly bundles: number;
  readonly pruned: number;
  readonly tiles: number;
  /** Stored files that begin within the size and go on beyond it. */
  readonly beyond: readonly string[];
  /** Files of what was pruned, when nothing is left that says what should be in them. */
  readonly unchecked: readonly string[];
}

/** A log that lacks this many files is not looked through to the end. */
const MISSING_MAX = 1000;
const ENTRIES = 'tile/entries/';

class TooMuchMissing extends Error {}

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

class Walk implements WalkedTree {
  entries = 0;
  bundles = 0;
  pruned = 0;
  tiles = 0;
  readonly beyond: string[] = [];
  readonly unchecked: string[] = [];
  #missing = 0;
  readonly #report: Report;
  readonly #options: WalkOptions;
  /** By `level/n`: the sizes whose tree has its right edge in this tile. */
  readonly #edges = new Map<string, number[]>();
  /** By size and level: the recomputed hashes on that tree's right edge. */
  readonly #computed = new Map<number, Map<number, Buffer>>();
  /** By level: what the files on the right edge of the whole tree hold. */
  readonly #stored = new Map<number, Buffer>();
  readonly #leaves = new Map<number, Buffer>();
  /** Only for a log that may be pruned: where something is left. */
  readonly #storedPlaces: ReadonlySet<string>;

  constructor(report: Report, options: WalkOptions) {
    this.#report = report;
    this.#options = options;
    this.#storedPlaces =
      options.minIndex > 0 ? findStoredPlaces(options.directory) : new Set<string>();
    for (const size of new Set([...options.rootsAt, options.size])) {
      this.#computed.set(size, new Map());
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
    const levels = this.#computed.get(size);
    return levels && rootOfEdge(size, levels);
  }

  storedRoot(): Uint8Array | undefined {
    return rootOfEdge(this.#options.size, this.#stored);
  }

  leafAt(index: number): Uint8Array | undefined {
    return this.#leaves.get(index);
  }

  /** The first `width` hashes of tile `n` of a level, recomputed as far as that is possible. */
  #row(level: number, n: number, width: number): Row {
    const stored = this.#readTile(level, n, width);
    const bundle = level === 0 ? this.#readBundle(n, width) : undefined;
    const computed = bundle ? this.#leafRow(bundle, n, width) : this.#children(level, n, width);
    const given = chooseFile(stored, width);
    const differing = given === undefined ? [] : differences(computed, given.hashes);
    if (given !== undefined) this.#reportWrong(given, level, n, computed, differing);
    const row = given === undefined ? computed : filledFrom(computed, given.hashes);
    this.#compareOthers(stored, given, row, 'tiles.hash');
    if (bundle) this.#compareOthers(bundle, chooseFile(bundle, width), row, 'entries.hash');
    this.#keepEdges(level, n, row, given);
    if (level === 0) this.#keepLeaves(n, row);
    else if (row.unknown.size > 0) this.#setAside(level, n, row);
    const files = [
      ...(given === undefined ? (computed.filesBelow?.flat() ?? []) : [given.path]),
      ...(computed.files ?? []),
    ];
    const told = { ...row, files };
    return given === undefined || differing.length === 0 ? told : { ...told, stored: given.hashes };
  }

  #children(level: number, n: number, width: number): Row {
    const roots = [];
    const claimed = new Map<number, Buffer>();
    const filesBelow: (readonly string[])[] = [];
    for (let at = 0; at < width; at++) {
      const below = n * TILE_WIDTH + at;
      if (this.#isGone(level - 1, below)) {
        this.pruned += TILE_WIDTH ** (level - 1);
        roots.push(undefined);
        continue;
      }
      const row = this.#row(level - 1, below, TILE_WIDTH);
      roots.push(row.unknown.size === 0 ? perfectRoot(row.hashes, TILE_WIDTH) : undefined);
      if (row.stored !== undefined) claimed.set(at, perfectRoot(row.stored, TILE_WIDTH));
      if (roots[at] !== undefined) filesBelow[at] = row.files ?? [];
    }
    return { ...rowOf(roots), claimed, filesBelow };
  }

  /**
   * Of a row that lacks some hashes, and so has no root, the others lead nowhere: what they were made of may be
   * anything, and must not be taken for the log's.
   */
  #setAside(level: number, n: number, row: Row): void {
    const files = row.filesBelow?.flat() ?? [];
    const bundles = files.filter((path) => path.startsWith(ENTRIES));
    this.unchecked.push(...files);
    this.bundles -= bundles.length;
    this.entries -= bundles.length * TILE_WIDTH;
    const size = TILE_WIDTH ** (level + 1);
    for (const index of this.#leaves.keys()) {
      if (Math.floor(index / size) === n) this.#leaves.delete(index);
    }
  }

  #readBundle(n: number, width: number): StoredTile {
    const stored = readStoredTile(this.#options.directory, 'entries', n);
    for (const { path, message } of stored.faults) {
      this.#report.fail('entries.form', `${path}: ${message}`);
    }
    if (chooseFile(stored, width) === undefined && !faulty(stored, width)) {
      if (this.#mayBePruned(0, n)) this.pruned += 1;
      else this.#reportMissing('entries.missing', entriesPath(n, width));
    }
    return stored;
  }

  /** The leaf hashes of a bundle, from its entries. */
  #leafRow(bundle: StoredTile, n: number, width: number): Row {
    const given = chooseFile(bundle, width);
    if (given === undefined) return rowOf(Array<undefined>(width).fill(undefined));
    this.bundles += 1;
    this.entries += width;
    this.#showEntries(n, given.entries.slice(0, width));
    this.#options.onProgress?.(n * TILE_WIDTH + width);
    return { ...wholeRow(given.hashes.subarray(0, width * HASH_BYTES)), files: [given.path] };
  }

  #showEntries(n: number, entries: readonly Uint8Array[]): void {
    const { visit, onEntry } = this.#options;
    if (visit.size === 0) return;
    entries.forEach((entry, at) => {
      const index = n * TILE_WIDTH + at;
      if (visit.has(index)) onEntry(index, entry);
    });
  }

  #readTile(level: number, n: number, width: number): StoredTile {
    const stored = readStoredTile(this.#options.directory, level, n);
    for (const { path, message } of stored.faults) {
      this.#report.fail('tiles.form', `${path}: ${message}`);
    }
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

  /** Whether a tile was pruned, and with it all that lies below. */
  #isGone(level: number, n: number): boolean {
    return this.#mayBePruned(level, n) && !this.#storedPlaces.has(`${level}/${n}`);
  }

  /** Leftover partial tiles of earlier sizes, and wider ones than this size needs: all must agree. */
  #compareOthers(stored: StoredTile, given: TileFile | undefined, row: Row, id: string): void {
    for (const file of stored.files) {
      if (file.width > row.width) this.beyond.push(file.path);
      const known = firstOf(row, Math.min(file.width, row.width)) !== undefined;
      if (!known && file !== given) this.unchecked.push(file.path);
      const [at] = file === given ? [] : differences(row, file.hashes);
      if (at === undefined) continue;
      this.#report.fail(id, `${file.path}: number ${at} is not what the rest of the log has there`);
    }
  }

  #reportWrong(
    { path, hashes }: TileFile,
    level: number,
    n: number,
    computed: Row,
    differing: readonly number[],
  ): void {
    // When the tile below holds what this one says of it, the fault lies further down and was reported there.
    const wrong = differing.filter((at) => !computed.claimed?.get(at)?.equals(hashAt(hashes, at)));
    const [at] = wrong;
    if (at === undefined) return;
    const index = n * TILE_WIDTH + at;
    const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : '';
    if (level === 0) {
      const bundle = entriesPath(n, computed.width);
      const said = `entry ${index}${more} in ${bundle} does not have the hash that ${path} holds`;
      this.#report.fail('entries.hash', said);
    } else {
      const below = tilePath(level - 1, index);
      this.#report.fail('tiles.hash', `${path}: hash ${at}${more} is not the root of ${below}`);
    }
  }

  #reportMissing(id: string, path: string): void {
    this.#report.fail(id, `${path} is missing`);
    this.#missing += 1;
    if (this.#missing >= MISSING_MAX) throw new TooMuchMissing();
  }

  #keepEdges(level: number, n: number, row: Row, given: TileFile | undefined): void {
    for (const size of this.#edges.get(`${level}/${n}`) ?? []) {
      const hashes = firstOf(row, edgeWidth(size, level));
      if (hashes !== undefined) this.#computed.get(size)?.set(level, Buffer.from(hashes));
      if (given !== undefined && size === this.#options.size) this.#stored.set(level, given.hashes);
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

/** The file that a client would fetch: the one of the right width, else the full one. */
function chooseFile({ files }: StoredTile, width: number): TileFile | undefined {
  return (
    files.find((file) => file.width === width) ?? files.find((file) => file.width === TILE_WIDTH)
  );
}

/** Whether the file that a client would fetch is there and unreadable, which was reported as just that. */
function faulty({ faults }: StoredTile, width: number): boolean {
  return faults.some((fault) => fault.width === width || fault.width === TILE_WIDTH);
}
