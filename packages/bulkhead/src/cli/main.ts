#!/usr/bin/env node
/**
 * The command line's edge: the only module that touches the process.
 *
 * Promises: a reader that closes the pipe ends the program quietly, Ctrl-C ends it with 130, a supervisor's SIGTERM
 * lets the command tidy up.
 */
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';
import { exitCodes } from '../kernel/command.ts';
import { runCommandLine } from './command-line.ts';

// From Node 22.8 on what was compiled once is kept for the next time: beside the code, where nobody writes who could
// not change the code itself. Node's own place for it is a folder for temporary files, which all users share.
(nodeModule as { enableCompileCache?: (folder: string) => unknown }).enableCompileCache?.(
  fileURLToPath(new URL('../../.cache', import.meta.url)),
);

const interrupt = new AbortController();
/** How long work may tidy up after Ctrl-C before the process ends anyway. */
const INTERRUPT_GRACE_MS = 3_000;

process.on('SIGINT', () => {
  // A second Ctrl-C means it.
  if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
  interrupt.abort();
  setTimeout(() => process.exit(exitCodes.interrupted), INTERRUPT_GRACE_MS).unref();
});

/** How a supervisor ends a worker: what stops by itself in time has ended well. */
let terminated = false;
let terminateGraceMs = 10_000;

process.on('SIGTERM', () => {
  terminated = true;
  interrupt.abort();
  setTimeout(() => process.exit(exitCodes.terminated), terminateGraceMs).unref();
});

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `bulkhead … | head` closes the pipe early; that is no fault of anyone's.
    process.exit(error.code === 'EPIPE' ? exitCodes.done : exitCodes.internal);
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  environment: process.env,
  signal: interrupt.signal,
  allowToEnd(withinMs) {
    terminateGraceMs = withinMs;
  },
});
if (interrupt.signal.aborted && !terminated) process.exitCode = exitCodes.interrupted;
// A connection that still waits for its statement keeps nobody here: the command has said that it is done.
if (terminated) process.exit();
