/** `bulkhead invite …`: a tenant's invitations from the command line, as an operator. */
import { z } from 'zod';
import {
  type ArgumentDefinition,
  type CommandDefinition,
  defineCommand,
} from '../../kernel/command.ts';

const tenant: ArgumentDefinition = {
  name: 'tenant',
  summary: 'The tenant’s id or slug.',
  required: true,
};
const id: ArgumentDefinition = { name: 'id', summary: 'The invitation’s id.', required: true };
const AS_APP = 'Connects as the app’s role (DATABASE_URL).';
const statuses = ['pending', 'accepted', 'revoked', 'expired'] as const;

const create = defineCommand({
  name: 'invite create',
  summary: 'Invites somebody by mail.',
  description: `${AS_APP} The mail goes out at once where identity.mail is set and may be sent from here; else by whatever process sends.`,
  arguments: [
    tenant,
    { name: 'email', summary: 'The address; no other can accept.', required: true },
    { name: 'role', summary: 'The role’s key, such as member.', required: true },
  ],
  options: [
    { flags: '--name <name>', summary: 'What the mail calls them.' },
    { flags: '--node <id>', summary: 'Where they get the role; the tenant if absent.' },
  ],
  examples: [
    {
      command: 'bulkhead invite create acme ada@acme.example owner',
      summary: 'Invites the first owner of Acme.',
    },
  ],
  input: z.strictObject({
    tenant: z.string(),
    email: z.string(),
    role: z.string(),
    name: z.string().optional(),
    node: z.string().optional(),
  }),
  run: async (io, input) => (await import('./run-commands.ts')).createInvitation(io, input),
});

const list = defineCommand({
  name: 'invite list',
  summary: 'Shows a tenant’s invitations, the newest first.',
  description: `${AS_APP} With --csv all of them as a table that is safe to open in a spreadsheet.`,
  arguments: [tenant],
  options: [
    { flags: '--status <status>', summary: 'Only these.', choices: statuses },
    { flags: '--after <cursor>', summary: 'Where the page before ended.' },
    { flags: '--limit <count>', summary: 'How many, at most 200.', default: '50' },
    { flags: '--csv', summary: 'Prints all of them as CSV.' },
  ],
  examples: [
    { command: 'bulkhead invite list acme --status pending', summary: 'Who has not come in yet.' },
  ],
  input: z
    .strictObject({
      tenant: z.string(),
      status: z.enum(statuses).optional(),
      after: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      csv: z.boolean().optional(),
    })
    .refine(({ csv, status, after }) => !csv || (status ?? after) === undefined, {
      message: '--csv is of all invitations',
      path: ['csv'],
    }),
  run: async (io, input) => (await import('./run-commands.ts')).listInvitations(io, input),
});

const resend = defineCommand({
  name: 'invite resend',
  summary: 'Mails a new link, which ends the one before.',
  description: AS_APP,
  arguments: [tenant, id],
  options: [],
  examples: [
    {
      command: 'bulkhead invite resend acme 0b2f…',
      summary: 'Another link, for another seven days.',
    },
  ],
  input: z.strictObject({ tenant: z.string(), id: z.string() }),
  run: async (io, input) => (await import('./run-commands.ts')).resendInvitation(io, input),
});

const revoke = defineCommand({
  name: 'invite revoke',
  summary: 'Takes an invitation back: its link is dead at once.',
  description: AS_APP,
  arguments: [tenant, id],
  options: [],
  examples: [{ command: 'bulkhead invite revoke acme 0b2f…', summary: 'Nobody comes in by it.' }],
  input: z.strictObject({ tenant: z.string(), id: z.string() }),
  run: async (io, input) => (await import('./run-commands.ts')).revokeInvitation(io, input),
});

const importCommand = defineCommand({
  name: 'invite import',
  summary: 'Invites everybody in a CSV table.',
  description: `The first line names the columns: email, role, and perhaps name and node; 10,000 lines at most. Running it again invites nobody twice. Exits with 1 when a line was refused. ${AS_APP}`,
  arguments: [tenant, { name: 'file', summary: 'The table.', required: true }],
  options: [{ flags: '--dry-run', summary: 'Says what would happen, and does nothing.' }],
  examples: [
    {
      command: 'bulkhead invite import acme people.csv --dry-run',
      summary: 'Which lines are fine.',
    },
  ],
  input: z.strictObject({ tenant: z.string(), file: z.string(), dryRun: z.boolean().optional() }),
  run: async (io, input) => (await import('./run-commands.ts')).importInvitations(io, input),
});

export const invitationCommands: readonly CommandDefinition[] = [
  create,
  list,
  resend,
  revoke,
  importCommand,
];
