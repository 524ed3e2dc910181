/**
 * A copy of PostgreSQL's programs for when we are root and the unprivileged account cannot reach ours.
 *
 * Promises: the copy is root's, complete, and named after what it was copied from, so that another
 * version or a rebuilt package gets its own; two processes may make it at once. Does not clean up copies
 * of earlier versions.
 */
import { createHash, randomBytes } from 'node:crypto';
import { chmod, cp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedError } from './errors.ts';
import { makeSafe, sharedFolder } from './shared-folder.ts';

const PARTS = ['bin', 'lib', 'share'];

/** Copies `<installation>/{bin,lib,share}` once and returns the copy's bin folder. */
export async function copyToSharedCache(installation: string): Promise<string> {
  const home = await sharedFolder(['/var/cache', '/var/tmp', tmpdir()]);
  const copy = join(home, `postgres-${await fingerprint(installation)}`);
  if (!(await exists(copy))) await copyInOneStep(installation, copy);
  // Checks a copy that was there before us as well as our own.
  if (!(await makeSafe(copy))) {
    throw embeddedError('kernel.embedded_binaries_missing', {
      message: `The copied PostgreSQL in ${copy} does not belong to root alone.`,
    });
  }
  return join(copy, 'bin');
}

/** Other bytes, other name: the server's size and date change with every release and every install. */
async function fingerprint(installation: string): Promise<string> {
  const server = await stat(join(installation, 'bin', 'postgres')).catch((cause: unknown) => {
    throw embeddedError('kernel.embedded_binaries_missing', { cause });
  });
  return createHash('sha256')
    .update(`${installation}\0${server.size}\0${server.mtimeMs}`)
    .digest('hex')
    .slice(0, 16);
}

/** The name appears only with the whole content behind it; whoever renames first wins. */
async function copyInOneStep(installation: string, copy: string): Promise<void> {
  const staging = `${copy}.${randomBytes(6).toString('hex')}`;
  try {
    if (!(await makeSafe(staging))) throw new Error(`${staging} is not safe to fill`);
    for (const part of PARTS) {
      await cp(join(installation, part), join(staging, part), {
        recursive: true,
        verbatimSymlinks: true,
        // Static libraries are half of the size and nothing that runs needs them.
        filter: (source) => !source.endsWith('.a'),
      });
    }
    await makeReadable(staging);
    await rename(staging, copy).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } catch (cause) {
    throw embeddedError('kernel.embedded_binaries_missing', {
      message:
        'The PostgreSQL programs could not be copied to where an unprivileged user reaches them.',
      cause,
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A checkout made under a strict umask has modes that shut the account out; the copy must not. */
async function makeReadable(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const program = entry.isDirectory() || entry.parentPath.endsWith('/bin');
    await chmod(join(entry.parentPath, entry.name), program ? 0o755 : 0o644);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
