/** Records what the command line does, in the transaction in which it does it. */
import { userInfo } from 'node:os';
import type { ClientBase } from 'pg';
import type { SubjectRef } from '../event.ts';
import { prepareEvent } from './prepare-event.ts';

/** Who is at the command line, as far as the machine knows. */
export function adminActor(): SubjectRef {
  return { type: 'operator', id: `cli:${userInfo().username}` };
}

/**
 * Records one of Bulkhead's own events over the administrator's connection, which may act as the role that
 * owns the log's functions. Does nothing in a database that has no log yet.
 */
export async function recordAsAdmin(
  client: ClientBase,
  tenant: string,
  actor: SubjectRef,
  event: Readonly<Record<string, unknown>> & { readonly action: string },
): Promise<void> {
  const known = await client.query<{ present: boolean }>(
    `select to_regprocedure('bulkhead.audit_record_as(uuid, text, uuid[], text[], text[])') is not null as present`,
  );
  if (known.rows[0]?.present !== true) return;
  const { id, class: name, text } = prepareEvent(undefined, event, { actor });
  const before = await client.query<{ role: string }>(
    `select current_setting('role') as role, set_config('role', 'bulkhead', false)`,
  );
  try {
    await client.query('select bulkhead.audit_record_as($1, $2, $3, $4, $5)', [
      tenant,
      `${actor.type}:${actor.id}`,
      [id],
      [name],
      [text],
    ]);
    await client.query(`select set_config('role', $1, false)`, [before.rows[0]?.role ?? 'none']);
  } catch (error) {
    // Outside of a transaction of the caller's, the role would stay; inside, the rollback takes it back.
    await client.query('reset role').catch(() => undefined);
    throw error;
  }
}
