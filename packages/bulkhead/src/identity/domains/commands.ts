/** `bulkhead domain …`: mail domains whose people may join a tenant, from the command line, as an operator. */
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
const domain: ArgumentDefinition = {
  name: 'domain',
  summary: 'What stands behind the @, such as acme.com.',
  required: true,
};
const AS_APP = 'Connects as the app’s role (DATABASE_URL).';
const domainInput = z.strictObject({ tenant: z.string(), domain: z.string() });

const add = defineCommand({
  name: 'domain add',
  summary: 'Adds a mail domain and says which TXT record shows that it is the tenant’s.',
  description: AS_APP,
  arguments: [tenant, domain],
  options: [{ flags: '--role <role>', summary: 'What who joins is given.', default: 'member' }],
  examples: [{ command: 'bulkhead domain add acme acme.com', summary: 'Prints the record.' }],
  input: domainInput.extend({ role: z.string().default('member') }),
  run: async (io, input) => (await import('./run-commands.ts')).addDomain(io, input),
});

const list = defineCommand({
  name: 'domain list',
  summary: 'Shows a tenant’s mail domains.',
  description: AS_APP,
  arguments: [tenant],
  options: [],
  examples: [{ command: 'bulkhead domain list acme --json', summary: 'Prints them as JSON.' }],
  input: z.strictObject({ tenant: z.string() }),
  run: async (io, input) => (await import('./run-commands.ts')).listDomains(io, input),
});

const verify = defineCommand({
  name: 'domain verify',
  summary: 'Looks for the TXT record now.',
  description: `Exits with 1 when it is not there, or the domain is another tenant’s. ${AS_APP} Needs identity.accountsUrl.`,
  arguments: [tenant, domain],
  options: [],
  examples: [{ command: 'bulkhead domain verify acme acme.com', summary: 'Asks the DNS.' }],
  input: domainInput,
  run: async (io, input) => (await import('./run-commands.ts')).verifyDomain(io, input),
});

const remove = defineCommand({
  name: 'domain remove',
  summary: 'Removes a mail domain; who has joined by it stays.',
  description: AS_APP,
  arguments: [tenant, domain],
  options: [],
  examples: [{ command: 'bulkhead domain remove acme acme.com', summary: 'Nobody joins by it.' }],
  input: domainInput,
  run: async (io, input) => (await import('./run-commands.ts')).removeDomain(io, input),
});

export const domainCommands: readonly CommandDefinition[] = [add, list, verify, remove];
