/** Runs one short-lived program as the server's account and gathers what it says. */
import { spawn } from 'node:child_process';
import type { Account } from './account.ts';
import type { HandedPaths } from './handed-paths.ts';

/**
 * A fixed environment: no PG* variable of the caller reaches the server, and its messages are English,
 * because some of them are matched.
 */
export const PROGRAM_ENV: NodeJS.ProcessEnv = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' };

export interface ProgramResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never throws: a program that cannot be started is a result that is not ok. */
export function runProgram(
  file: string,
  args: readonly string[],
  account: Account | undefined,
  handed?: HandedPaths,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    // The working folder is one that every user can enter: ours may be closed to the account.
    const child = spawn(file, args, {
      cwd: '/',
      env: PROGRAM_ENV,
      stdio: ['ignore', 'pipe', 'pipe', ...(handed?.descriptors ?? [])],
      ...account,
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', (error) => resolve({ ok: false, stdout, stderr: stderr + error.message }));
    child.on('close', (status) => resolve({ ok: status === 0, stdout, stderr }));
  });
}
