/**
 * `bulkhead tenant …`: the directory from the command line, over the administrator's connection.
 */
import { userInfo } from 'node:os';
import pg from 'pg';
import { z } from 'zod';
import {
  type ArgumentDefinition,
  type CommandDefinition,
  type CommandIo,
  defineCommand,
  type ExitCode,
  exitCodes,
} from '../kernel/command.ts';
import { kernelError } from '../kernel/error-codes.ts';
import { connectionError } from '../kernel/migrations/database-error.ts';
import { identityError } from './errors.ts';
import { createTenantDirectory, type Tenant, type TenantDirectory } from './tenant-directory.ts';

const tenantArgument: ArgumentDefinition = {
  name: 'tenant',
  summary: 'The tenant’s id or slug.',
  required: true,
};
const domainArgument: ArgumentDefinition = {
  name: 'domain',
  summary: 'A full host name such as notes.acme.com.',
  required: true,
};
const tenantInput = z.strictObject({ tenant: z.string() });
const domainInput = z.strictObject({ tenant: z.string(), domain: z.string() });

const create = defineCommand({
  name: 'tenant create',
  summary: 'Registers a tenant.',
  arguments: [
    { name: 'slug', summary: 'Short name: one DNS label. It never changes.', required: true },
  ],
  options: [
    { flags: '--name <name>', summary: 'What people are shown; the slug if absent.' },
    { flags: '--id <uuid>', summary: 'The id your tables already use; a random one if absent.' },
    { flags: '--external-id <id>', summary: 'The identity provider’s id of this tenant.' },
  ],
  examples: [
    { command: 'bulkhead tenant create acme --name "Acme Inc"', summary: 'Registers Acme.' },
  ],
  input: z.strictObject({
    slug: z.string(),
    name: z.string().optional(),
    id: z.string().optional(),
    externalId: z.string().optional(),
  }),
  run: (io, { slug, name, id, externalId }) =>
    withDirectory(io, async (directory) => {
      const fields = {
        slug,
        ...(name && { name }),
        ...(id && { id }),
        ...(externalId && { externalId }),
      };
      return show(io, await directory.create(fields), 'registered');
    }),
});

const list = defineCommand({
  name: 'tenant list',
  summary: 'Shows the registered tenants.',
  arguments: [],
  options: [
    { flags: '--after <slug>', summary: 'Begin behind this slug.' },
    { flags: '--limit <count>', summary: 'How many, at most 200.', default: '50' },
  ],
  examples: [{ command: 'bulkhead tenant list --json', summary: 'Prints them as JSON.' }],
  input: z.strictObject({
    after: z.string().optional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  }),
  run: (io, { after, limit }) =>
    withDirectory(io, async (directory) => {
      const page = await directory.list({ limit, ...(after !== undefined && { after }) });
      showTable(io, page.tenants);
      if (page.next !== null) io.line(`There are more: bulkhead tenant list --after ${page.next}`);
      io.result(page);
      return exitCodes.done;
    }),
});

const disable = defineCommand({
  name: 'tenant disable',
  summary: 'Refuses a tenant’s requests, within 5 seconds.',
  arguments: [tenantArgument],
  options: [],
  examples: [{ command: 'bulkhead tenant disable acme', summary: 'Shuts Acme out.' }],
  input: tenantInput,
  run: (io, { tenant }) =>
    withDirectory(io, async (directory) => show(io, await directory.disable(tenant), 'disabled')),
});

const enable = defineCommand({
  name: 'tenant enable',
  summary: 'Admits a disabled tenant’s requests again.',
  arguments: [tenantArgument],
  options: [],
  examples: [{ command: 'bulkhead tenant enable acme', summary: 'Lets Acme in again.' }],
  input: tenantInput,
  run: (io, { tenant }) =>
    withDirectory(io, async (directory) => show(io, await directory.enable(tenant), 'enabled')),
});

const reasonOption = { flags: '--reason <text>', summary: 'Why, for the log.' };
const reasonInput = z.strictObject({
  tenant: z.string(),
  reason: z.string({ error: '--reason is required' }),
});

const suspend = defineCommand({
  name: 'tenant suspend',
  summary: 'Shuts a tenant out, within 5 seconds, and keeps why.',
  arguments: [tenantArgument],
  options: [reasonOption],
  examples: [
    { command: 'bulkhead tenant suspend acme --reason "invoice 1204"', summary: 'Shuts Acme out.' },
  ],
  input: reasonInput,
  run: (io, { tenant, reason }) =>
    withDirectory(io, async (directory) =>
      show(io, await directory.suspend(tenant, reason), 'suspended'),
    ),
});

const restore = defineCommand({
  name: 'tenant restore',
  summary: 'Lets a suspended tenant in again.',
  arguments: [tenantArgument],
  options: [reasonOption],
  examples: [
    { command: 'bulkhead tenant restore acme --reason "paid"', summary: 'Lets Acme in again.' },
  ],
  input: reasonInput,
  run: (io, { tenant, reason }) =>
    withDirectory(io, async (directory) =>
      show(io, await directory.restore(tenant, reason), 'restored'),
    ),
});

