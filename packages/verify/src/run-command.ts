/** One call of the command line: one line a check on standard output, the sum of it on standard error. */
import { readFileSync } from 'node:fs';
import { WrongUse } from './arguments.ts';
import { type Command, readCommand, USAGE } from './command-line.ts';
import { compareCopies } from './compare-copies.ts';
import type { Verdict } from './log-options.ts';
import { showProgress } from './progress.ts';
import { formatCheck, printable } from './report.ts';
import { verifyLog } from './verify-log.ts';
import { verifyProofs } from './verify-proofs.ts';

const PASSED = 0;
const FAILED = 1;
const WRONG_USE = 2;

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** Returns the exit status. */
export function runCommand(argv: readonly string[], { out, err }: Output): number {
  let command: Command;
  try {
    command = readCommand(argv);
  } catch (error) {
    if (!(error instanceof WrongUse)) throw error;
    err(`bulkhead-verify: ${printable(error.message)}\n\n${USAGE}`);
    return WRONG_USE;
  }
  if (command.door === 'help' || command.door === 'version') {
    out(command.door === 'help' ? USAGE : `${version()}\n`);
    return PASSED;
  }
  const verdict = judge(command);
  if (command.json) out(`${asJson(verdict)}\n`);
  else out(verdict.checks.map((check) => `${formatCheck(check)}\n`).join(''));
  const failed = verdict.checks.filter(({ status }) => status === 'FAIL').length;
  err(verdict.ok ? 'verified\n' : `NOT verified: ${failed} failed\n`);
  return verdict.ok ? PASSED : FAILED;
}

function judge(command: Exclude<Command, { door: 'help' } | { door: 'version' }>): Verdict {
  try {
    if (command.door === 'proofs') return verifyProofs(command.options);
    if (command.door === 'compare') return compareCopies(command.options);
    const progress = showProgress();
    const verdict = verifyLog({ ...command.options, onProgress: progress.show });
    progress.clear();
    return verdict;
  } catch (error) {
    // A fault of ours, or a disk that fails: whatever it is, nothing was verified.
    const detail = printable(error instanceof Error ? error.message : String(error));
    return { ok: false, checks: [{ status: 'FAIL', id: 'internal', detail }] };
  }
}

function asJson({ ok, checks, checkpoint }: Verdict): string {
  const log = checkpoint && {
    origin: checkpoint.origin,
    size: checkpoint.size,
    root: Buffer.from(checkpoint.root).toString('base64'),
  };
  return JSON.stringify({ ok, ...log, checks });
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
