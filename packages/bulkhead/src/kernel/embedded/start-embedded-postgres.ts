/**
 * Starts a real PostgreSQL from npm, for development, tests and the demo. Not for production.
 *
 * Promises: it listens on 127.0.0.1 alone and asks everyone for a password; data survives a restart and
 * kill -9; two starts on one folder never run two servers on it; no server outlives the process that
 * started it.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Binaries, findBinaries } from './binaries.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { embeddedError } from './errors.ts';
import { initCluster } from './init-cluster.ts';
import { type EmbeddedPostgresOptions, parseOptions } from './options.ts';
import { findRunningServer } from './postmaster-file.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';

const PORT_ATTEMPTS_MAX = 10;
/** How long backends of a killed server may take to notice and end. */
const REMAINS_MAX_MS = 15_000;
const REMAINS_POLL_MS = 100;

export interface EmbeddedPostgres {
  readonly port: number;
  /** The superuser's URL of the database `postgres`. It holds the password. */
  readonly superuserUrl: string;
  /** A URL on this server; without `user`, the superuser's. */
  url(options?: { database?: string; user?: string; password?: string }): string;
  /** Shuts down and waits for the end; harmless when it has ended. */
  stop(): Promise<void>;
  /** kill -9, for tests of crash recovery. */
  kill(): void;
}

/**
 * Starts a server on `dataDir` and resolves when it accepts connections.
 *
 * @throws `kernel.embedded_option_invalid`, `kernel.embedded_binaries_missing`,
 * `kernel.embedded_user_missing`, `kernel.embedded_data_unusable`, `kernel.embedded_version_mismatch`,
 * `kernel.embedded_in_use`, `kernel.embedded_port_taken`, `kernel.embedded_start_failed`
 *
 * @example
 * const server = await startEmbeddedPostgres({ dataDir: '.bulkhead/postgres' });
 * const pool = new pg.Pool({ connectionString: server.superuserUrl });
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const { dataDir, port, settings, durable, binDir, onLog = () => {} } = parseOptions(options);
  if (process.platform === 'win32') {
    throw embeddedError('kernel.embedded_binaries_missing', {
      message: 'The embedded PostgreSQL does not run on Windows itself; it does in WSL.',
    });
  }
  const folder = await openDataFolder(resolve(dataDir), onLog);
  const binaries = await findBinaries(folder.account, binDir);
  if (!folder.initialised) await initCluster(folder, binaries);
  await refuseOtherVersion(folder, binaries);
  await refuseSecondServer(folder);
  const args = settingArguments(durable, settings);
  const started = await launch(folder, binaries, args, port, onLog);
  return describe(started.server, started.port, folder.password);
}

async function launch(
  folder: DataFolder,
  binaries: Binaries,
  args: readonly string[],
  wantedPort: number | undefined,
  onLog: (line: string) => void,
): Promise<{ server: ServerProcess; port: number }> {
  const deadline = Date.now() + REMAINS_MAX_MS;
  let portsTried = 0;
  for (;;) {
    const port = wantedPort ?? (await freePort());
    const server = spawnServer(binaries.postgres, folder, ['-p', String(port), ...args], onLog);
    if (await server.ready()) return { server, port };
    const log = server.log();
    if (/Address already in use/.test(log)) {
      portsTried += 1;
      if (wantedPort === undefined && portsTried < PORT_ATTEMPTS_MAX) continue;
      throw embeddedError('kernel.embedded_port_taken', {
        message: `Port ${port} is already in use.`,
        detail: log,
      });
    }
    if (/pre-existing shared memory block/.test(log) && Date.now() < deadline) {
      await sleep(REMAINS_POLL_MS);
      continue;
    }
    if (/lock file "postmaster\.pid" already exists|shared memory block/.test(log)) {
      throw embeddedError('kernel.embedded_in_use', { detail: log });
    }
    throw embeddedError('kernel.embedded_start_failed', { detail: log });
  }
}

async function refuseSecondServer(folder: DataFolder): Promise<void> {
  const running = await findRunningServer(folder.cluster);
  if (running === undefined) return;
  throw embeddedError('kernel.embedded_in_use', {
    message: `Another server (process ${running.pid}, port ${running.port}) is already running on ${folder.root}.`,
  });
}

async function refuseOtherVersion(folder: DataFolder, binaries: Binaries): Promise<void> {
  const made = (await readFile(join(folder.cluster, 'PG_VERSION'), 'utf8')).trim();
  if (made === String(binaries.major)) return;
  throw embeddedError('kernel.embedded_version_mismatch', {
    message: `${folder.root} was made by PostgreSQL ${made}; the installed one is ${binaries.major}.`,
  });
}

function settingArguments(durable: boolean, settings: Readonly<Record<string, string>>): string[] {
  const all = {
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Another process may take it before the server does: the caller then tries again. */
function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolvePort(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}

function describe(
  server: ServerProcess,
  port: number,
  superuserPassword: string,
): EmbeddedPostgres {
  const url: EmbeddedPostgres['url'] = ({ database = 'postgres', user, password } = {}) => {
    const made = new URL(`postgres://127.0.0.1:${port}`);
    made.username = encodeURIComponent(user ?? 'postgres');
    made.password = encodeURIComponent(user === undefined ? superuserPassword : (password ?? ''));
    made.pathname = `/${encodeURIComponent(database)}`;
    return made.href;
  };
  return { port, superuserUrl: url(), url, stop: server.stop, kill: server.kill };
}
