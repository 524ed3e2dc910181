/**
 * Exports a tenant's log for an auditor: a directory that `bulkhead-verify log` checks without us.
 *
 * Promises: the directory appears when it is whole and not before; memory is bounded whatever the log's size;
 * a run that was cut off goes on with the checkpoint that it had. Does not promise that the log is sound: the
 * directory says what the tables say, and `checkExport` asks the verifier about it.
 */

import { readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  entriesPath,
  type GivenFile,
  parseBundle,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  TILE_WIDTH,
  type Verdict,
  verifyLog,
} from 'bulkhead-verify';
import { auditError } from '../errors.ts';
import type { LogName } from '../log/log-name.ts';
import { proveInclusion } from '../log/prove-log.ts';
import type { Query } from '../open/event-opener.ts';
import type { KeyWrapper } from '../vault/key-wrapper.ts';
import { auditorReadme, type ExportManifest } from './auditor-readme.ts';
import { leavesOfTime, type TimeRange } from './leaf-range.ts';
import { logFiles } from './log-files.ts';
import { openStaging, type Staging } from './staging.ts';
import { type OpeningsCount, openingLines } from './write-openings.ts';

export interface ExportOptions extends TimeRange {
  readonly query: Query;
  readonly log: LogName;
  readonly directory: string;
  readonly verifierKeys: readonly string[];
  /** Without it personal values are left out. */
  readonly wrapper: KeyWrapper | undefined;
  /** Events of which to write an inclusion proof each. */
  readonly prove: readonly string[];
  readonly nowMs: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((leaves: number, total: number) => void) | undefined;
}

export interface Exported {
  readonly manifest: ExportManifest;
  /** What the verifier said, unless no key was known. */
  readonly verdict: Verdict | undefined;
  readonly resumed: boolean;
}

interface Plan {
  readonly size: number;
  readonly first: number;
  readonly end: number;
  readonly note: string;
  readonly exportedAt: string;
}

/** @throws `audit.leaf_absent`, `audit.log_damaged`, `audit.export_exists`, `audit.export_refused` */
export async function exportLog(options: ExportOptions): Promise<Exported> {
  const { query, log, prove, from, to } = options;
  const asked = JSON.stringify([log, from, to, prove, options.wrapper !== undefined]);
  const staging = await openStaging(options.directory, asked, () => makePlan(options));
  const { plan } = staging;
  const db = { query };
  const leaves = plan.size - Math.floor(plan.first / TILE_WIDTH) * TILE_WIDTH;
  let done = 0;
  for (const file of logFiles(db, log, plan.size, plan.first)) {
    if (options.signal?.aborted) throw auditError('audit.export_interrupted');
    if (!(await staging.has(file.path))) await staging.write(file.path, await file.read());
    done += file.leaves;
    if (file.leaves > 0) options.onProgress?.(done, leaves);
  }
  const proofs: string[] = [];
  for (const id of prove) {
    const { proof, log: of } = await proveInclusion(db, {
      tenant: log.tenant,
      id,
      treeSize: plan.size,
    });
    if (of.class !== log.class) throw auditError('audit.leaf_absent');
    const path = `proofs/${id}.json`;
    await staging.write(path, `${JSON.stringify(proof, null, 2)}\n`);
    proofs.push(path);
  }
  const openings =
    options.wrapper === undefined ? null : await writeOpenings(options, options.wrapper, staging);
  const { origin, root } = parseCheckpoint(parseNote(plan.note).text);
  const manifest: ExportManifest = {
    format: 'bulkhead-audit-export/1',
    tenant: log.tenant,
    class: log.class,
    origin,
    verifierKeys: options.verifierKeys,
    checkpoint: { size: plan.size, root: Buffer.from(root).toString('base64') },
    entries: { first: Math.floor(plan.first / TILE_WIDTH) * TILE_WIDTH, end: plan.size },
    time: { from: from ?? null, to: to ?? null },
    openings,
    proofs,
    exportedAt: plan.exportedAt,
  };
  await staging.write('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
  await staging.write('README.txt', auditorReadme(manifest));
  // The last file: without it there is no log in the directory.
  await staging.write('checkpoint', plan.note);
  const verdict = checkExport(staging.directory, manifest);
  if (verdict !== undefined && !verdict.ok) {
    const failed = verdict.checks.filter(({ status }) => status === 'FAIL');
    throw auditError('audit.export_refused', {
      message: `The log does not verify, so ${options.directory} was not made: ${failed
        .slice(0, 3)
        .map(({ id, detail }) => `${id} (${detail})`)
        .join('; ')}. What was written is in ${staging.directory}.`,
    });
  }
  await staging.finish();
  return { manifest, verdict, resumed: staging.resumed };
}

/** Asks the verifier, with the keys of the manifest; nothing when it names none. */
export function checkExport(directory: string, manifest: ExportManifest): Verdict | undefined {
  if (manifest.verifierKeys.length === 0) return undefined;
  return verifyLog({
    directory,
    keys: manifest.verifierKeys.map(parseVerifierKey),
    origin: manifest.origin,
    minIndex: manifest.entries.first,
    openings: manifest.openings === null ? [] : [given(directory, 'openings.jsonl')],
    inclusions: manifest.proofs.map((path) => given(directory, path)),
  });
}

function given(directory: string, name: string): GivenFile {
  return { name, bytes: readFileSync(join(directory, name)) };
}

/** The newest checkpoint, or for a time that is over the earliest that covers all of it. */
async function makePlan({ query, log, from, to, nowMs }: ExportOptions): Promise<Plan> {
  const checkpoint = async (size: number, order: 'asc' | 'desc') => {
    const { rows } = await query(
      `select size, note from bulkhead.audit_checkpoint
        where tenant_id = $1 and class = $2 and size >= $3 order by size ${order} limit 1`,
      [log.tenant, log.class, size],
    );
    const [row] = rows;
    if (row === undefined) throw auditError('audit.leaf_absent');
    return { size: Number(row.size), note: String(row.note) };
  };
  const newest = await checkpoint(1, 'desc');
  const { first, end } = await leavesOfTime(query, log, newest.size, { from, to });
  const covering = to === undefined || end === 0 ? newest : await checkpoint(end, 'asc');
  const exportedAt = new Date(nowMs()).toISOString();
  return { ...covering, first: Math.min(first, covering.size), end, exportedAt };
}

/** Bundle by bundle, from the files just written. */
async function writeOpenings(
  { query, log }: ExportOptions,
  wrapper: KeyWrapper,
  { plan, directory, write }: Staging<Plan>,
): Promise<OpeningsCount> {
  // Makes an empty one first: lines are added to a draft of known beginning.
  await write('openings.jsonl', '');
  const file = await open(join(directory, 'openings.jsonl'), 'w');
  let open_ = 0;
  let erased = 0;
  try {
    for (let n = Math.floor(plan.first / TILE_WIDTH); n * TILE_WIDTH < plan.size; n += 1) {
      const width = Math.min(TILE_WIDTH, plan.size - n * TILE_WIDTH);
      const bundle = await readFile(join(directory, entriesPath(n, width)));
      // Bundles are whole; who asked for a time is told nobody's values of another.
      const entries = parseBundle(bundle)
        .map((bytes, nth) => ({ leafIndex: n * TILE_WIDTH + nth, bytes }))
        .filter(({ leafIndex }) => leafIndex >= plan.first && leafIndex < plan.end);
      const { lines, count } = await openingLines(query, wrapper, log, entries);
      await file.write(lines);
      open_ += count.open;
      erased += count.erased;
    }
  } finally {
    await file.close();
  }
  return { open: open_, erased };
}
