/** Finds one event's leaf by its id. */
import { parseBundle } from 'bulkhead-verify';
import { auditError } from '../errors.ts';
import { expectLeaf } from '../leaf.ts';
import type { PlacedLeaf, Query } from '../open/event-opener.ts';
import { bytesOf } from '../open/row-values.ts';

const FIND = `
  select e.class, e.leaf_index, c.first, c.entries
    from bulkhead.audit_event e
   cross join lateral (
     select k.first, k.entries from bulkhead.audit_chunk k
      where k.tenant_id = e.tenant_id and k.class = e.class and k.first <= e.leaf_index
      order by k.first desc limit 1) as c
   where e.tenant_id = $1 and e.id = $2`;

/** @throws `audit.leaf_absent` also for an event of another tenant. */
export async function readEventLeaf(query: Query, tenant: string, id: string): Promise<PlacedLeaf> {
  const { rows } = await query(FIND, [tenant, id]);
  const [row] = rows;
  if (row === undefined) throw auditError('audit.leaf_absent');
  const of = String(row.class);
  const leafIndex = Number(row.leaf_index);
  const entry = parseBundle(bytesOf(row.entries))[leafIndex - Number(row.first)];
  if (entry === undefined) throw auditError('audit.leaf_absent');
  return { class: of, leafIndex, event: expectLeaf(entry, of, leafIndex) };
}
