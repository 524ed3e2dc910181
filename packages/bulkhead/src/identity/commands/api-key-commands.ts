/** `bulkhead service-account …` and `bulkhead api-key …`: programs of a tenant, as an operator. */
import { z } from 'zod';
import {
  type ArgumentDefinition,
  type CommandDefinition,
  defineCommand,
} from '../../kernel/command.ts';

const AS_APP = 'Connects as the app’s role (DATABASE_URL).';
const tenant: ArgumentDefinition = {
  name: 'tenant',
  summary: 'The tenant’s id or slug.',
  required: true,
};
const key: ArgumentDefinition = { name: 'key', summary: 'The key’s id.', required: true };
const name = (of: string): ArgumentDefinition => ({
  name: 'name',
  summary: `What people call the ${of}.`,
  required: true,
});

const accountList = defineCommand({
  name: 'service-account list',
  summary: 'Shows a tenant’s service accounts.',
  description: AS_APP,
  arguments: [tenant],
  options: [],
  examples: [{ command: 'bulkhead service-account list acme', summary: 'Acme’s.' }],
  input: z.strictObject({ tenant: z.string() }),
  run: async (io, input) => (await import('./run-api-key.ts')).listAccounts(io, input.tenant),
});

const accountCreate = defineCommand({
  name: 'service-account create',
  summary: 'Makes a service account, which may do nothing until a role is granted to it.',
  description: AS_APP,
  arguments: [tenant, name('account')],
  options: [{ flags: '--description <text>', summary: 'What it is for.' }],
  examples: [{ command: 'bulkhead service-account create acme "CI"', summary: 'For Acme’s CI.' }],
  input: z.strictObject({
    tenant: z.string(),
    name: z.string(),
    description: z.string().optional(),
  }),
  run: async (io, input) => (await import('./run-api-key.ts')).createAccount(io, input),
});

const list = defineCommand({
  name: 'api-key list',
  summary: 'Shows a tenant’s API keys, never their tokens.',
  description: AS_APP,
  arguments: [tenant],
  options: [
    { flags: '--after <id>', summary: 'Begin behind this key.' },
    { flags: '--limit <count>', summary: 'How many, at most 200.', default: '50' },
  ],
  examples: [{ command: 'bulkhead api-key list acme', summary: 'With their last use.' }],
  input: z.strictObject({
    tenant: z.string(),
    after: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  run: async (io, input) => (await import('./run-api-key.ts')).listKeys(io, input),
});

const create = defineCommand({
  name: 'api-key create',
  summary: 'Makes an API key for a service account and prints its token, this once.',
  description: AS_APP,
  arguments: [tenant, name('key')],
  options: [
    { flags: '--service-account <id>', summary: 'Whose it is.' },
    {
      flags: '--permission <name>',
      summary: 'Limits it to this permission; repeatable.',
      repeatable: true,
    },
    { flags: '--node <id>', summary: 'Limits it to this node; repeatable.', repeatable: true },
    { flags: '--expires-days <days>', summary: 'Ends after so many days; never if absent.' },
  ],
  examples: [
    {
      command:
        'bulkhead api-key create acme "nightly" --service-account 8f1c… --permission invoice:read --expires-days 90',
      summary: 'A key that reads invoices for ninety days.',
    },
  ],
  input: z.strictObject({
    tenant: z.string(),
    name: z.string(),
    serviceAccount: z.string({ error: '--service-account is required' }),
    permission: z.array(z.string()).optional(),
    node: z.array(z.string()).optional(),
    expiresDays: z.coerce.number().positive().max(36_500).optional(),
  }),
  run: async (io, input) => (await import('./run-api-key.ts')).createKey(io, input),
});

const rotate = defineCommand({
  name: 'api-key rotate',
  summary: 'Prints a new token for a key; the old one stays good for the overlap.',
  description: AS_APP,
  arguments: [tenant, key],
  options: [
    {
      flags: '--overlap-hours <hours>',
      summary: '0 to 168: how long both are good.',
      default: '24',
    },
  ],
  examples: [{ command: 'bulkhead api-key rotate acme 8f1c…', summary: 'Deploy it within a day.' }],
  input: z.strictObject({
    tenant: z.string(),
    key: z.string(),
    overlapHours: z.coerce.number().min(0).max(168).default(24),
  }),
  run: async (io, input) => (await import('./run-api-key.ts')).rotateKey(io, input),
});

const revoke = defineCommand({
  name: 'api-key revoke',
  summary: 'Withdraws a key, within a second in every process.',
  description: AS_APP,
  arguments: [tenant, key],
  options: [],
  examples: [{ command: 'bulkhead api-key revoke acme 8f1c…', summary: 'It leaked.' }],
  input: z.strictObject({ tenant: z.string(), key: z.string() }),
  run: async (io, input) => (await import('./run-api-key.ts')).revokeKey(io, input),
});

export const serviceAccountCommands: readonly CommandDefinition[] = [accountList, accountCreate];
export const apiKeyCommands: readonly CommandDefinition[] = [list, create, rotate, revoke];
