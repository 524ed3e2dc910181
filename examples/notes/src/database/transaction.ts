/** A change and the activity it leaves, committed together or not at all. */
import type pg from 'pg';

export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      failure = rollbackError;
    });
    throw error;
  } finally {
    // A connection that could not even roll back is not given to the next request.
    client.release(failure);
  }
}

export async function recordActivity(
  client: pg.ClientBase,
  personId: string,
  verb: string,
  object: string,
): Promise<void> {
  await client.query('insert into activity (person_id, verb, object) values ($1, $2, $3)', [
    personId,
    verb,
    object,
  ]);
}
