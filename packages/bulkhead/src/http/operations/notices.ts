/** Denials as listeners and the overview are told of them. */
import { z } from 'zod';
import { moment } from '../../kernel/moment.ts';
import { timeField } from './paging.ts';
import type { RowQuery } from './work.ts';

export const denialNotice = z.object({
  id: z.string().describe('Of the event.'),
  at: timeField,
  tenant: z.string(),
  tenantName: z.string(),
  action: z.string(),
  code: z.string().nullable(),
  actor: z.string().nullable(),
  path: z.string().nullable(),
  count: z.int().describe('How many refusals of its kind it stands for.'),
});

export async function latestDenials(
  query: RowQuery,
  tenant: string | null,
  limit: number,
): Promise<z.output<typeof denialNotice>[]> {
  const { rows } = await query(
    `select n.data, ${moment('n.at')} as at, n.tenant_id::text as tenant, coalesce(t.name, '') as name
       from bulkhead.live_notice n left join bulkhead.tenant t on t.id = n.tenant_id
      where n.kind = 'denial' and ($1::uuid is null or n.tenant_id = $1)
      order by n.seq desc limit $2`,
    [tenant, limit],
  );
  return rows.map(({ data, at, tenant: of, name }) => ({
    // Written by the counter alone.
    ...(data as Omit<z.output<typeof denialNotice>, 'at' | 'tenant' | 'tenantName'>),
    at: String(at),
    tenant: String(of),
    tenantName: String(name),
  }));
}
