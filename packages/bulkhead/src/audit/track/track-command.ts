/**
 * `bulkhead audit track`, `untrack` and `tracked`: which tables' rows are recorded.
 *
 * Promises: tracking begins or ends whole, between two writes; the table is locked against writers for as long
 * as it takes to add a trigger, and no longer is waited for than five seconds.
 */
import type { Client } from 'pg';
import { escapeLiteral } from 'pg';
import { z } from 'zod';
import { defineCommand, exitCodes } from '../../kernel/command.ts';
import { kernelError } from '../../kernel/error-codes.ts';
import { withAdminClient } from '../../kernel/migrations/index.ts';
import { auditError } from '../errors.ts';
import { OPERATORS_LOG } from '../event.ts';
import { readTrackedTables } from './tracked-tables.ts';

const LOCK_TIMEOUT = '5s';
/** SQLSTATEs of syntax, names and rights, of what is not supported, of values and of schemas. */
const REFUSED = /^(?:42|0A|22|3F)/;
const columns = z
  .array(z.string())
  .default([])
  .transform((lists) => lists.flatMap((list) => list.split(',').map((name) => name.trim())));

export const trackCommand = defineCommand({
  name: 'audit track',
  summary: 'Record every change of a table’s rows, with old and new values.',
  description:
    'Adds triggers to the table and its partitions. Run it again to change the settings. A value longer than 4 KiB is recorded as its length and SHA-256.',
  arguments: [
    { name: 'table', summary: 'The table, as notes or billing.invoices.', required: true },
  ],
  options: [
    {
      flags: '--as <type>',
      summary: 'What the rows are in the log, as invoice; the table’s name if absent.',
    },
    {
      flags: '--exclude <columns>',
      summary: 'Columns that are left out, with commas between.',
      repeatable: true,
    },
    {
      flags: '--mask <columns>',
      summary: 'Columns of which only is told that they changed.',
      repeatable: true,
    },
    {
      flags: '--personal <column=whose>',
      summary:
        'A personal column and whose it is: email=user:id (a user, id in that column) or remark=actor.',
      repeatable: true,
    },
    { flags: '--tenant-column <column>', summary: 'Where the tenant stands; tenant_id if absent.' },
    { flags: '--class <class>', summary: 'The retention class.', default: 'standard' },
    { flags: '--sql', summary: 'Print the statement for a migration of yours; change nothing.' },
  ],
  examples: [
    { command: 'bulkhead audit track invoices', summary: 'Records the rows of invoices.' },
    {
      command:
        'bulkhead audit track people --as user --mask password_hash --personal email=user:id',
      summary: 'Records people, with their e-mail sealed and the hash of their password left out.',
    },
  ],
  input: z.strictObject({
    table: z.string().min(1),
    as: z.string().optional(),
    exclude: columns,
    mask: columns,
    personal: z
      .array(
        z
          .string()
          .regex(
            /^[^=]+=(?:actor|[a-z][a-z0-9_.]*:.+)$/,
            'must be column=actor or column=type:column',
          ),
      )
      .default([]),
    tenantColumn: z.string().optional(),
    class: z.string().default('standard'),
    sql: z.boolean().default(false),
  }),
  run: async (io, given) => {
    const settings = {
      ...(given.as !== undefined && { as: given.as }),
      ...(given.class !== 'standard' && { class: given.class }),
      ...(given.exclude.length > 0 && { exclude: given.exclude }),
      ...(given.mask.length > 0 && { mask: given.mask }),
      ...(given.personal.length > 0 && { personal: Object.fromEntries(given.personal.map(whose)) }),
      ...(given.tenantColumn !== undefined && { tenant: given.tenantColumn }),
    };
    if (given.sql) {
      const sql = `select bulkhead.audit_track(${escapeLiteral(given.table)}, ${escapeLiteral(JSON.stringify(settings))});`;
      io.line(sql);
      io.result({ sql });
      return exitCodes.done;
    }
    const tracked = await changing(io, given.table, async (client) => {
      const { rows } = await client.query<{ settings: unknown }>(
        'select bulkhead.audit_track($1, $2) as settings',
        [given.table, JSON.stringify(settings)],
      );
      await note(client, 'table.tracked', given.table);
      return rows[0]?.settings;
    });
    io.line(`${io.paint.ok('✔')} Changes of ${given.table} are recorded from now on.`);
    io.result({ table: given.table, settings: tracked });
    return exitCodes.done;
  },
});

