/**
 * The look-up of events by id, which is written with the leaves and read by nobody who rewrites them: it tells a
 * moved leaf from an inserted or a removed one.
 */
import type { LogName } from '../log/log-name.ts';
import type { Query } from '../open/event-opener.ts';
import type { Findings } from './findings.ts';
import type { WalkedLeaf } from './walk-leaves.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Of one block; returns how many rows it accounts for. */
export async function holdLookUp(
  query: Query,
  log: LogName,
  findings: Findings,
  leaves: readonly WalkedLeaf[],
): Promise<number> {
  const ids = leaves.flatMap(({ event }) => (event && UUID.test(event.id) ? [event.id] : []));
  const { rows } = await query(
    'select id, class, leaf_index from bulkhead.audit_event where tenant_id = $1 and id = any ($2::uuid[])',
    [log.tenant, ids],
  );
  const held = new Map(rows.map((row) => [String(row.id), row]));
  let mine = 0;
  for (const { event, leafIndex } of leaves) {
    if (event === undefined) continue;
    const row = held.get(event.id);
    if (row === undefined || row.class !== log.class) {
      findings.fail('leaf.inserted', `leaf ${leafIndex} (${event.id}) was never appended`);
      continue;
    }
    mine += 1;
    if (Number(row.leaf_index) !== leafIndex) {
      findings.fail(
        'leaf.reordered',
        `leaf ${leafIndex} (${event.id}) was appended as leaf ${row.leaf_index}`,
      );
    }
  }
  return mine;
}

/** What the look-up knows and no leaf is. */
export async function holdNothingRemoved(
  query: Query,
  log: LogName,
  findings: Findings,
  found: number,
): Promise<void> {
  const { rows } = await query(
    'select count(*) as rows from bulkhead.audit_event where tenant_id = $1 and class = $2',
    [log.tenant, log.class],
  );
  const known = Number(rows[0]?.rows ?? 0);
  if (known > found) {
    findings.fail('leaf.removed', `${known - found} events were appended and are in no leaf`);
  }
}
