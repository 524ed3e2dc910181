/**
 * The command line as its users call it: by words, in a folder, with an environment.
 *
 * `runCommand` runs it here, from the sources, which takes a twentieth of the time; `runProcess` as npm installs it, in
 * a process of its own, from the build: for what only a process shows. That it ends is one such thing: of the commands
 * that open a connection, one of each way to do so is also run as a process.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { runCommandLine } from '../../packages/bulkhead/src/cli/command-line.ts';

export const MAIN = join(import.meta.dirname, '../../packages/bulkhead/dist/cli/main.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunSurroundings {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Configuration files read `process.env`, of which there is one: one after the other. */
let turn: Promise<unknown> = Promise.resolve();

/** What the developer's own shell says of a database is left out; `env` says what is to be known. */
export function runCommand(
  words: readonly string[],
  { cwd, env }: RunSurroundings,
): Promise<Outcome> {
  const outcome = turn.then(async (): Promise<Outcome> => {
    const before = { ...process.env };
    const { BULKHEAD_ADMIN_URL, BULKHEAD_CONTEXT_KEY, DATABASE_URL, ...inherited } = before;
    become({ ...inherited, ...env });
    let stdout = '';
    let stderr = '';
    try {
      const code = await runCommandLine(words, {
        cwd,
        stdin: {},
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text) },
        environment: process.env,
        signal: new AbortController().signal,
        allowToEnd: () => {},
      });
      return { code, stdout, stderr };
    } finally {
      become(before);
    }
  });
  turn = outcome.catch(() => undefined);
  return outcome;
}

function become(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) delete process.env[name];
  }
  Object.assign(process.env, environment);
}

/** One that has not ended by then is held open by something, and has no code. */
const ENDS_WITHIN_MS = 30_000;

export async function runProcess(
  words: readonly string[],
  { cwd, env }: RunSurroundings,
): Promise<Outcome> {
  const { BULKHEAD_ADMIN_URL, BULKHEAD_CONTEXT_KEY, DATABASE_URL, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: ENDS_WITHIN_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout, stderr };
}
