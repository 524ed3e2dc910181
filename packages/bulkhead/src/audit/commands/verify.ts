/** `bulkhead audit verify`: the running system's logs against what was signed. `run-verify.ts` does the work. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';
import { classSchema } from '../event.ts';
import { classOption, reasonOption, tenantOption, vkeyOption } from './shared-options.ts';

const input = z.strictObject({
  tenant: z.string().optional(),
  class: classSchema.optional(),
  pin: z.array(z.string()).default([]),
  state: z.string().optional(),
  logOnly: z.boolean().default(false),
  vkey: z.array(z.string()).optional(),
  reason: z.string().optional(),
});
export type VerifyInput = z.output<typeof input>;

export const auditVerify = defineCommand({
  name: 'audit verify',
  summary: 'Verify the audit logs of the running system.',
  description:
    'Hashes every leaf anew and holds the tree, tiles, checkpoints, openings and search rows against it; one line a check. What the signing key itself was misused for is noticed by who kept a checkpoint: --pin, or --state, which remembers the last one of each log. Exit status 1 when anything fails.',
  arguments: [],
  options: [
    { ...tenantOption, summary: 'One tenant, by id or slug; all of them unless given.' },
    classOption,
    {
      flags: '--pin <file>',
      summary: 'A checkpoint kept from earlier. Repeatable.',
      repeatable: true,
    },
    { flags: '--state <file>', summary: 'Where to remember the last checkpoint of each log.' },
    { flags: '--log-only', summary: 'Leave out openings and search rows.' },
    vkeyOption,
    reasonOption,
  ],
  examples: [
    { command: 'bulkhead audit verify --state audit.state.json', summary: 'All logs, each night.' },
    {
      command: 'bulkhead audit verify --tenant acme --pin acme.checkpoint',
      summary: 'One log, against a kept checkpoint.',
    },
  ],
  input,
  run: async (io, given) => (await import('./run-verify.ts')).runVerify(io, given),
});
