#!/usr/bin/env node
import { runCommand } from './run-command.ts';

// A reader who has seen enough, `| head` for one, changes no verdict.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exitCode = runCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