const close = defineCommand({
  name: 'tenant close',
  summary: 'Closes a tenant for good; nothing opens it again.',
  description: 'Its data stays until it is removed on purpose. Say the slug again with --confirm.',
  arguments: [tenantArgument],
  options: [reasonOption, { flags: '--confirm <slug>', summary: 'The tenant’s slug, once more.' }],
  examples: [
    {
      command: 'bulkhead tenant close acme --reason "contract ended" --confirm acme',
      summary: 'Closes Acme.',
    },
  ],
  input: z.strictObject({
    tenant: z.string(),
    reason: z.string({ error: '--reason is required' }),
    confirm: z.string({ error: '--confirm is required: the tenant’s slug once more' }),
  }),
  run: (io, { tenant, reason, confirm }) =>
    withDirectory(io, async (directory) => {
      const { id, slug } = await directory.get(tenant);
      if (confirm !== slug) {
        throw kernelError('kernel.usage', {
          message: `--confirm says “${confirm}”, but the tenant’s slug is “${slug}”.`,
        });
      }
      return show(io, await directory.close(id, reason), 'closed');
    }),
});

const rename = defineCommand({
  name: 'tenant rename',
  summary: 'Changes the name that people are shown.',
  arguments: [tenantArgument, { name: 'name', summary: 'The new name.', required: true }],
  options: [],
  examples: [{ command: 'bulkhead tenant rename acme "Acme GmbH"', summary: 'Renames Acme.' }],
  input: z.strictObject({ tenant: z.string(), name: z.string() }),
  run: (io, { tenant, name }) =>
    withDirectory(io, async (directory) =>
      show(io, await directory.rename(tenant, name), 'renamed'),
    ),
});

const addDomain = defineCommand({
  name: 'tenant domain add',
  summary: 'Leads a custom domain to a tenant.',
  arguments: [tenantArgument, domainArgument],
  options: [],
  examples: [
    { command: 'bulkhead tenant domain add acme notes.acme.com', summary: 'Adds the domain.' },
  ],
  input: domainInput,
  run: (io, { tenant, domain }) =>
    withDirectory(io, async (directory) =>
      show(io, await directory.addDomain(tenant, domain), 'changed'),
    ),
});

const removeDomain = defineCommand({
  name: 'tenant domain remove',
  summary: 'Takes a custom domain from a tenant.',
  arguments: [tenantArgument, domainArgument],
  options: [],
  examples: [
    { command: 'bulkhead tenant domain remove acme notes.acme.com', summary: 'Removes it.' },
  ],
  input: domainInput,
  run: (io, { tenant, domain }) =>
    withDirectory(io, async (directory) =>
      show(io, await directory.removeDomain(tenant, domain), 'changed'),
    ),
});

const importAll = defineCommand({
  name: 'tenant import',
  summary: 'Registers the tenants of one of your tables.',
  description:
    'All or nothing. Run it again to add what is new; tenants already registered stay as they are.',
  arguments: [],
  options: [
    { flags: '--table <name>', summary: 'The table, such as public.organizations.' },
    { flags: '--id <column>', summary: 'The column with the UUID.', default: 'id' },
    { flags: '--slug <column>', summary: 'The column with the short name.', default: 'slug' },
    { flags: '--name <column>', summary: 'The column with the name.', default: 'name' },
    { flags: '--external-id <column>', summary: 'The column with the identity provider’s id.' },
  ],
  examples: [
    {
      command: 'bulkhead tenant import --table organizations --slug handle',
      summary: 'Imports them.',
    },
  ],
  input: z.strictObject({
    table: z.string({ error: '--table is required' }),
    id: z.string().default('id'),
    slug: z.string().default('slug'),
    name: z.string().default('name'),
    externalId: z.string().optional(),
  }),
  run: (io, { externalId, ...source }) =>
    withDirectory(io, async (directory) => {
      const result = await directory.importFrom({
        ...source,
        ...(externalId !== undefined && { externalId }),
      });
      io.line(`${result.imported} imported, ${result.present} registered already.`);
      io.result(result);
      return exitCodes.done;
    }),
});

/** The commands of the directory. */
export const tenantCommands: readonly CommandDefinition[] = [
  create,
  list,
  disable,
  enable,
  suspend,
  restore,
  close,
  rename,
  addDomain,
  removeDomain,
  importAll,
];

function show(io: CommandIo, tenant: Tenant, done: string): ExitCode {
  io.line(`${tenant.slug} ${done}.`);
  showTable(io, [tenant]);
  io.result(tenant);
  return exitCodes.done;
}

/** Slugs, ids and domains are there to be copied into the next command. */
function showTable(io: CommandIo, tenants: readonly Tenant[]): void {
  io.table(
    ['slug', 'name', 'status', 'id', 'domains'],
    tenants.map((t) => [t.slug, t.name, t.status, t.id, t.domains.join('\n')]),
    { whole: ['slug', 'id', 'domains'] },
  );
}

async function withDirectory(
  io: CommandIo,
  work: (directory: TenantDirectory) => Promise<ExitCode>,
): Promise<ExitCode> {
  const url = await io.adminUrl();
  const client = new pg.Client({ connectionString: url, application_name: 'bulkhead' });
  // A connection lost between two statements fails the next one, which reports it.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, url);
  }
  try {
    const { rows } = await client.query(`select to_regclass('bulkhead.tenant') is null as absent`);
    if ((rows[0] as { absent: boolean }).absent) {
      throw identityError('identity.directory_unavailable', {
        message: 'This database has no tenant directory yet: run `bulkhead migrate` first.',
      });
    }
    return await work(createTenantDirectory(client, `cli:${userInfo().username}`));
  } finally {
    await client.end();
  }
}
