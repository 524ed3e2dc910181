/**
 * The folder that holds a server's data, and the password of its superuser beside it.
 *
 * ```
 * <dataDir>/                     0700, the caller's
 *   superuser-password           0600, the caller's
 *   cluster/                     0700, the server's account: PostgreSQL's own files
 * ```
 * Promises: the data stays in the project's folder wherever the server's account can be given access to
 * it; otherwise it goes to a folder of root's outside, and the log says so.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  link,
  mkdir,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { type Account, findUnprivilegedAccount, runsAsRoot } from './account.ts';
import { embeddedError } from './errors.ts';
import { handPaths } from './handed-paths.ts';
import { runProgram } from './run-program.ts';
import { sharedFolder } from './shared-folder.ts';

export interface DataFolder {
  readonly root: string;
  readonly cluster: string;
  /** Whom the server runs as; undefined: as ourselves. */
  readonly account: Account | undefined;
  readonly password: string;
  /** False on the first start, before initdb. */
  readonly initialised: boolean;
}

/** @throws `kernel.embedded_data_unusable`, `kernel.embedded_user_missing` */
export async function openDataFolder(
  dataDir: string,
  onLog: (line: string) => void,
): Promise<DataFolder> {
  try {
    return await open(dataDir, onLog);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) throw cause;
    throw embeddedError('kernel.embedded_data_unusable', {
      message: `The data folder ${dataDir} cannot be used: ${code}. It may belong to another user.`,
      cause,
    });
  }
}

async function open(dataDir: string, onLog: (line: string) => void): Promise<DataFolder> {
  const wanted = await makeFolder(dataDir);
  const owner = await clusterOwner(wanted);
  const account = runsAsRoot() ? (owner ?? findUnprivilegedAccount()) : undefined;
  let root = wanted;
  if (account !== undefined && owner === undefined && !(await canHold(wanted, account))) {
    const name = `data-${createHash('sha256').update(wanted).digest('hex').slice(0, 16)}`;
    root = await makeFolder(join(await sharedFolder(['/var/lib', '/var/tmp']), name));
    onLog(`${wanted} cannot be opened to the server's unprivileged user; the data is in ${root}`);
  }
  const initialised = (await clusterOwner(root)) !== undefined;
  const password = await superuserPassword(root, initialised);
  return { root, cluster: join(root, 'cluster'), account, password, initialised };
}

async function makeFolder(path: string): Promise<string> {
  // Where descriptors cannot be handed over, root's folder must let the account pass through.
  const mode = runsAsRoot() && process.platform !== 'linux' ? 0o711 : 0o700;
  await mkdir(path, { recursive: true, mode });
  return realpath(path);
}

/** Who owns the existing cluster: root then starts it as that user, whoever made it. */
async function clusterOwner(root: string): Promise<Account | undefined> {
  try {
    const { uid, gid } = await stat(join(root, 'cluster'));
    if (uid !== 0) return { uid, gid };
    throw embeddedError('kernel.embedded_data_unusable', {
      message: `${join(root, 'cluster')} belongs to root, as whom PostgreSQL does not run.`,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Tries it out as the account: file systems that squash root or ignore owners show only so. */
async function canHold(root: string, account: Account): Promise<boolean> {
  const trial = join(root, `trial-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(trial, { mode: 0o700 });
    await chown(trial, account.uid, account.gid);
    const handed = handPaths(account, [trial]);
    const running = runProgram(
      '/bin/sh',
      ['-c', 'cd "$0" && : >file && rm file', ...handed.names],
      account,
      handed,
    );
    handed.close();
    return (await running).ok;
  } catch {
    return false;
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

/** Made once, in one step: of two first starts at the same time both use the one that came first. */
async function superuserPassword(root: string, initialised: boolean): Promise<string> {
  const file = join(root, 'superuser-password');
  if (!initialised) {
    const draft = `${file}.${randomBytes(6).toString('hex')}`;
    await writeFile(draft, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    await rm(draft);
  }
  await chmod(file, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw embeddedError('kernel.embedded_data_unusable', {
      message: `${file} is gone, without which nobody can connect to the data beside it.`,
    });
  });
  return (await readFile(file, 'utf8')).trim();
}
