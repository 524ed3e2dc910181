/** Runs the command line in this process and gives what it printed. */
import { runCommand } from '../run-command.ts';
import { LOG_KEY } from './build-log.ts';

export interface Run {
  readonly status: number;
  readonly lines: readonly string[];
  readonly err: string;
  /** The ids that failed, each once. */
  readonly failed: readonly string[];
}

export function run(...argv: string[]): Run {
  let out = '';
  let err = '';
  const status = runCommand(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  const lines = out.split('\n').filter((line) => line !== '');
  const failures = lines.filter((line) => line.startsWith('FAIL '));
  return {
    status,
    lines,
    err,
    failed: [...new Set(failures.map((line) => line.split(' ')[1] ?? ''))],
  };
}

/** `log` with the log's own key. */
export const runLog = (directory: string, ...flags: string[]): Run =>
  run('log', directory, '--vkey', LOG_KEY.vkey, ...flags);
