#!/usr/bin/env node
/**
 * The command line's edge: the only module that touches the process.
 *
 * Promises: stdout holds the answer and nothing else; exit codes are those of `docs/reference/cli.md`; a
 * reader that closes the pipe ends the program quietly, Ctrl-C ends it with 130.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { exitCodes } from '../kernel/command.ts';
import { createPaint, wantsColour } from '../kernel/terminal/index.ts';
import { createCommandIo } from './command-io.ts';
import { commands } from './commands.ts';
import { readEnvironment } from './environment.ts';
import { exitCodeOf } from './exit-code.ts';
import { buildProgram, type RunCommand, usageError } from './program.ts';
import { errorDocument, formatError } from './report-error.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')));

const argv = process.argv.slice(2);
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

const run: RunCommand = async (definition, options, input) => {
  const io = createCommandIo(options, readEnvironment(process.cwd()), {
    signal: interrupt.signal,
    allowToEnd(withinMs) {
      terminateGraceMs = withinMs;
    },
  });
  process.exitCode = await definition.run(io, input);
};

try {
  await buildProgram(version, commands, run).parseAsync(argv, { from: 'user' });
} catch (thrown) {
  const error = usageError(thrown);
  if (interrupt.signal.aborted) process.exitCode = exitCodes.terminated;
  else if (error !== undefined) fail(error);
}
if (interrupt.signal.aborted && !terminated) process.exitCode = exitCodes.interrupted;
// A connection that still waits for its statement keeps nobody here: the command has said that it is done.
if (terminated) process.exit();

/** The parser itself may have failed, so the flags that matter here are read from the words as given. */
function fail(error: unknown): void {
  process.exitCode = exitCodeOf(error);
  if (argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify(errorDocument(error), null, 2)}\n`);
    return;
  }
  const paint = createPaint(
    wantsColour({
      isTerminal: process.stderr.isTTY === true,
      noColor: process.env.NO_COLOR,
      flag: !argv.includes('--no-color'),
    }),
  );
  process.stderr.write(formatError(error, { paint, verbose: argv.includes('--verbose') }));
}