export const untrackCommand = defineCommand({
  name: 'audit untrack',
  summary: 'Record a table’s rows no more.',
  arguments: [
    { name: 'table', summary: 'The table, as notes or billing.invoices.', required: true },
  ],
  options: [],
  examples: [
    { command: 'bulkhead audit untrack invoices', summary: 'Ends it; what is recorded stays.' },
  ],
  input: z.strictObject({ table: z.string().min(1) }),
  run: async (io, { table }) => {
    const dropped = await changing(io, table, async (client) => {
      const { rows } = await client.query<{ dropped: number }>(
        'select bulkhead.audit_untrack($1) as dropped',
        [table],
      );
      const count = rows[0]?.dropped ?? 0;
      if (count > 0) await note(client, 'table.untracked', table);
      return count;
    });
    io.line(
      dropped > 0
        ? `${io.paint.ok('✔')} Changes of ${table} are recorded no more.`
        : `${table} was not tracked.`,
    );
    io.result({ table, wasTracked: dropped > 0 });
    return exitCodes.done;
  },
});

export const trackedCommand = defineCommand({
  name: 'audit tracked',
  summary: 'Show the tables whose rows are recorded.',
  arguments: [],
  options: [],
  examples: [{ command: 'bulkhead audit tracked', summary: 'Lists tables with their settings.' }],
  input: z.strictObject({}),
  run: async (io) => {
    const tables = await withAdminClient(io, (client) =>
      readTrackedTables((text, values) => client.query(text, values)),
    );
    if (tables.length === 0)
      io.line('No table is tracked. bulkhead audit track <table> begins it.');
    else {
      io.table(
        ['table', 'as', 'class', 'left out', 'masked', 'personal', 'on'],
        tables.map(({ table, settings, enabled }) => [
          table,
          settings.type,
          settings.class,
          settings.exclude.join(' '),
          settings.mask.join(' '),
          Object.keys(settings.personal).join(' '),
          enabled ? 'yes' : 'NO',
        ]),
      );
    }
    io.result({ tables });
    return exitCodes.done;
  },
});

function whose(given: string): [string, { type: string; id?: string }] {
  const at = given.indexOf('=');
  const [type = '', ...id] = given.slice(at + 1).split(':');
  return [given.slice(0, at).trim(), id.length === 0 ? { type } : { type, id: id.join(':') }];
}

function changing<T>(
  io: Parameters<typeof withAdminClient>[0],
  table: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  return withAdminClient(io, async (client) => {
    try {
      await client.query('begin');
      await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      throw readable(error, table);
    }
  });
}

function readable(error: unknown, table: string): unknown {
  const { code, message } = error as { code?: string; message: string };
  if (code === '55P03') return kernelError('kernel.lock_unavailable', { cause: error });
  if (code === '42P01') {
    return auditError('audit.track_refused', {
      message: `There is no table ${table}.`,
      cause: error,
    });
  }
  // What the server says of names, kinds of relation, rights and settings is the caller's to correct.
  if (code !== undefined && REFUSED.test(code) && !message.startsWith('bulkhead: ')) {
    return auditError('audit.track_refused', {
      message: `${JSON.stringify(table)} cannot be tracked: ${message}.`,
      cause: error,
    });
  }
  if (code !== undefined && message.startsWith('bulkhead: ')) {
    return auditError('audit.track_refused', {
      message: `${message.slice('bulkhead: '.length)}.`,
      cause: error,
    });
  }
  return error;
}

async function note(client: Client, action: string, table: string): Promise<void> {
  const { adminActor, recordAsAdmin } = await import('../record/record-as-admin.ts');
  await recordAsAdmin(client, OPERATORS_LOG, adminActor(), {
    action,
    targets: [{ type: 'table', id: table.slice(0, 256) }],
  });
}
