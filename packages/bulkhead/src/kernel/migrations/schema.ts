/** The schema `bulkhead` itself and the journal in it: what has to be there before the first migration. */
import type { ClientBase } from 'pg';
import { kernelError } from '../error-codes.ts';
import { hasSqlState, sqlState } from './database-error.ts';
import { OWNER_ROLE } from './roles.ts';

export const schemaSql = `create schema if not exists bulkhead authorization ${OWNER_ROLE};
comment on schema bulkhead is 'Bulkhead: tenant isolation. Owned by the role bulkhead, which cannot log in.';
revoke all on schema bulkhead from public;
`;

/** @throws `kernel.privilege_missing` without CREATE on the database, or when another role owns the schema. */
export async function ensureSchema(client: ClientBase, journalSql: string): Promise<void> {
  const { rows } = await client.query<{ owner: string }>(
    `select pg_get_userbyid(nspowner) as owner from pg_namespace where nspname = 'bulkhead'`,
  );
  const owner = rows[0]?.owner;
  if (owner !== undefined && owner !== OWNER_ROLE) {
    throw kernelError('kernel.privilege_missing', {
      message: `The schema bulkhead belongs to ${owner}. Have an administrator run: alter schema bulkhead owner to ${OWNER_ROLE};`,
    });
  }
  if (owner === undefined) {
    try {
      await client.query(schemaSql);
    } catch (error) {
      if (!hasSqlState(error, sqlState.insufficientPrivilege)) throw error;
      throw kernelError('kernel.privilege_missing', {
        message:
          'The migrating role may not create the schema bulkhead: it lacks CREATE on this database. Make it the owner of the database, or grant CREATE on it.',
        cause: error,
      });
    }
  }
  const journal = await client.query(
    `select 1 where to_regclass('bulkhead.migration') is not null`,
  );
  if (journal.rowCount === 1) return;
  await client.query('begin');
  try {
    await client.query(`set local role ${OWNER_ROLE}`);
    await client.query(journalSql);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
