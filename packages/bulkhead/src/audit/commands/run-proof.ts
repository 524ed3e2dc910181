/** What `bulkhead audit proof` does. */
import { resolve } from 'node:path';
import { parseCheckpoint, parseNote } from 'bulkhead-verify';
import { type CommandIo, type ExitCode, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { proveInclusion } from '../log/prove-log.ts';
import { writeProof } from '../log/write-proof.ts';
import { asOperator } from './operator-session.ts';
import type { ProofInput } from './proof.ts';
import { writeNewFile } from './write-new-file.ts';

export function runProof(
  io: CommandIo,
  { event, tenant: given, form, out, reason }: ProofInput,
): Promise<ExitCode> {
  return asOperator(io, { command: 'audit proof', reason }, async ({ query, tenant: find }) => {
    const tenant = await find(given);
    const proven = await proveInclusion({ query }, { tenant, id: event.toLowerCase() });
    const json = `${JSON.stringify(proven.proof, null, 2)}\n`;
    const text = form === 'json' ? json : writeProof(proven);
    if (out === undefined) io.line(text.replace(/\n$/, ''));
    else {
      const path = resolve(io.cwd, out);
      await writeNewFile(path, text, usage);
      if (form === 'json') await writeNewFile(`${path}.checkpoint`, proven.checkpoint, usage);
      io.line(`${out}: entry ${proven.proof.leafIndex} of ${proven.proof.treeSize}.`);
    }
    const { origin } = parseCheckpoint(parseNote(proven.checkpoint).text);
    io.result({ event, origin, proof: proven.proof, checkpoint: proven.checkpoint });
    return exitCodes.done;
  });
}

const usage = (path: string): Error =>
  kernelError('kernel.file_exists', {
    message: `${path} is there already.`,
    next: 'Name another file.',
  });
