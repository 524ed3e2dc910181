/**
 * One running server: spawned, watched, stopped.
 *
 * Promises: it has its own process group and session, so that Ctrl-C in the terminal reaches us and not
 * it; it shuts down when our process ends for whatever reason, kill -9 included; it does not keep our
 * process alive by itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from './data-folder.ts';
import { handPaths } from './handed-paths.ts';
import { readPostmasterFile } from './postmaster-file.ts';
import { PROGRAM_ENV } from './run-program.ts';

const READY_POLL_MS = 15;
/** Crash recovery of a large folder takes its time. */
const READY_MAX_MS = 120_000;
const FAST_SHUTDOWN_MAX_MS = 15_000;
const LOG_LINES_KEPT = 60;

export interface ServerProcess {
  readonly pid: number;
  /** Resolves when the server accepts connections: true; or has ended without doing so: false. */
  ready(): Promise<boolean>;
  /** The last lines of its log. */
  log(): string;
  /** Fast shutdown: open transactions are rolled back, clients disconnected. Waits for the end. */
  stop(): Promise<void>;
  /** kill -9 of the server's main process. */
  kill(): void;
}

/** Throws what spawn throws if the program cannot be started at all. */
export function spawnServer(
  postgres: string,
  folder: DataFolder,
  args: readonly string[],
  onLog: (line: string) => void,
): ServerProcess {
  const handed = handPaths(folder.account, [folder.cluster]);
  const child = spawn(postgres, ['-D', handed.names[0] ?? folder.cluster, ...args], {
    cwd: '/',
    env: PROGRAM_ENV,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', ...handed.descriptors],
    ...folder.account,
  });
  handed.close();
  let running = true;
  const lines: string[] = [];
  const exited = new Promise<void>((resolve) => {
    child.on('error', (error) => lines.push(error.message));
    child.on('close', () => resolve());
  });
  const watchdog = child.pid === undefined ? undefined : spawnWatchdog(child.pid, folder);
  // Before anything else learns of the end: a watchdog must never outlive the process id it watches.
  const ended = (): void => {
    running = false;
    watchdog?.kill('SIGKILL');
  };
  child.on('exit', ended);
  child.on('error', ended);
  forwardLines(child, (line) => {
    lines.push(line);
    if (lines.length > LOG_LINES_KEPT) lines.shift();
    onLog(line);
  });
  const hold = (held: boolean): void => {
    const stderr = child.stderr as Socket | null;
    if (held) {
      child.ref();
      stderr?.ref();
    } else {
      child.unref();
      stderr?.unref();
    }
  };

  async function ready(): Promise<boolean> {
    const deadline = Date.now() + READY_MAX_MS;
    while (running && Date.now() < deadline) {
      const file = await readPostmasterFile(folder.cluster);
      // The id tells this server's file from the one that a killed server left behind.
      if (file?.pid === child.pid && file?.ready === true) {
        hold(false);
        return true;
      }
      await sleep(READY_POLL_MS);
    }
    if (running) await stop();
    await exited;
    return false;
  }

  async function stop(): Promise<void> {
    if (!running) return;
    hold(true);
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGQUIT'), FAST_SHUTDOWN_MAX_MS);
    await exited;
    clearTimeout(timer);
  }

  return {
    pid: child.pid ?? 0,
    ready,
    log: () => lines.join('\n'),
    stop,
    kill: () => void child.kill('SIGKILL'),
  };
}

/**
 * Waits on a pipe that only we hold open: however our process ends, the pipe closes, and the watchdog
 * asks the server to shut down. It needs no signal handler in the app, and works for kill -9.
 */
function spawnWatchdog(pid: number, folder: DataFolder): ChildProcess {
  const watchdog = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$0"', String(pid)], {
    cwd: '/',
    env: PROGRAM_ENV,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    ...folder.account,
  });
  watchdog.on('error', () => {});
  watchdog.stdin?.on('error', () => {});
  (watchdog.stdin as Socket | null)?.unref();
  watchdog.unref();
  return watchdog;
}

function forwardLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) onLine(line);
  });
}
