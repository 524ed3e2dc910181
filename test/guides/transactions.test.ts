/** What docs/guides/transactions.md shows, run. */
import { expect, test } from 'vitest';
import { twoTenants } from '../query-layers/two-tenants.ts';

test('a transaction, with a part that may fail', async () => {
  const { bulkhead, pool, everything } = await twoTenants();
  await bulkhead.asTenant('acme', async () => {
    // #region transaction
    const client = await pool.connect();
    try {
      await client.query('begin');
      await client.query('insert into note (title) values ($1)', ['Order']);
      await client.query('savepoint optional');
      try {
        await client.query('insert into note (title) values ($1)', ['first']);
      } catch {
        await client.query('rollback to optional');
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
    // #endregion
  });
  expect(await everything("select title from note where body = ''")).toEqual([{ title: 'Order' }]);
});
