/** Reading files that somebody else wrote: only regular ones, never through a link, never more than expected. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { Malformed } from './malformed.ts';

/** What has no name that a file could have, such as a key in full, is not there either. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

/**
 * The file's bytes, or nothing when there is none. Anything else than a regular file of at most `bytesMax` is
 * `Malformed`. A pipe cannot hang us and, unless `followLinks`, a link cannot lead us out of the log.
 */
export function readRegularFile(
  path: string,
  bytesMax: number,
  { followLinks = false } = {},
): Buffer | undefined {
  let handle: number;
  try {
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    handle = openSync(path, O_RDONLY | O_NONBLOCK | (followLinks ? 0 : O_NOFOLLOW));
  } catch (error) {
    const code = errorCode(error);
    if (ABSENT.has(code)) return undefined;
    if (code === 'ELOOP') throw new Malformed('is a symbolic link');
    throw new Malformed(`cannot be read (${code})`);
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) throw new Malformed('is not a regular file');
    if (stat.size > bytesMax)
      throw new Malformed(`is ${stat.size} bytes long, at most ${bytesMax} make sense`);
    const bytes = Buffer.allocUnsafe(stat.size);
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(handle, bytes, read, bytes.length - read, read);
      if (count === 0) throw new Malformed('became shorter while it was read');
      read += count;
    }
    return bytes;
  } catch (error) {
    if (error instanceof Malformed) throw error;
    throw new Malformed(`cannot be read (${errorCode(error)})`);
  } finally {
    closeSync(handle);
  }
}

export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
