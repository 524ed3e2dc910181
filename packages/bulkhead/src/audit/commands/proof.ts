/** `bulkhead audit proof`: that one event is in the log, as a small file. */
import { parseCheckpoint, parseNote } from 'bulkhead-verify';
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { proveInclusion } from '../log/prove-log.ts';
import { writeProof } from '../log/write-proof.ts';
import { asOperator, reasonOption, tenantOption } from './operator-session.ts';
import { writeNewFile } from './write-new-file.ts';

export const auditProof = defineCommand({
  name: 'audit proof',
  summary: 'Prove that an event is in the log.',
  description:
    'Prints the event’s inclusion proof with the event as it lies in the log: as C2SP tlog-proof@v1 text with the signed checkpoint inside, which stands for itself, or as JSON, which needs the checkpoint beside it. `bulkhead-verify proofs FILE --vkey KEY` checks either; JSON from stdout wants `--checkpoint`.',
  arguments: [{ name: 'event', summary: 'The event’s id.', required: true }],
  options: [
    tenantOption,
    {
      flags: '--form <form>',
      summary: 'tlog-proof or json.',
      choices: ['tlog-proof', 'json'],
      default: 'tlog-proof',
    },
    {
      flags: '--out <file>',
      summary: 'Where to; stdout unless given. With json, the checkpoint goes beside it.',
    },
    reasonOption,
  ],
  examples: [
    {
      command:
        'bulkhead audit proof 019a4a10-7b1c-7c1e-9d55-2f6d1c0a9e11 --tenant acme --out event.tlog-proof',
      summary: 'A file to attach.',
    },
  ],
  input: z.strictObject({
    event: z.uuid('must be the id of an event'),
    tenant: z.string({ error: '--tenant is required' }),
    form: z.enum(['tlog-proof', 'json']).default('tlog-proof'),
    out: z.string().optional(),
    reason: z.string().optional(),
  }),
  run: (io, { event, tenant: given, form, out, reason }) =>
    asOperator(io, { command: 'audit proof', reason }, async ({ query, tenant: find }) => {
      const tenant = await find(given);
      const proven = await proveInclusion({ query }, { tenant, id: event.toLowerCase() });
      const json = `${JSON.stringify(proven.proof, null, 2)}\n`;
      const text = form === 'json' ? json : writeProof(proven);
      if (out === undefined) io.line(text.replace(/\n$/, ''));
      else {
        await writeNewFile(out, text, usage);
        if (form === 'json') await writeNewFile(`${out}.checkpoint`, proven.checkpoint, usage);
        io.line(`${out}: entry ${proven.proof.leafIndex} of ${proven.proof.treeSize}.`);
      }
      const { origin } = parseCheckpoint(parseNote(proven.checkpoint).text);
      io.result({ event, origin, proof: proven.proof, checkpoint: proven.checkpoint });
      return exitCodes.done;
    }),
});

const usage = (path: string): Error =>
  kernelError('kernel.file_exists', { message: `${path} is there already.` });
