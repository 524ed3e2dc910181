/**
 * One migrator at a time in a database.
 *
 * Promises: held for the session, so a killed migrator's lock ends with its connection. Waiting polls
 * instead of blocking in the server: a blocked statement would hold a snapshot, and the other migrator's
 * `CREATE INDEX CONCURRENTLY` would wait for that snapshot for ever.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { kernelError } from '../error-codes.ts';
import { hasSqlState, sqlState } from './database-error.ts';

/** Any fixed number; this one is the bytes of `bulkhead` read as an integer, cut to 63 bits. */
const LOCK_KEY = '7094690112106390884';
const POLL_INTERVAL_MS = 100;
/** Another migrator may be building indexes; past this something is stuck. */
const WAIT_MAX_MS = 15 * 60_000;

/** @throws `kernel.lock_unavailable` */
export async function withMigrationLock<T>(
  client: ClientBase,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  const deadlineMs = performance.now() + WAIT_MAX_MS;
  let waited = false;
  while (!(await tryLock(client))) {
    if (!waited) onWait();
    waited = true;
    if (performance.now() > deadlineMs) {
      throw kernelError('kernel.lock_unavailable', {
        message: 'Another migrator has held this database for 15 minutes.',
      });
    }
    await sleep(POLL_INTERVAL_MS);
  }
  try {
    return await work();
  } finally {
    // A lost connection has released it already.
    await client.query('select pg_advisory_unlock($1)', [LOCK_KEY]).catch(() => undefined);
  }
}

async function tryLock(client: ClientBase): Promise<boolean> {
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock($1) as locked',
      [LOCK_KEY],
    );
    return rows[0]?.locked === true;
  } catch (error) {
    if (!hasSqlState(error, sqlState.insufficientPrivilege)) throw error;
    // A superuser who migrated earlier has taken advisory locks from PUBLIC.
    throw kernelError('kernel.privilege_missing', {
      message:
        'The migrating role may not take advisory locks. Have an administrator run: grant execute on function pg_try_advisory_lock(bigint), pg_advisory_unlock(bigint) to it, or migrate as the role that migrated before.',
      cause: error,
    });
  }
}
