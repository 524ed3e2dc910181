/** `bulkhead session …`: who is signed in to a tenant, as an operator. */
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

const list = defineCommand({
  name: 'session list',
  summary: 'Shows the sessions that are alive in a tenant.',
  description: 'Connects as the app’s role (DATABASE_URL).',
  arguments: [tenant],
  options: [{ flags: '--user <id>', summary: 'Only this user’s.' }],
  examples: [{ command: 'bulkhead session list acme', summary: 'With device and address.' }],
  input: z.strictObject({ tenant: z.string(), user: z.string().optional() }),
  run: async (io, input) => (await import('./run-session.ts')).listSessions(io, input),
});

const revoke = defineCommand({
  name: 'session revoke',
  summary: 'Lets a session, or all of a user’s, into a tenant no more.',
  description:
    'Holds within a second in every process; in other tenants the session goes on. `user disable` ends all of a user’s sessions everywhere. Ends with 1 where there was none. Connects as the app’s role (DATABASE_URL).',
  arguments: [tenant, { name: 'session', summary: 'The session’s id.', required: false }],
  options: [{ flags: '--user <id>', summary: 'Instead of one session, all of this user’s.' }],
  examples: [{ command: 'bulkhead session revoke acme 8f1c…', summary: 'Shuts one out.' }],
  input: z
    .strictObject({
      tenant: z.string(),
      session: z.string().optional(),
      user: z.string().optional(),
    })
    .refine(({ session, user }) => (session === undefined) !== (user === undefined), {
      message: 'name a session, or --user',
      path: ['session'],
    }),
  run: async (io, input) => (await import('./run-session.ts')).revokeSessions(io, input),
});

export const sessionCommands: readonly CommandDefinition[] = [list, revoke];
