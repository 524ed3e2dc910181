/** What docs/guides/pg.md shows, run. */
import { createBulkhead } from 'bulkhead';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import QueryStream from 'pg-query-stream';
import { expect, test } from 'vitest';
import { twoTenants } from '../query-layers/two-tenants.ts';

test('a pool is protected in two lines', async () => {
  const { database } = await twoTenants();
  const config = {
    database: { appRole: 'test_app' },
    isolation: { contextKeys: [database.contextKey] },
    identity: {},
  };
  const connectionString = database.appUrl;
  // #region protect
  const bulkhead = createBulkhead(config);
  const pool = bulkhead.protect(new pg.Pool({ connectionString }));
  // #endregion
  // #region query
  const notes = await bulkhead.asTenant('acme', async () => {
    await pool.query('insert into note (title) values ($1)', ['Call the bank']);
    const { rows } = await pool.query('select title, body from note order by title');
    return rows;
  });
  // #endregion
  expect(notes.map((row) => row.title)).toEqual(['Call the bank', 'first', 'second']);
  await bulkhead.close();
});

test('rows stream, and COPY writes a file of one tenant', async () => {
  const { bulkhead, pool } = await twoTenants();
  const seen: string[] = [];
  // #region stream
  await bulkhead.asTenant('acme', async () => {
    const client = await pool.connect();
    try {
      const rows = client.query(new QueryStream('select title from note order by title'));
      for await (const row of rows) seen.push(row.title);
    } finally {
      client.release();
    }
  });
  // #endregion
  expect(seen).toEqual(['first', 'second']);
  const client = await bulkhead.asTenant('globex', () => pool.connect());
  // #region copy
  const chunks: Buffer[] = [];
  for await (const chunk of client.query(copyTo('copy (select body from note) to stdout csv'))) {
    chunks.push(chunk);
  }
  // #endregion
  client.release();
  expect(Buffer.concat(chunks).toString()).toBe('globex\nglobex\n');
});

test('many rows go in as arrays', async () => {
  const { bulkhead, pool } = await twoTenants();
  await bulkhead.asTenant('acme', async () => {
    // #region bulk
    const titles = ['one', 'two', 'three'];
    const bodies = ['1', '2', '3'];
    await pool.query(
      'insert into note (title, body) select * from unnest($1::text[], $2::text[])',
      [titles, bodies],
    );
    // #endregion
    const { rows } = await pool.query('select count(*)::int as n from note');
    expect(rows).toEqual([{ n: 5 }]);
  });
});
