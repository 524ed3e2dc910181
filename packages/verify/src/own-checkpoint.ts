/** The checkpoints that lie in the log's own directory. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LogOptions } from './log-options.ts';
import { Malformed } from './malformed.ts';
import { readRegularFile } from './regular-file.ts';
import type { Report } from './report.ts';
import { NOTE_BYTES_MAX } from './signed-note.ts';
import { checkWitnesses, openCheckpoint, type SignedCheckpoint } from './trust.ts';

/** `checkpoint.*` and `witness.*`: what the log says of itself now, if someone we trust signed it. */
export function openOwnCheckpoint(
  report: Report,
  options: LogOptions,
): SignedCheckpoint | undefined {
  const bytes = readOwnFile(report, 'checkpoint', options.directory, 'checkpoint');
  const checkpoint = bytes && openCheckpoint(report, 'checkpoint', bytes, options);
  if (checkpoint === undefined) return undefined;
  const { origin, size, extensions, note, signatures } = checkpoint;
  const signer = signatures.find(({ key }) => options.keys.includes(key))?.key.name ?? '';
  report.pass('checkpoint.signature', `${size} entries of "${origin}", signed by ${signer}`);
  if (options.origin !== undefined) report.pass('checkpoint.origin', `the log is "${origin}"`);
  else if (signer !== origin) {
    const said = `no --origin was given, and "${origin}" is not the name of the key`;
    report.note('checkpoint.origin', said);
  }
  const others = note.signatures.length - signatures.length;
  if (others > 0) {
    report.note('checkpoint.others', `${others} signatures by keys that were not given`);
  }
  if (extensions.length > 0) {
    const said = `${extensions.length} more lines, whose meaning is not checked`;
    report.note('checkpoint.extension', said);
  }
  if (options.minSize !== undefined) {
    if (size >= options.minSize)
      report.pass('checkpoint.size', `at least ${options.minSize} entries`);
    else report.fail('checkpoint.size', `${size} entries, there must be ${options.minSize}`);
  }
  checkWitnesses(report, checkpoint, options);
  return checkpoint;
}

/** Some logs keep the checkpoints they published before, as `checkpoint.<size>`. */
export function readOlderCheckpoints(
  report: Report,
  directory: string,
): { name: string; bytes: Uint8Array }[] {
  const names = readdirSync(directory).filter((name) => /^checkpoint\.\d+$/.test(name));
  return names.flatMap((name) => {
    const bytes = readOwnFile(report, 'older', directory, name);
    return bytes === undefined ? [] : [{ name, bytes }];
  });
}

function readOwnFile(
  report: Report,
  id: string,
  directory: string,
  name: string,
): Buffer | undefined {
  try {
    const bytes = readRegularFile(join(directory, name), NOTE_BYTES_MAX);
    if (bytes === undefined) report.fail(`${id}.missing`, `${name} is missing`);
    return bytes;
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    report.fail(`${id}.form`, `${name}: ${error.message}`);
    return undefined;
  }
}
