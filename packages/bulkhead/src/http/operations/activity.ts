/** How much happened when: slots of equal length, of one tenant or all, from the counts. */
import { z } from 'zod';
import { moment } from '../../kernel/moment.ts';
import { timeField } from './paging.ts';
import type { RowQuery } from './work.ts';

export const activitySlot = z.object({
  at: timeField,
  events: z.int(),
  denials: z.int(),
  alerts: z.int().describe('Alerts of the detection rules; 0 while there are none.'),
});

export type ActivitySlot = z.output<typeof activitySlot>;

const ACTIVITY = `
  with slots as (
    select s.at, s.at + $2 * interval '1 second' as until
      from generate_series(
        to_timestamp(floor(extract(epoch from clock_timestamp()) / $2) * $2) - ($3 - 1) * $2 * interval '1 second',
        clock_timestamp(), $2 * interval '1 second') as s (at))
  select ${moment('slots.at')} as at,
         coalesce(sum(l.events), 0)::bigint as events, coalesce(sum(l.denials), 0)::bigint as denials
    from slots
    left join bulkhead.live_slot l
      on l.slot >= slots.at and l.slot < slots.until and ($1::uuid is null or l.tenant_id = $1)
   group by slots.at order by slots.at`;

/** The last so many slots, the present one with them. */
export async function readActivity(
  query: RowQuery,
  tenant: string | null,
  slotSeconds: number,
  slots: number,
): Promise<ActivitySlot[]> {
  const { rows } = await query(ACTIVITY, [tenant, slotSeconds, slots]);
  return rows.map(({ at, events, denials }) => ({
    at: String(at),
    events: Number(events),
    denials: Number(denials),
    alerts: 0,
  }));
}
