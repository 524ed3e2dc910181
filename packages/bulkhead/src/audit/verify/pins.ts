/**
 * Checkpoints that somebody kept: what a database that was set back, or rewritten by whoever holds the signing
 * key, cannot explain away.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { parseCheckpoint, parseNote, type VerifierKey, verifyNote } from 'bulkhead-verify';
import { z } from 'zod';
import type { Findings } from './findings.ts';
import type { Walked } from './walk-leaves.ts';

export interface Pin {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Undefined for what is no checkpoint. */
export function readPin(note: string): Pin | undefined {
  try {
    const { origin, size, root } = parseCheckpoint(parseNote(note).text);
    return { origin, size, root };
  } catch {
    return undefined;
  }
}

/** Whether a key of the log signed the pin; anybody can write one. */
export function isSignedPin(note: string, keys: readonly VerifierKey[]): boolean {
  try {
    return keys.length === 0 || verifyNote(parseNote(note), keys).length > 0;
  } catch {
    return false;
  }
}

export function holdPin(findings: Findings, pin: Pin, where: string, walked: Walked): void {
  if (pin.size > walked.size) {
    findings.fail('pin.rollback', `${where} covers ${pin.size} leaves, the log has ${walked.size}`);
    return;
  }
  const meant = walked.rootAt(pin.size);
  if (meant !== undefined && Buffer.compare(meant, pin.root) !== 0) {
    findings.fail(
      'pin.split-view',
      `${where}: its ${pin.size} leaves are others than the log's first`,
    );
    return;
  }
  findings.pass('pin.rollback', `the log continues ${where}, over ${pin.size} leaves`);
}

/** By origin the last checkpoint that this machine saw. */
export type PinState = ReadonlyMap<string, Pin>;

const stateSchema = z.record(
  z.string(),
  z.strictObject({ size: z.number().int().min(1), root: z.string() }),
);

/** Empty when there is no such file yet. Throws for one that is none of ours: nothing is silently begun anew. */
export async function readState(path: string): Promise<Map<string, Pin>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
  const state = stateSchema.parse(JSON.parse(text));
  return new Map(
    Object.entries(state).map(([origin, { size, root }]) => [
      origin,
      { origin, size, root: Buffer.from(root, 'base64') },
    ]),
  );
}

export async function writeState(path: string, state: PinState): Promise<void> {
  const entries = [...state].map(([origin, { size, root }]) => [
    origin,
    { size, root: Buffer.from(root).toString('base64') },
  ]);
  await writeFile(`${path}.draft`, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  await rename(`${path}.draft`, path);
}
