/** The tenant that a command names, by id or by slug. */
import { kernelError } from '../../kernel/error-codes.ts';
import { OPERATORS_LOG } from '../event.ts';
import type { Query } from '../open/event-opener.ts';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * `bulkhead-operators` is the operators' own log. An id is taken as it is: a tenant that was removed still has one.
 *
 * @throws `kernel.usage` for a slug that no tenant has.
 */
export async function findTenant(query: Query, given: string): Promise<string> {
  if (given === 'bulkhead-operators') return OPERATORS_LOG;
  if (UUID.test(given)) return given.toLowerCase();
  // The directory is of a room above this one; its look-up is a function of the database.
  const { rows } = await query('select id from bulkhead.find_tenant($1, $2)', ['slug', given]);
  const [found] = rows as { id?: unknown }[];
  if (typeof found?.id === 'string') return found.id;
  throw kernelError('kernel.usage', { message: `--tenant: no tenant has the slug “${given}”.` });
}
