/** The command line as npm installs it, run as a user runs it: in a process of its own, from the build. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const MAIN = join(import.meta.dirname, '../../packages/bulkhead/dist/cli/main.js');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What the developer's own shell says of a database is left out; `env` says what is to be known. */
export async function runCommand(
  words: readonly string[],
  { cwd, env }: Surroundings,
): Promise<Outcome> {
  const { BULKHEAD_ADMIN_URL, BULKHEAD_CONTEXT_KEY, DATABASE_URL, ...inherited } = process.env;
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
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
