/** `bulkhead audit proof`: that one event is in the log, as a small file. `run-proof.ts` does the work. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';
import { reasonOption, tenantOption } from './shared-options.ts';

const input = z.strictObject({
  event: z.uuid('must be the id of an event'),
  tenant: z.string({ error: '--tenant is required' }),
  form: z.enum(['tlog-proof', 'json']).default('tlog-proof'),
  out: z.string().optional(),
  reason: z.string().optional(),
});
export type ProofInput = z.output<typeof input>;

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
  input,
  run: async (io, given) => (await import('./run-proof.ts')).runProof(io, given),
});
