/** `bulkhead policy …`: a tenant's policies from the command line, as an operator. */
import { z } from 'zod';
import {
  type ArgumentDefinition,
  type CommandDefinition,
  defineCommand,
} from '../kernel/command.ts';
import { policyKindSchema, policyKinds } from './policy-kinds.ts';

const tenant: ArgumentDefinition = {
  name: 'tenant',
  summary: 'The tenant’s id or slug.',
  required: true,
};
const kind: ArgumentDefinition = {
  name: 'kind',
  summary: `One of ${policyKinds.join(', ')}.`,
  required: true,
};
const settings: ArgumentDefinition = {
  name: 'settings',
  summary: 'As name=value; lists with commas, null for no limit. What is left out stays as it is.',
  required: true,
  variadic: true,
};

const show = defineCommand({
  name: 'policy show',
  summary: 'Shows a tenant’s policies.',
  description: 'Connects as the app’s role (DATABASE_URL).',
  arguments: [tenant, { ...kind, required: false }],
  options: [],
  examples: [{ command: 'bulkhead policy show acme', summary: 'All four policies of Acme.' }],
  input: z.strictObject({ tenant: z.string(), kind: policyKindSchema.optional() }),
  run: async (io, input) => (await import('./run-commands.ts')).showPolicies(io, input),
});

const history = defineCommand({
  name: 'policy history',
  summary: 'Shows every version of a tenant’s policy, the newest first, and who set it.',
  description: 'Connects as the app’s role (DATABASE_URL).',
  arguments: [tenant, kind],
  options: [{ flags: '--after <version>', summary: 'Begin below this version.' }],
  examples: [{ command: 'bulkhead policy history acme mfa', summary: 'Who changed what, when.' }],
  input: z.strictObject({
    tenant: z.string(),
    kind: policyKindSchema,
    after: z.coerce.number().int().min(1).optional(),
  }),
  run: async (io, input) => (await import('./run-commands.ts')).showHistory(io, input),
});

const changeInput = {
  tenant: z.string(),
  kind: policyKindSchema,
  settings: z.array(z.string()).min(1),
};

const set = defineCommand({
  name: 'policy set',
  summary: 'Sets settings of a tenant’s policy.',
  description:
    'Holds for every request within a second. Refused where no owner could enter any more. Connects as the app’s role (DATABASE_URL).',
  arguments: [tenant, kind, settings],
  options: [{ flags: '--reason <text>', summary: 'Why, for the tenant’s log.' }],
  examples: [
    {
      command: 'bulkhead policy set acme mfa required=everyone',
      summary: 'Everybody at Acme needs a second factor.',
    },
    {
      command: 'bulkhead policy set acme session ipAllowlist=192.0.2.0/24,2001:db8::/32',
      summary: 'Sessions only from these networks.',
    },
  ],
  input: z.strictObject({ ...changeInput, reason: z.string().max(1_000).optional() }),
  run: async (io, input) => (await import('./run-commands.ts')).setPolicy(io, input),
});

const preview = defineCommand({
  name: 'policy preview',
  summary: 'Says whom a policy would affect, and changes nothing.',
  description: 'Exits with 1 when every owner would be shut out.',
  arguments: [tenant, kind, settings],
  options: [],
  examples: [
    {
      command: 'bulkhead policy preview acme session idleMaxMinutes=30',
      summary: 'Whose sessions would end.',
    },
  ],
  input: z.strictObject(changeInput),
  run: async (io, input) => (await import('./run-commands.ts')).previewPolicy(io, input),
});

export const policyCommands: readonly CommandDefinition[] = [show, history, set, preview];
