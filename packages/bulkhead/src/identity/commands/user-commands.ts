/** `bulkhead user …`: people's accounts from the command line, over the administrator's connection. */
import { z } from 'zod';
import {
  type ArgumentDefinition,
  type CommandDefinition,
  defineCommand,
} from '../../kernel/command.ts';

const user: ArgumentDefinition = {
  name: 'user',
  summary: 'The user’s e-mail address or id.',
  required: true,
};
const reason = { flags: '--reason <text>', summary: 'Why, for the log.' };
const withReason = z.strictObject({ user: z.string(), reason: z.string().max(1_000).optional() });

const list = defineCommand({
  name: 'user list',
  summary: 'Shows users in order of their addresses.',
  arguments: [],
  options: [
    { flags: '--after <email>', summary: 'Begin behind this address.' },
    { flags: '--limit <count>', summary: 'How many, at most 200.', default: '50' },
  ],
  examples: [{ command: 'bulkhead user list --json', summary: 'Prints them as JSON.' }],
  input: z.strictObject({
    after: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  run: async (io, input) => (await import('./run-user.ts')).listUsers(io, input),
});

const show = defineCommand({
  name: 'user show',
  summary: 'Shows a user, the tenants they belong to and their sessions.',
  arguments: [user],
  options: [],
  examples: [{ command: 'bulkhead user show ada@acme.example', summary: 'All about Ada.' }],
  input: z.strictObject({ user: z.string() }),
  run: async (io, input) => (await import('./run-user.ts')).showUser(io, input.user),
});

const create = defineCommand({
  name: 'user create',
  summary: 'Makes an account.',
  description:
    'It has no password yet: its owner sets one by the link of a password reset, or comes in by an invitation.',
  arguments: [{ name: 'email', summary: 'The user’s e-mail address.', required: true }],
  options: [
    { flags: '--name <name>', summary: 'What people are shown; the part before the @ if absent.' },
    { flags: '--verified', summary: 'Something else has shown that the mailbox is theirs.' },
  ],
  examples: [
    { command: 'bulkhead user create ada@acme.example --name "Ada Lovelace"', summary: 'Ada’s.' },
  ],
  input: z.strictObject({
    email: z.string(),
    name: z.string().optional(),
    verified: z.boolean().optional(),
  }),
  run: async (io, input) => (await import('./run-user.ts')).createUser(io, input),
});

const disable = defineCommand({
  name: 'user disable',
  summary: 'Ends a user’s sessions and lets them sign in no more.',
  arguments: [user],
  options: [reason],
  examples: [
    {
      command: 'bulkhead user disable ada@acme.example --reason "left"',
      summary: 'Holds within a second.',
    },
  ],
  input: withReason,
  run: async (io, input) => (await import('./run-user.ts')).disableUser(io, input),
});

const enable = defineCommand({
  name: 'user enable',
  summary: 'Lets a disabled user sign in again.',
  arguments: [user],
  options: [],
  examples: [{ command: 'bulkhead user enable ada@acme.example', summary: 'Lets Ada in again.' }],
  input: z.strictObject({ user: z.string() }),
  run: async (io, input) => (await import('./run-user.ts')).enableUser(io, input.user),
});

const resetFactors = defineCommand({
  name: 'user reset-factors',
  summary: 'Takes every second factor from a user who lost theirs.',
  description:
    'Authenticator app, passkeys and recovery codes go, and every session ends. Know by other means who asks: this is what somebody pretending would ask for.',
  arguments: [user],
  options: [reason],
  examples: [
    {
      command: 'bulkhead user reset-factors ada@acme.example --reason "lost phone, seen on video"',
      summary: 'Ada enrols anew at her next sign-in.',
    },
  ],
  input: z.strictObject({
    user: z.string(),
    reason: z.string({ error: '--reason is required' }).min(1).max(1_000),
  }),
  run: async (io, input) => (await import('./run-user.ts')).resetFactors(io, input),
});

export const userCommands: readonly CommandDefinition[] = [
  list,
  show,
  create,
  disable,
  enable,
  resetFactors,
];
