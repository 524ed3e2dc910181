/**
 * The identity role's own connection, over which accounts are kept.
 *
 * Promises: what goes over it is a call of one of the identity room's functions, whose refusals become this
 * room's errors; it opens at first use and keeps no process alive.
 */
import pg from 'pg';
import { accessErrors } from '../../access/errors.ts';
import { runOutsideContext } from '../../isolation/index.ts';
import { databaseRefusal } from '../../kernel/database-refusal.ts';
import { identityError, identityErrors } from '../errors.ts';

export interface AccountsQuery {
  /** @throws `identity.accounts_unconfigured`, and what the function called refuses with. */
  query(
    text: string,
    values: unknown[],
  ): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

export interface AccountsConnection extends AccountsQuery {
  close(): Promise<void>;
}

const CONNECTIONS_MAX = 4;
const catalogue = { ...accessErrors, ...identityErrors };

/** @param url of the database, as `database.identityRole`; without it every use is refused. */
export function createAccountsConnection(url: string | undefined): AccountsConnection {
  let pool: pg.Pool | undefined;
  return {
    async query(text, values) {
      if (url === undefined) throw identityError('identity.accounts_unconfigured');
      pool ??= openPool(url);
      const opened = pool;
      try {
        return await runOutsideContext(() => opened.query(text, values));
      } catch (error) {
        throw refusalOf(error);
      }
    },
    async close() {
      await pool?.end();
      pool = undefined;
    },
  };
}

/** What a function of this room or of a lower one meant by its error, or the error itself. */
export function refusalOf(error: unknown): unknown {
  return databaseRefusal(error, catalogue) ?? error;
}

function openPool(connectionString: string): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: 10_000,
    allowExitOnIdle: true,
    application_name: 'bulkhead accounts',
  });
  // An idle connection that the server closes is replaced at the next call.
  pool.on('error', () => undefined);
  return pool;
}
