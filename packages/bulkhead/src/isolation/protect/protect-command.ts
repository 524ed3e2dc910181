/** `bulkhead protect` as the command line knows it: its words and what they may be. `run-protect.ts` does the work. */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';

const input = z.strictObject({
  tables: z.array(z.string().min(1)).min(1),
  tenantColumn: z.array(z.string()).default([]),
  via: z.array(z.string()).default([]),
  allTo: z.guid().optional(),
  keepUnique: z.array(z.string()).default([]),
  views: z.boolean().default(true),
  allowBlocking: z.boolean().default(false),
  silentBackfill: z.boolean().default(false),
  schema: z.array(z.string()).default([]),
  out: z.string().default('migrations'),
  apply: z.boolean().default(false),
  prepare: z.boolean().default(false),
  dryRun: z.boolean().default(false),
});
export type ProtectInput = z.output<typeof input>;

export const protectCommand = defineCommand({
  name: 'protect',
  summary: 'Bring existing tables into isolation, while they are in use.',
  description:
    'Reads the tables, plans every step and writes it as a .sql file to review. With --apply it takes the ' +
    'steps itself; interrupted, the same command goes on where it stopped. What cannot be done safely is ' +
    'refused, with the reason, before anything changes.',
  arguments: [
    {
      name: 'tables',
      summary: 'Tables, as projects or billing.invoices.',
      required: true,
      variadic: true,
    },
  ],
  options: [
    {
      flags: '--tenant-column <column>',
      summary: 'A uuid column that already holds the tenant, as org_id or projects.org_id.',
      repeatable: true,
    },
    {
      flags: '--via <column>',
      summary: 'The foreign key that leads to the tenant, as project_id or tasks.project_id.',
      repeatable: true,
    },
    { flags: '--all-to <tenant>', summary: 'All existing rows belong to this tenant.' },
    {
      flags: '--keep-unique <name>',
      summary: 'A key that stays unique across tenants; tells one tenant what another has.',
      repeatable: true,
    },
    {
      flags: '--no-views',
      summary: 'Refuse views that would need security_invoker, rather than alter them.',
    },
    {
      flags: '--allow-blocking',
      summary: 'Rebuild exclusion constraints of big tables under a lock.',
    },
    {
      flags: '--silent-backfill',
      summary: "Fire none of the app's triggers while filling; needs a superuser.",
    },
    {
      flags: '--schema <name>',
      summary: 'Where unqualified names are looked for.',
      repeatable: true,
    },
    { flags: '--out <folder>', summary: 'Where the migration is written.', default: 'migrations' },
    { flags: '--apply', summary: 'Take the steps now, instead of writing the file.' },
    { flags: '--prepare', summary: 'With --apply: stop before the app would notice.' },
    { flags: '--dry-run', summary: 'Show the steps; write and change nothing.' },
  ],
  examples: [
    {
      command: 'bulkhead protect projects tasks --tenant-column org_id',
      summary: 'Writes the migration; tasks take their tenant by way of their project.',
    },
    {
      command: 'bulkhead protect projects tasks --tenant-column org_id --apply',
      summary: 'Does it, while the app runs.',
    },
  ],
  input,
  // Loaded when it runs, so that other commands start without it.
  run: async (io, options) => (await import('./run-protect.ts')).runProtect(io, options),
});
