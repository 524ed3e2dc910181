/** Every checkpoint of a log: who signed it, for which log, and whether the leaves make the tree that it says. */
import { parseCheckpoint, parseNote, type VerifierKey, verifyNote } from 'bulkhead-verify';
import type { LogName } from '../log/log-name.ts';
import type { Query } from '../open/event-opener.ts';
import type { Findings } from './findings.ts';
import type { Walked } from './walk-leaves.ts';

export interface KeptCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

export async function readCheckpoints(query: Query, log: LogName): Promise<KeptCheckpoint[]> {
  const { rows } = await query(
    'select size, root, note from bulkhead.audit_checkpoint where tenant_id = $1 and class = $2 order by size',
    [log.tenant, log.class],
  );
  return rows.map((row) => ({
    size: Number(row.size),
    root: row.root as Buffer,
    note: String(row.note),
  }));
}

export function holdCheckpoints(
  findings: Findings,
  checkpoints: readonly KeptCheckpoint[],
  walked: Walked,
  of: { readonly origin: string; readonly keys: readonly VerifierKey[] },
): void {
  for (const checkpoint of checkpoints) holdOne(findings, checkpoint, walked, of);
  const last = checkpoints.at(-1);
  if (last === undefined) {
    if (walked.size > 0) findings.note('checkpoint.missing', 'no checkpoint was signed yet');
    return;
  }
  const others = ['checkpoint.form', 'checkpoint.origin', 'checkpoint.signature'] as const;
  findings.pass(
    'checkpoint.root',
    `${checkpoints.length} checkpoints, the last over ${last.size}`,
    [...others, 'checkpoint.size'],
  );
  if (last.size < walked.size) {
    findings.note('checkpoint.missing', `${walked.size - last.size} leaves are not signed yet`);
  }
}

function holdOne(
  findings: Findings,
  { size, root, note }: KeptCheckpoint,
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
  if (size > walked.size) {
    findings.fail('checkpoint.size', `${where} covers more than the ${walked.size} that are there`);
    return;
  }
  const meant = walked.rootAt(size);
  if (meant !== undefined && !Buffer.from(said.root).equals(meant)) {
    findings.fail('checkpoint.root', `the first ${size} leaves are not those that were signed`);
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
