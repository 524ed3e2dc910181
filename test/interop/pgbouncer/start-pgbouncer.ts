/**
 * PgBouncer in transaction mode in front of the test server: those that are on this machine, from before
 * and from after version 1.21, which learned to carry named statements from one backend to the next.
 *
 * Promises: it listens on the loopback address alone and ends with the test, also with one that is killed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject, onTestFinished } from 'vitest';
import { rolePassword } from '../../support/roles.ts';

const READY_MAX_MS = 10_000;
const FETCHED = join(import.meta.dirname, '../../../.cache/interop/pgbouncer/pgbouncer');

export interface PgBouncerProgram {
  readonly version: string;
  readonly program: string;
}

/** A version of interest, and the settings that make it behave as it may at a customer's. */
export interface Variant {
  readonly name: string;
  readonly program: PgBouncerProgram | undefined;
  readonly settings: Settings;
}

export type Settings = Readonly<Record<string, string | number>>;

export interface PgBouncer {
  /** The same database and role, through this pooler. */
  url(databaseUrl: string): string;
}

export function variants(): readonly Variant[] {
  const programs = findPrograms();
  const named = (program: PgBouncerProgram | undefined, otherwise: string) =>
    program === undefined ? `${otherwise} (absent: scripts/interop.sh pgbouncer)` : program.version;
  const older = programs.find(({ version }) => !carriesStatements(version));
  const newer = programs.find(({ version }) => carriesStatements(version));
  const newerName = named(newer, '1.21 or later');
  return [
    { name: `PgBouncer ${named(older, 'before 1.21')}`, program: older, settings: {} },
    {
      name: `PgBouncer ${newerName} without prepared statements`,
      program: newer,
      settings: { max_prepared_statements: 0 },
    },
    {
      name: `PgBouncer ${newerName} with prepared statements`,
      program: newer,
      settings: { max_prepared_statements: 100 },
    },
  ];
}

/** Ends when the running test does. */
export async function startPgBouncer(
  { program }: PgBouncerProgram,
  settings: Settings,
): Promise<PgBouncer> {
  const superuserUrl = inject('superuserUrl');
  const server = new URL(superuserUrl);
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-pgbouncer-'));
  // PgBouncer gives up root before it reads its files.
  await chmod(folder, 0o755);
  const users = join(folder, 'users.txt');
  await writeFile(users, `"test_app" "${rolePassword(superuserUrl, 'test_app')}"\n`);
  const all: Settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    pool_mode: 'transaction',
    default_pool_size: 2,
    max_client_conn: 200,
    ignore_startup_parameters: 'extra_float_digits',
    ...settings,
  };
  const config = join(folder, 'pgbouncer.ini');
  await writeFile(
    config,
    [
      '[databases]',
      `* = host=${server.hostname} port=${server.port}`,
      '[pgbouncer]',
      ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
      '',
    ].join('\n'),
  );
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  // The shell outlives no test: when the pipe closes, for whatever reason, it ends PgBouncer.
  const child = spawn(
    '/bin/sh',
    ['-c', '"$0" "$@" & read -r _; kill $!; wait $!', program, ...user, config],
    { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000);
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  onTestFinished(async () => {
    child.stdin?.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  });
  await listening(port, () => log);
  return {
    url(databaseUrl) {
      const made = new URL(databaseUrl);
      made.hostname = '127.0.0.1';
      made.port = String(port);
      return made.href;
    },
  };
}

function findPrograms(): PgBouncerProgram[] {
  return ['pgbouncer', '/usr/sbin/pgbouncer', FETCHED].flatMap((program) => {
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
    const version = /^PgBouncer (\d+\.\d+\.\d+)/m.exec(stdout ?? '')?.[1];
    return version === undefined ? [] : [{ version, program }];
  });
}

function carriesStatements(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || minor >= 21;
}

async function listening(port: number, log: () => string): Promise<void> {
  const deadline = Date.now() + READY_MAX_MS;
  for (;;) {
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (accepted) return;
    if (Date.now() > deadline) throw new Error(`PgBouncer did not start: ${log()}`);
    await sleep(20);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
