/**
 * What this machine remembers of a log: the last checkpoint that passed, byte for byte. It makes a roll-back or
 * a second history show up on the next run. Trusted because it is ours, not because it is signed.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Malformed } from './malformed.ts';
import { errorCode, readRegularFile } from './regular-file.ts';
import type { Report } from './report.ts';
import { NOTE_BYTES_MAX } from './signed-note.ts';

export function recallState(report: Report, path: string): Buffer | undefined {
  try {
    const state = readRegularFile(path, NOTE_BYTES_MAX, { followLinks: true });
    if (state === undefined) {
      report.note('state', `${path} is new: there is nothing to compare with yet`);
    }
    return state;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    report.fail('state.form', `${path}: ${error.message}`);
    return undefined;
  }
}

/** Last of all, and only when nothing failed: what did not pass must never become what is compared with. */
export function keepState(report: Report, path: string, checkpoint: Uint8Array): void {
  if (!report.ok) {
    report.note('state.kept', `${path} was left as it was`);
    return;
  }
  try {
    replaceFile(path, checkpoint);
  } catch (error) {
    report.fail('state.write', `${path} cannot be written (${errorCode(error)})`);
  }
}

/** All or nothing, also when the power fails: written beside, made durable, then put in its place. */
function replaceFile(path: string, bytes: Uint8Array): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    const file = openSync(beside, 'wx', 0o600);
    try {
      writeSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  // Windows cannot open a directory to make the renaming durable.
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
