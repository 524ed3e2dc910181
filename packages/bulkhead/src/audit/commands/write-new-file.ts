import { writeFile } from 'node:fs/promises';

/** Writes a file that is not there yet; never over one that is. */
export async function writeNewFile(
  path: string,
  content: string,
  refused: (path: string) => Error,
): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw refused(path);
    throw error;
  }
}
