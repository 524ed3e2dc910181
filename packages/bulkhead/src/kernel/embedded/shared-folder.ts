/**
 * A folder outside the checkout that root owns and other users can enter but not change.
 *
 * Whoever can plant such a folder first could hand us programs to run: a folder that is a link, that
 * another user owns or that others can write to is refused, and the next place is tried.
 */
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddedError } from './errors.ts';

const ENTERABLE = 0o755;
const WRITABLE_BY_OTHERS = 0o022;

/** The first of `<place>/bulkhead` that is safe; made if it is absent. Call it as root only. */
export async function sharedFolder(places: readonly string[]): Promise<string> {
  for (const place of places) {
    const folder = join(place, 'bulkhead');
    if (await makeSafe(folder)) return folder;
  }
  throw embeddedError('kernel.embedded_data_unusable', {
    message: `No folder that root alone can write to could be made below ${places.join(', ')}.`,
  });
}

/** True if the folder now exists, is a real folder, is root's and nobody else can write to it. */
export async function makeSafe(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: ENTERABLE });
    await chmod(folder, ENTERABLE); // mkdir's mode is cut by the umask
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
  }
  const found = await lstat(folder).catch(() => undefined);
  return (
    found?.isDirectory() === true && found.uid === 0 && (found.mode & WRITABLE_BY_OTHERS) === 0
  );
}
