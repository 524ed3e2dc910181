/** `bulkhead audit export`: a directory for an auditor, which `bulkhead-verify` checks without us. `run-export.ts` does the work. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';
import { classSchema } from '../event.ts';
import { classOption, reasonOption, tenantOption, vkeyOption } from './shared-options.ts';

const input = z.strictObject({
  tenant: z.string({ error: '--tenant is required' }),
  class: classSchema.default('standard'),
  from: z.string().optional(),
  to: z.string().optional(),
  out: z.string({ error: '--out is required' }),
  sealed: z.boolean().default(false),
  prove: z.array(z.uuid()).max(1000).default([]),
  vkey: z.array(z.string()).optional(),
  reason: z.string().optional(),
});
export type ExportInput = z.output<typeof input>;

export const auditExport = defineCommand({
  name: 'audit export',
  summary: 'Write a tenant’s log as a directory that anybody can verify.',
  description:
    'Writes a C2SP tlog-tiles directory with the signed checkpoint, all hashes, the entries from --from on, openings of personal values, proofs and a page for the auditor; checks it with the verifier and only then gives it its name. Cut off, the same command goes on where it stopped.',
  arguments: [],
  options: [
    tenantOption,
    classOption,
    { flags: '--from <time>', summary: 'Leave out entries before the first event of then.' },
    {
      flags: '--to <time>',
      summary: 'End with the earliest checkpoint that covers every event before then.',
    },
    { flags: '--out <dir>', summary: 'The directory; must not be there yet.' },
    { flags: '--sealed', summary: 'Leave personal values out.' },
    {
      flags: '--prove <event>',
      summary: 'Also write an inclusion proof of this event. Repeatable.',
      repeatable: true,
    },
    vkeyOption,
    reasonOption,
  ],
  examples: [
    {
      command:
        'bulkhead audit export --tenant acme --from 2026-01-01 --to 2026-07-01 --out acme-2026-h1',
      summary: 'Half a year of Acme’s log.',
    },
    {
      command: 'npx bulkhead-verify log acme-2026-h1 --vkey KEY',
      summary: 'What the auditor does with it.',
    },
  ],
  input,
  run: async (io, given) => (await import('./run-export.ts')).runExport(io, given),
});
