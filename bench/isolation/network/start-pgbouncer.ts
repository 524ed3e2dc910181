/** PgBouncer in transaction mode before the bench's server; undefined where it is not installed. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Detour } from './start-delay-proxy.ts';

export interface PgBouncer extends Detour {
  readonly version: string;
}

const ATTEMPTS_MAX = 100;

export async function startPgBouncer(
  program: string,
  url: string,
  connections: number,
): Promise<PgBouncer | undefined> {
  const asked = spawnSync(program, ['-V'], { encoding: 'utf8' });
  if (asked.status !== 0) return undefined;
  const server = new URL(url);
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-pgbouncer-'));
  // It does not run as root; whoever it runs as must be able to read its file.
  await chmod(folder, 0o755);
  const config = join(folder, 'pgbouncer.ini');
  await writeFile(config, configOf(server, port, connections));
  const child = spawn(program, ['-q', config], { stdio: 'ignore' });
  process.once('exit', () => child.kill('SIGINT'));
  try {
    await untilListening(port);
  } catch (error) {
    child.kill();
    throw error;
  }
  const made = new URL(url);
  made.port = String(port);
  return {
    url: made.href,
    pid: child.pid,
    version: asked.stdout.split('\n')[0] ?? 'PgBouncer',
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configOf(server: URL, port: number, connections: number): string {
  const database = server.pathname.slice(1);
  const isRoot = process.getuid?.() === 0;
  return `[databases]
${database} = host=127.0.0.1 port=${server.port} dbname=${database} user=${server.username} password=${server.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 2000
${isRoot ? 'user = nobody' : ''}
`;
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error;
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
