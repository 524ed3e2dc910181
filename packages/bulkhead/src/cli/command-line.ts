/**
 * What the words of a command line do, for whoever has a terminal: the process, or a test.
 *
 * Promises: stdout holds the answer and nothing else; what it returns is the exit code of `docs/reference/cli.md`.
 * Ends nothing and listens to no signal: that is the process's (`main.ts`).
 */
import { type ExitCode, exitCodes } from '../kernel/command.ts';
import type { BulkheadError } from '../kernel/errors.ts';
import { version } from '../kernel/version.ts';
import { exitCodeOf } from './exit-code.ts';
import type { Surroundings } from './surroundings.ts';
import { toldError } from './told-error.ts';

const VERSION_ALONE = /^(?:-V|--version)$/;

export async function runCommandLine(
  words: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { stdout, signal } = surroundings;
  if (words.length === 1 && VERSION_ALONE.test(words[0] ?? '')) {
    stdout.write(`${version}\n`);
    return exitCodes.done;
  }
  // What parses and what prints is loaded for a command, not for the version.
  const { buildProgram, usageError } = await import('./program.ts');
  const { loadCommandsFor } = await import('./commands.ts');
  let ended: ExitCode = exitCodes.done;
  try {
    const program = buildProgram(
      version,
      await loadCommandsFor(words),
      async (definition, options, input) => {
        const { createCommandIo } = await import('./command-io.ts');
        const { readEnvironment } = await import('./environment.ts');
        const environment = readEnvironment(surroundings.cwd, surroundings.environment);
        ended = await definition.run(createCommandIo(options, environment, surroundings), input);
      },
      (text) => void stdout.write(text),
    );
    await program.parseAsync([...words], { from: 'user' });
    return ended;
  } catch (thrown) {
    const left = usageError(thrown);
    if (signal.aborted) return exitCodes.terminated;
    if (left === undefined) return exitCodes.done;
    const error = toldError(left);
    await tell(error, words, surroundings);
    return exitCodeOf(error);
  }
}

/** The parser itself may have failed, so the flags that matter here are read from the words as given. */
async function tell(
  error: BulkheadError,
  words: readonly string[],
  { stdout, stderr, environment }: Surroundings,
): Promise<void> {
  if (words.includes('--json')) {
    // The problem details of RFC 9457.
    stdout.write(`${JSON.stringify(error, null, 2)}\n`);
    return;
  }
  const { formatError } = await import('./report-error.ts');
  const { createPaint, wantsColour } = await import('../kernel/terminal/paint.ts');
  const paint = createPaint(
    wantsColour({
      isTerminal: stderr.isTTY === true,
      noColor: environment.NO_COLOR,
      flag: !words.includes('--no-color'),
    }),
  );
  stderr.write(formatError(error, { paint, verbose: words.includes('--verbose') }));
}
