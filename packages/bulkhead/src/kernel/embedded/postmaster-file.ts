/**
 * `postmaster.pid`, PostgreSQL's own lock on its data folder, read and, when stale, disarmed.
 *
 * PostgreSQL refuses to start while the process id in it lives. After kill -9 and some time that number
 * may belong to an unrelated process. Then we write our own id into its place, which PostgreSQL knows as
 * its parent's and steps over; the file stays, because its shared memory key is PostgreSQL's second lock:
 * it keeps us out while backends of the killed server are still alive.
 */
import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

const run = promisify(execFile);

export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' };
}

/** The running server that holds the folder, if there is one; a stale lock is disarmed. */
export async function findRunningServer(cluster: string): Promise<PostmasterFile | undefined> {
  const file = await readPostmasterFile(cluster);
  if (file === undefined || !isAlive(file.pid)) return undefined;
  if (await isServerOf(file.pid, cluster)) return file;
  const path = join(cluster, 'postmaster.pid');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/^\d+/, String(process.pid)));
  return undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      // A server works in its data folder. EACCES: another user's process, which cannot be ours.
      return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(cluster));
    }
    const { stdout } = await run('ps', ['-o', 'comm=', '-p', String(pid)]);
    return /\bpostgres\b/.test(stdout);
  } catch {
    return false;
  }
}
