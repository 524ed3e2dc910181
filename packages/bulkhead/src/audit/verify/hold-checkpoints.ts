/** Every checkpoint of a log: who signed it, for which log, and whether the leaves make the tree that it says. */
import {
  parseCheckpoint,
  parseNote,
  TILE_WIDTH,
  type VerifierKey,
  verifyNote,
} from 'bulkhead-verify';
import { moment } from '../../kernel/moment.ts';
import type { LogName } from '../log/log-name.ts';
import { rootOfFrontier } from '../log/tiled-tree.ts';
import type { Query } from '../open/event-opener.ts';
import type { Findings } from './findings.ts';
import type { Walked } from './walk-leaves.ts';

export interface KeptCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  /** What the signer goes on from. */
  readonly frontier: Buffer;
  readonly note: string;
}

/** Logs are signed once or twice a second; what nobody has signed for so long is worth more than a note. */
const UNSIGNED = "interval '5 minutes'";

export async function readCheckpoints(query: Query, log: LogName): Promise<KeptCheckpoint[]> {
  const { rows } = await query(
    'select size, root, frontier, note from bulkhead.audit_checkpoint where tenant_id = $1 and class = $2 order by size',
    [log.tenant, log.class],
  );
  return rows.map((row) => ({
    size: Number(row.size),
    root: row.root as Buffer,
    frontier: row.frontier as Buffer,
    note: String(row.note),
  }));
}

/** Leaves that no checkpoint covers, and have waited for longer than signing takes: since when. */
export async function readOverdue(query: Query, log: LogName): Promise<string | undefined> {
  const { rows } = await query(
    `select ${moment('c.sequenced_at')} as since
       from (select coalesce(max(size), 0) as size from bulkhead.audit_checkpoint
              where tenant_id = $1 and class = $2) as signed
      cross join lateral (
        select k.sequenced_at from bulkhead.audit_chunk k
         where k.tenant_id = $1 and k.class = $2 and k.first > signed.size - ${TILE_WIDTH}
           and k.first > signed.size - k.count
         order by k.first limit 1) as c
      where c.sequenced_at < now() - ${UNSIGNED}`,
    [log.tenant, log.class],
  );
  return rows[0] === undefined ? undefined : String(rows[0].since);
}

export function holdCheckpoints(
  findings: Findings,
  checkpoints: readonly KeptCheckpoint[],
  walked: Walked,
  of: {
    readonly origin: string;
    readonly keys: readonly VerifierKey[];
    readonly overdue: string | undefined;
  },
): void {
  for (const checkpoint of checkpoints) holdOne(findings, checkpoint, walked, of);
  const last = checkpoints.at(-1);
  const unsigned = walked.size - (last?.size ?? 0);
  if (of.overdue !== undefined) {
    findings.fail(
      'checkpoint.missing',
      `${unsigned} leaves are not signed, since ${of.overdue}: nobody signs, or checkpoints were deleted`,
    );
  } else if (unsigned > 0) {
    findings.note('checkpoint.missing', `${unsigned} leaves are not signed yet`);
  }
  if (last === undefined) return;
  const others = ['checkpoint.form', 'checkpoint.origin', 'checkpoint.signature'] as const;
  findings.pass(
    'checkpoint.root',
    `${checkpoints.length} checkpoints, the last over ${last.size}`,
    [...others, 'checkpoint.size'],
  );
}

function holdOne(
  findings: Findings,
  { size, root, frontier, note }: KeptCheckpoint,
  walked: Walked,
  { origin, keys }: { readonly origin: string; readonly keys: readonly VerifierKey[] },
): void {
  const where = `the checkpoint over ${size} leaves`;
  let said: ReturnType<typeof parseCheckpoint>;
  let signed: boolean | undefined;
  try {
    const parsed = parseNote(note);
    said = parseCheckpoint(parsed.text);
    signed = signedBy(parsed, keys);
  } catch {
    findings.fail('checkpoint.form', `${where} is no checkpoint`);
    return;
  }
  if (said.origin !== origin) findings.fail('checkpoint.origin', `${where} is of ${said.origin}`);
  else if (keys.length > 0 && signed !== true) {
    findings.fail('checkpoint.signature', `${where} is not signed by a key of the log`);
  }
  if (said.size !== size || !root.equals(said.root)) {
    findings.fail(
      'checkpoint.form',
      `${where} says another size or root in its row than in its note`,
    );
  }
  if (!isFrontierOf(root, size, frontier)) {
    findings.fail('checkpoint.form', `${where} has the frontier of another tree in its row`);
  }
  if (size > walked.size) {
    findings.fail('checkpoint.size', `${where} covers more than the ${walked.size} that are there`);
    return;
  }
  const meant = walked.rootAt(size);
  if (meant !== undefined && !Buffer.from(said.root).equals(meant)) {
    findings.fail('checkpoint.root', `the first ${size} leaves are not those that were signed`);
  }
}

/** Else the signer, which goes on from it, refuses the log for ever. */
function isFrontierOf(root: Buffer, size: number, frontier: Buffer): boolean {
  try {
    return root.equals(rootOfFrontier(size, frontier));
  } catch {
    return false;
  }
}

/** Undefined: by nobody known; false: with a bad signature of one who is. */
function signedBy(
  note: ReturnType<typeof parseNote>,
  keys: readonly VerifierKey[],
): boolean | undefined {
  try {
    return verifyNote(note, keys).length > 0 ? true : undefined;
  } catch {
    return false;
  }
}
