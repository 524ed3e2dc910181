/** `bulkhead audit erase`: a person's data in one tenant's log, for ever. `run-erase.ts` does the work. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';
import { subjectSchema } from '../event.ts';
import { tenantOption } from './shared-options.ts';

const input = z.strictObject({
  subject: z
    .string()
    .regex(/^[^:]+:.+$/s, 'must be a type and an id, as user:8f1c')
    .transform((text) => ({
      type: text.slice(0, text.indexOf(':')),
      id: text.slice(text.indexOf(':') + 1),
    }))
    .pipe(subjectSchema),
  tenant: z.string({ error: '--tenant is required' }).min(1, 'must not be empty'),
  reason: z
    .string({ error: '--reason is required' })
    .min(1, 'must not be empty')
    .max(1000, 'must have at most 1000 characters'),
});
export type EraseInput = z.output<typeof input>;

export const auditErase = defineCommand({
  name: 'audit erase',
  summary: 'Make a person’s data in a tenant’s log unreadable for ever.',
  description:
    'Destroys the person’s key, deletes what it opened, and appends subject.erased. Leaves, roots and every proof stay good. It cannot be undone; done again, it changes nothing. Cut off, run it again. Connects as audit.sequencerUrl.',
  arguments: [{ name: 'subject', summary: 'Type and id, as user:8f1c….', required: true }],
  options: [tenantOption, { flags: '--reason <text>', summary: 'Why; stands in the log.' }],
  examples: [
    {
      command: 'bulkhead audit erase user:8f1c --tenant acme --reason "Request 17"',
      summary: 'Erases one user of one tenant.',
    },
  ],
  input,
  run: async (io, given) => (await import('./run-erase.ts')).runErase(io, given),
});
