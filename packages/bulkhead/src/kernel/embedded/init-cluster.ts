/**
 * Makes a new cluster with initdb.
 *
 * Promises: `cluster/` appears whole or not at all, also when the process is killed half-way or two
 * processes start at once. Only password sign-in (SCRAM) is allowed, so that other users of the machine
 * cannot connect.
 */
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import type { DataFolder } from './data-folder.ts';
import { embeddedError } from './errors.ts';
import { handPaths } from './handed-paths.ts';
import { runProgram } from './run-program.ts';

const STAGING = 'new-cluster-';
/** No initdb takes this long: what is older was left by a killed process. */
const ABANDONED_MS = 10 * 60_000;

/** @throws `kernel.embedded_start_failed` */
export async function initCluster(folder: DataFolder, binaries: Binaries): Promise<void> {
  await removeAbandoned(folder.root);
  const staging = join(folder.root, `${STAGING}${randomBytes(6).toString('hex')}`);
  const passwordFile = `${staging}.password`;
  try {
    await mkdir(staging, { mode: 0o700 });
    await writeFile(passwordFile, `${folder.password}\n`, { mode: 0o600 });
    if (folder.account !== undefined) {
      await chown(staging, folder.account.uid, folder.account.gid);
      await chown(passwordFile, folder.account.uid, folder.account.gid);
    }
    await runInitdb(folder, binaries, staging, passwordFile);
    await rename(staging, folder.cluster).catch((error: NodeJS.ErrnoException) => {
      // Another process was first; its cluster has the same password.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(staging, { recursive: true, force: true });
  }
}

async function runInitdb(
  folder: DataFolder,
  binaries: Binaries,
  staging: string,
  passwordFile: string,
): Promise<void> {
  const handed = handPaths(folder.account, [staging, passwordFile]);
  const running = runProgram(
    binaries.initdb,
    [
      ...['-D', handed.names[0] ?? staging, `--pwfile=${handed.names[1] ?? passwordFile}`],
      ...['-U', 'postgres', '-A', 'scram-sha-256', '-E', 'UTF8', ...locale(binaries.major)],
      '--no-sync', // the first checkpoint of a durable server syncs it
    ],
    folder.account,
    handed,
  );
  handed.close();
  const result = await running;
  if (!result.ok) {
    throw embeddedError('kernel.embedded_start_failed', {
      message:
        'The data folder of the embedded PostgreSQL could not be initialised (initdb failed).',
      detail: result.stdout + result.stderr,
    });
  }
}

/** The same order of text on every machine, whatever locales it has; since 17 with Unicode's case rules. */
function locale(major: number): string[] {
  return major >= 17
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C'];
}

async function removeAbandoned(root: string): Promise<void> {
  for (const name of (await readdir(root)).filter((entry) => entry.startsWith(STAGING))) {
    const found = await stat(join(root, name)).catch(() => undefined);
    if (found !== undefined && Date.now() - found.mtimeMs > ABANDONED_MS) {
      await rm(join(root, name), { recursive: true, force: true });
    }
  }
}
