import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '#test/database';
import { dumpSchema } from './dump-schema.ts';

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

test('the dump of a migrated database, run in an empty one, gives the same dump', async () => {
  const migrated = await createTestDatabase();
  const empty = await createTestDatabase({ migrated: false });
  onTestFinished(() => Promise.all([migrated.drop(), empty.drop()]).then(() => undefined));
  const dump = await withClient(migrated.superuserUrl, dumpSchema);
  expect(dump).toContain('create table bulkhead.context_key');
  const again = await withClient(empty.superuserUrl, async (client) => {
    await client.query(dump);
    return dumpSchema(client);
  });
  expect(again).toBe(dump);
});
