/** What this installation consists of. No secret is shown, and none could be set here. */
import { z } from 'zod';
import { readTrackedTables, trackedTableSchema } from '../../audit/index.ts';
import { moment } from '../../kernel/moment.ts';
import { OPERATORS } from '../control-gate.ts';
import { controlOperation } from '../operation.ts';
import { timeField } from './paging.ts';
import type { ControlWork } from './work.ts';

const settingsSchema = z.object({
  version: z.string(),
  schema: z.array(z.object({ room: z.string(), migration: z.string(), appliedAt: timeField })),
  database: z.object({
    version: z.string(),
    appRole: z.string(),
    operatorRole: z.string().nullable(),
  }),
  contextKeys: z.array(z.object({ kid: z.string(), installedAt: timeField })),
  workers: z.array(
    z.object({
      name: z.string(),
      alive: z.boolean(),
      seenAt: timeField.nullable(),
      lagMs: z.int().nullable(),
    }),
  ),
  logKeys: z.array(z.object({ name: z.string(), verifierKey: z.string() })),
});

export function settingsOperations(work: ControlWork) {
  return [
    controlOperation({
      name: 'settings.get',
      summary: 'Shows versions, roles, workers and the public keys of the log.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({}),
      output: settingsSchema,
      errors: [],
      async run() {
        const { operatorQuery: query } = work;
        const [schema, server, keys, workers] = await Promise.all([
          query(
            `select room, lpad(number::text, 6, '0') || '_' || name as migration, ${moment('applied_at')} as at
               from bulkhead.migration where applied_at is not null order by room, number`,
            [],
          ),
          query(`select current_setting('server_version') as version`, []),
          query(
            `select kid, ${moment('created_at')} as at from bulkhead.control_context_keys()`,
            [],
          ),
          query(
            `select w.task, w.expires_at > clock_timestamp() as alive,
                    case when w.expires_at = '-infinity' then null else ${moment('w.expires_at')} end as seen,
                    case w.task when 'sign' then (select extract(epoch from clock_timestamp() - min(since)) * 1000
                      from bulkhead.audit_unsigned) end as lag
               from bulkhead.audit_worker w order by w.task`,
            [],
          ),
        ]);
        const origin = work.originOf(OPERATORS);
        return {
          version: work.version,
          schema: schema.rows.map(({ room, migration, at }) => ({
            room: String(room),
            migration: String(migration),
            appliedAt: String(at),
          })),
          database: {
            version: String(server.rows[0]?.version),
            appRole: work.appRole,
            operatorRole: work.operatorRole,
          },
          contextKeys: keys.rows.map(({ kid, at }) => ({
            kid: String(kid),
            installedAt: String(at),
          })),
          workers: workers.rows.map(({ task, alive, seen, lag }) => ({
            name: String(task),
            alive: alive === true,
            seenAt: seen === null ? null : String(seen),
            lagMs: lag === null ? null : Math.round(Number(lag)),
          })),
          logKeys: work.verifierKeys(origin).map((verifierKey) => ({ name: origin, verifierKey })),
        };
      },
    }),
    controlOperation({
      name: 'tracked_table.list',
      summary: 'Lists the tables whose rows are recorded when they change.',
      description:
        'To begin or to end it changes the schema, so it is done with `bulkhead audit track`, or by a migration that this writes.',
      permission: 'tenant:read',
      kind: 'read',
      input: z.strictObject({}),
      output: z.object({ items: z.array(trackedTableSchema), next: z.null() }),
      errors: [],
      run: async () => ({ items: await readTrackedTables(work.operatorQuery), next: null }),
    }),
  ];
}
