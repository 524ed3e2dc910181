/** `bulkhead access …`: who may do what in a tenant, and why, from the command line. Reads; changes nothing. */
import { z } from 'zod';
import {
  type ArgumentDefinition,
  type CommandDefinition,
  defineCommand,
} from '../kernel/command.ts';

const AS_APP = 'Connects as the app’s role (DATABASE_URL).';
const tenant: ArgumentDefinition = {
  name: 'tenant',
  summary: 'The tenant’s id or slug.',
  required: true,
};
const NODE = { flags: '--node <id>', summary: 'On this node; on the tenant itself unless given.' };
const node = z.uuid().optional();

/** `user:ada`, as logs and tables show it; ids may hold colons themselves. */
const named = <const T extends readonly [string, ...string[]]>(types: T) =>
  z
    .string()
    .regex(
      new RegExp(`^(?:${types.join('|')}):[\\x21-\\x7e]{1,200}$`),
      `must be type:id with one of ${types.join(', ')}`,
    )
    .transform((text) => ({
      // The expression above names the types.
      type: text.slice(0, text.indexOf(':')) as T[number],
      id: text.slice(text.indexOf(':') + 1),
    }));

const explain = defineCommand({
  name: 'access explain',
  summary: 'Says why somebody may or may not.',
  description: `Names the grant that decides, or what is missing. Exits with 1 when they may not. ${AS_APP}`,
  arguments: [
    tenant,
    { name: 'actor', summary: 'Who, as type:id: user:…, api_key:….', required: true },
    { name: 'permission', summary: 'Such as invoice:read.', required: true },
  ],
  options: [NODE],
  examples: [
    {
      command: 'bulkhead access explain acme user:ada invoice:void',
      summary: 'Whether Ada may void invoices of Acme, and why.',
    },
  ],
  input: z.strictObject({
    tenant: z.string(),
    actor: named(['user', 'service_account', 'api_key', 'system', 'operator']),
    permission: z.string(),
    node,
  }),
  run: async (io, input) => (await import('./run-commands.ts')).explainAccess(io, input),
});

const roles = defineCommand({
  name: 'access roles',
  summary: 'Lists a tenant’s roles, or all that one of them holds.',
  description: AS_APP,
  arguments: [tenant, { name: 'role', summary: 'Only this one, with all that it holds.' }],
  options: [],
  examples: [
    { command: 'bulkhead access roles acme', summary: 'The built-in roles and Acme’s own.' },
    { command: 'bulkhead access roles acme member', summary: 'All that a member may.' },
  ],
  input: z.strictObject({ tenant: z.string(), role: z.string().optional() }),
  run: async (io, input) => (await import('./run-commands.ts')).showRoles(io, input),
});

const grants = defineCommand({
  name: 'access grants',
  summary: 'Lists what was granted to whom, where, and until when.',
  description: AS_APP,
  arguments: [tenant],
  options: [
    { flags: '--holder <type:id>', summary: 'Only to this user, service_account or group.' },
    { flags: '--role <key>', summary: 'Only of this role.' },
    { flags: '--node <id>', summary: 'Only on this very node.' },
  ],
  examples: [
    {
      command: 'bulkhead access grants acme --role owner',
      summary: 'Who owns Acme.',
    },
  ],
  input: z.strictObject({
    tenant: z.string(),
    holder: named(['user', 'service_account', 'group']).optional(),
    role: z.string().optional(),
    node,
  }),
  run: async (io, input) => (await import('./run-commands.ts')).showGrants(io, input),
});

const permissions = defineCommand({
  name: 'access permissions',
  summary: 'Lists the permissions that there are, or those that a member holds.',
  description: AS_APP,
  arguments: [tenant],
  options: [
    { flags: '--actor <type:id>', summary: 'Only what this user or service_account holds.' },
    NODE,
  ],
  examples: [
    {
      command: 'bulkhead access permissions acme --actor user:ada',
      summary: 'All that Ada may at Acme.',
    },
  ],
  input: z
    .strictObject({
      tenant: z.string(),
      actor: named(['user', 'service_account']).optional(),
      node,
    })
    .refine((given) => given.node === undefined || given.actor !== undefined, {
      message: '--node needs --actor',
      path: ['node'],
    }),
  run: async (io, input) => (await import('./run-commands.ts')).showPermissions(io, input),
});

export const accessCommands: readonly CommandDefinition[] = [explain, roles, grants, permissions];
