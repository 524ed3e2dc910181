/**
 * `bulkhead audit search`: a page as a table or JSON, or all that was found as a stream in a SIEM's format.
 * `run-search.ts` does the work.
 */
import { z } from 'zod';
import { defineCommand } from '../../kernel/command.ts';
import { formatNames } from '../formats/event-format.ts';
import { filterInput, filterOptions } from './filter-options.ts';
import { reasonOption, tenantOption } from './shared-options.ts';

const input = z.strictObject({
  tenant: z.string({ error: '--tenant is required' }),
  ...filterInput,
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().optional(),
  format: z.enum(formatNames).optional(),
  out: z.string().optional(),
  reason: z.string().optional(),
});
export type SearchInput = z.output<typeof input>;

export const auditSearch = defineCommand({
  name: 'audit search',
  summary: 'Find events in a tenant’s audit log.',
  description:
    'Shows a page of the newest events that match, personal values opened with audit.vaultKeys. With --format it streams all that match, in the order of the log, to stdout or --out. Connects as isolation.operatorUrl; the crossing is on record.',
  arguments: [],
  options: [
    tenantOption,
    ...filterOptions,
    { flags: '--limit <count>', summary: 'Events a page, at most 500.', default: '50' },
    { flags: '--cursor <cursor>', summary: 'Where the page before ended.' },
    {
      flags: '--format <format>',
      summary: 'Stream everything that matches.',
      choices: formatNames,
    },
    { flags: '--out <file>', summary: 'Where the stream goes; appears when it is whole.' },
    reasonOption,
  ],
  examples: [
    {
      command: 'bulkhead audit search --tenant acme --actor user:42 --from 2026-11-01',
      summary: 'What user 42 did this month.',
    },
    {
      command:
        'bulkhead audit search --tenant acme --outcome denied --format ocsf --out denied.ndjson',
      summary: 'All refusals, for a SIEM.',
    },
  ],
  input,
  run: async (io, given) => (await import('./run-search.ts')).runSearch(io, given),
});
