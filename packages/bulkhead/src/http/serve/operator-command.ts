/** `bulkhead operator add`: the first who may sign in to the control plane, and every further one. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';

const roles = ['owner', 'admin', 'auditor', 'viewer'] as const;
const input = z.strictObject({
  email: z.string(),
  name: z.string().optional(),
  role: z.enum(roles).default('owner'),
});
export type OperatorAddInput = z.output<typeof input>;

export const operatorAddCommand = defineCommand({
  name: 'operator add',
  summary: 'Make somebody an operator: staff who work across tenants.',
  description:
    'Makes the account where there is none, and prints a link (or its token) by which its owner sets a password within the hour. Owners and admins may change tenants, auditors look at everything. Connects as the administrator.',
  arguments: [{ name: 'email', summary: 'Their e-mail address.', required: true }],
  options: [
    { flags: '--name <name>', summary: 'What people are shown; the part before the @ if absent.' },
    {
      flags: '--role <role>',
      summary: 'What they may do among the operators.',
      default: 'owner',
      choices: roles,
    },
  ],
  examples: [
    { command: 'bulkhead operator add ada@notes.example', summary: 'The first one.' },
    {
      command: 'bulkhead operator add bo@notes.example --role auditor',
      summary: 'Somebody who may look and change nothing.',
    },
  ],
  input,
  run: async (io, options) => (await import('./run-operator-add.ts')).runOperatorAdd(io, options),
});
