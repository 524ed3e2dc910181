/**
 * What this machine remembers of a log: the last checkpoint that passed, byte for byte. It makes a roll-back or
 * a second history show up on the next run. Trusted because it is ours, not because it is signed.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readRegularFile } from './regular-file.ts';
import { NOTE_BYTES_MAX } from './signed-note.ts';

export function readState(path: string): Buffer | undefined {
  return readRegularFile(path, NOTE_BYTES_MAX, { followLinks: true });
}

/** All or nothing, also when the power fails: written beside, made durable, then put in its place. */
export function writeState(path: string, checkpoint: Uint8Array): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    const file = openSync(beside, 'wx', 0o600);
    try {
      writeSync(file, checkpoint);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
