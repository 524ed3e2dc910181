/** Which tables' rows are recorded, and how, as their triggers say: there is no second list that could differ. */
import { z } from 'zod';

export const trackedTableSchema = z.object({
  table: z.string(),
  enabled: z.boolean().describe('False where somebody has disabled the trigger.'),
  settings: z.object({
    type: z.string().describe('What a row is in the log.'),
    class: z.string(),
    exclude: z.array(z.string()).describe('Columns that are left out.'),
    mask: z.array(z.string()).describe('Columns of which only is told that they changed.'),
    personal: z
      .record(z.string(), z.unknown())
      .describe('Columns that are sealed, and whose they are.'),
  }),
});
export type TrackedTable = z.output<typeof trackedTableSchema>;

type Ask = (text: string, values: unknown[]) => Promise<{ readonly rows: unknown[] }>;

export async function readTrackedTables(query: Ask): Promise<TrackedTable[]> {
  const { rows } = await query(
    `select t.tgrelid::regclass::text as table, t.tgenabled in ('O', 'A') as enabled,
            -- The one argument, followed by a zero byte.
            convert_from(substr(t.tgargs, 1, octet_length(t.tgargs) - 1), 'UTF8')::jsonb as settings
       from pg_catalog.pg_trigger t
      where t.tgname = 'bulkhead_audit_row' and t.tgparentid = 0
      order by 1`,
    [],
  );
  return z.array(trackedTableSchema).parse(rows);
}
