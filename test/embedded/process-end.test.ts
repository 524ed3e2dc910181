/** However the process that started a server ends, the server ends after it. Runs the built package. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { fastFolder } from '#test/fast-folder';
import { copyPreparedCluster } from '#test/prepared-cluster';

const script = join(import.meta.dirname, 'testdata/hold-server.mjs');
const NOBODY = 65_534;

interface Holder {
  readonly child: ChildProcess;
  readonly url: string;
  readonly uid: number;
  readonly serverPid: number;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(await fastFolder(), 'bulkhead-embedded-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function startedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await copyPreparedCluster(folder);
  return folder;
}

async function hold(dataDir: string, how: string, options: object = {}): Promise<Holder> {
  const child = spawn(process.execPath, [script, dataDir, how], {
    // A group of its own, so that a test can send it what a terminal's Ctrl-C sends.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors += text;
  });
  const line = await Promise.race([
    once(child.stdout ?? child, 'data').then(([text]) => String(text)),
    once(child, 'close').then(() => Promise.reject(new Error(errors))),
  ]);
  const lock = await readFile(join(dataDir, 'cluster/postmaster.pid'), 'utf8').catch(() => '0');
  return { child, serverPid: Number.parseInt(lock, 10), ...JSON.parse(line) };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && isAlive(pid); attempt += 1) await sleep(50);
  return !isAlive(pid);
}

test('Ctrl-C in the terminal, which signals the whole group, leaves no orphan', async () => {
  const { child, serverPid } = await hold(await startedFolder(), 'hold');
  expect(isAlive(serverPid)).toBe(true);
  process.kill(-(child.pid ?? 0), 'SIGINT');
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGINT');
  expect(await ended(serverPid)).toBe(true);
});

test.each(['SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('%s leaves no orphan', async (signal) => {
  const { child, serverPid } = await hold(await startedFolder(), 'hold');
  expect(isAlive(serverPid)).toBe(true);
  child.kill(signal);
  expect(await ended(serverPid)).toBe(true);
});

test.each(['return', 'throw'])(
  'a script that ends by itself (%s) is not held up and leaves no orphan',
  async (how) => {
    const dataDir = await startedFolder();
    const { child, url } = await hold(dataDir, how);
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(how === 'throw' ? 1 : 0);
    const lock = join(dataDir, 'cluster/postmaster.pid');
    await expect.poll(() => stat(lock).catch(() => 'gone'), { timeout: 10_000 }).toBe('gone');
    await expect(new pg.Client({ connectionString: url }).connect()).rejects.toThrow(
      'ECONNREFUSED',
    );
  },
);

const asRoot = process.getuid?.() === 0;
const nobodyCanRead = asRoot && (await canRead(script));

/** As the user: a checkout below a closed folder cannot be run by another user at all. */
async function canRead(file: string): Promise<boolean> {
  const child = spawn('/bin/cat', [file], { uid: NOBODY, gid: NOBODY, cwd: '/', stdio: 'ignore' });
  return (await once(child, 'exit'))[0] === 0;
}

test.runIf(nobodyCanRead)(
  'an ordinary user runs a server as itself, in its own folder',
  async () => {
    const open = await temporaryFolder();
    await chmod(open, 0o755);
    const dataDir = join(open, 'data');
    await mkdir(dataDir, { mode: 0o700 });
    await chown(dataDir, NOBODY, NOBODY);
    const holder = await hold(dataDir, 'hold', { uid: NOBODY, gid: NOBODY, cwd: '/' });
    expect(holder.uid).toBe(NOBODY);
    expect((await stat(join(dataDir, 'cluster'))).uid).toBe(NOBODY);
    const client = new pg.Client({ connectionString: holder.url });
    client.on('error', () => {});
    await client.connect();
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await client.end();
    holder.child.kill('SIGTERM');
    expect(await ended(holder.serverPid)).toBe(true);
  },
);

test.runIf(nobodyCanRead)(
  'an ordinary user is told when the folder is another user’s',
  async () => {
    const closed = await temporaryFolder();
    await expect(
      hold(join(closed, 'data'), 'hold', { uid: NOBODY, gid: NOBODY, cwd: '/' }),
    ).rejects.toThrow(/kernel\.embedded_data_unusable/);
  },
);
