/**
 * The logs that a database knows of. Whatever is left of one names it: who deletes a log's head, or its leaves and
 * checkpoints too, has not deleted the log from this list.
 *
 * Does not promise to know a log of which nothing is left: that takes a checkpoint that somebody kept.
 */
import type { LogName } from '../log/log-name.ts';
import type { Query } from '../open/event-opener.ts';

export interface KnownLog extends LogName {
  /** As its head says. */
  readonly leaves: number;
}

const TABLES = [
  'audit_chunk',
  'audit_tile',
  'audit_checkpoint',
  'audit_event',
  'audit_opening',
  'audit_search_block',
];

/** In the order of their names. */
export async function knownLogs(
  query: Query,
  { tenant, class: of }: Partial<LogName> = {},
): Promise<KnownLog[]> {
  const traces = TABLES.map(
    (table) => `union all select distinct tenant_id, class, 0 from bulkhead.${table}`,
  );
  const { rows } = await query(
    `select tenant_id, class, max(next) as leaves
       from (select tenant_id, class, next from bulkhead.audit_log ${traces.join(' ')}) as l
      where ($1::uuid is null or tenant_id = $1) and ($2::text is null or class = $2)
      group by tenant_id, class order by tenant_id, class`,
    [tenant ?? null, of ?? null],
  );
  return rows.map((row) => ({
    tenant: String(row.tenant_id),
    class: String(row.class),
    leaves: Number(row.leaves),
  }));
}
