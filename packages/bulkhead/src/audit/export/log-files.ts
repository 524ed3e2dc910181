/**
 * The files of a log by C2SP tlog-tiles, as the tables have them: nothing is recomputed, so that whoever checks
 * the export checks the tables.
 */
import { encodeBundle, entriesPath, parseBundle, TILE_WIDTH, tilePath } from 'bulkhead-verify';
import { auditError } from '../errors.ts';
import type { LogName } from '../log/log-name.ts';
import { type LogQueryable, readTile } from '../log/tree-reader.ts';

export interface LogFile {
  readonly path: string;
  /** Leaves that it moves the export on by; none for tiles above the leaves. */
  readonly leaves: number;
  read(): Promise<Buffer>;
}

/** Bundles of entries from leaf `first` on, and all tiles, of the tree of `size` leaves. */
export function* logFiles(
  db: LogQueryable,
  log: LogName,
  size: number,
  first: number,
): Generator<LogFile> {
  for (let level = 0, nodes = size; nodes > 0; level += 1, nodes = Math.floor(nodes / TILE_WIDTH)) {
    for (let n = 0; n * TILE_WIDTH < nodes; n += 1) {
      const width = Math.min(TILE_WIDTH, nodes - n * TILE_WIDTH);
      yield {
        path: tilePath(level, n, width),
        leaves: 0,
        read: () => readTile(db, log, { level, n, width }),
      };
    }
  }
  for (let n = Math.floor(first / TILE_WIDTH); n * TILE_WIDTH < size; n += 1) {
    const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH);
    yield { path: entriesPath(n, width), leaves: width, read: () => readBundle(db, log, n, width) };
  }
}

/** @throws `audit.log_damaged` when it has fewer entries than it should. */
async function readBundle(
  db: LogQueryable,
  log: LogName,
  n: number,
  width: number,
): Promise<Buffer> {
  const { rows } = await db.query(
    `select entries from bulkhead.audit_chunk
      where tenant_id = $1 and class = $2 and first >= $3 and first < $4 order by first`,
    [log.tenant, log.class, n * TILE_WIDTH, n * TILE_WIDTH + width],
  );
  const bundle = Buffer.concat(rows.map((row) => row.entries as Buffer));
  let entries: Uint8Array[];
  try {
    entries = parseBundle(bundle);
  } catch (cause) {
    throw damaged(n, cause);
  }
  if (entries.length < width) throw damaged(n);
  return entries.length === width ? bundle : encodeBundle(entries.slice(0, width));
}

function damaged(n: number, cause?: unknown): Error {
  const from = n * TILE_WIDTH;
  return auditError('audit.log_damaged', {
    message: `The leaves from ${from} on are not all there.`,
    cause,
  });
}
