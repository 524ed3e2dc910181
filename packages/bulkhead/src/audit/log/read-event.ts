/** Finds one event's leaf by its id. */

import { maybeBytes } from '../../kernel/row-values.ts';
import { auditError } from '../errors.ts';
import { expectLeaf } from '../leaf.ts';
import type { PlacedLeaf, Query } from '../open/event-opener.ts';

const FIND = `
  select e.class, e.leaf_index, c.entry
    from bulkhead.audit_event e
   cross join lateral (
     select bulkhead.audit_leaf(k.entries, (e.leaf_index - k.first)::integer) as entry from bulkhead.audit_chunk k
      where k.tenant_id = e.tenant_id and k.class = e.class and k.first <= e.leaf_index
      order by k.first desc limit 1) as c
   where e.tenant_id = $1 and e.id = $2`;

/** @throws `audit.leaf_absent` also for an event of another tenant. */
export async function readEventLeaf(query: Query, tenant: string, id: string): Promise<PlacedLeaf> {
  const { rows } = await query(FIND, [tenant, id]);
  const [row] = rows;
  const entry = maybeBytes(row?.entry);
  if (row === undefined || entry === null) throw auditError('audit.leaf_absent');
  const of = String(row.class);
  const leafIndex = Number(row.leaf_index);
  return { class: of, leafIndex, event: expectLeaf(entry, of, leafIndex) };
}
