/** A file that the reader named: its bytes, or why they could not be had. */
import { Malformed } from './malformed.ts';
import type { Report } from './report.ts';

export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array | undefined;
  /** Why there are no bytes. */
  readonly fault?: string;
}

/** Parses it, or reports `<id>.form`. */
export function readGiven<T>(
  report: Report,
  id: string,
  file: GivenFile,
  parse: (bytes: Uint8Array) => T,
): T | undefined {
  try {
    if (file.bytes === undefined) throw new Malformed(file.fault ?? 'cannot be read');
    return parse(file.bytes);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    report.fail(`${id}.form`, `${file.name}: ${error.message}`);
    return undefined;
  }
}
