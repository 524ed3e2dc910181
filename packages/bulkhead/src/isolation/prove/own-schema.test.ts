/** Bulkhead lives in its own house: what its roles reach of its schema, and of an app's beside it, is proven. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { type Proof, prove } from './index.ts';

const NOTES = join(import.meta.dirname, '../../../../../examples/notes/src/migrations');

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function migrated(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database;
}

const notProven = ({ objects }: Proof) => objects.filter(({ verdict }) => verdict !== 'proven');

describe("Bulkhead's own schema", () => {
  it("is proven for the app's role", async () => {
    const client = await connected((await migrated()).superuserUrl);
    const proof = await prove(client, { role: 'test_app' });
    expect(notProven(proof)).toEqual([]);
    expect(proof.convention).toMatchObject({ kind: 'signed', setting: 'bulkhead.context' });
  });

  it('excuses its look-up of tenants only while it is the very one that was read', async () => {
    const client = await connected((await migrated()).superuserUrl);
    await client.query(`create or replace function bulkhead.find_tenant(how text, value text)
      returns table (id uuid, slug text, status text, external_id text) language sql stable security definer
      set search_path = pg_catalog, pg_temp as $$ select id, slug, status, external_id from bulkhead.tenant $$`);
    const proof = await prove(client, { role: 'test_app', probe: false });
    expect(notProven(proof).map(({ object }) => object)).toEqual(['bulkhead.find_tenant']);
  });
});

describe('the notes example', () => {
  it('is proven, whoever reads the catalog', async () => {
    const database = await migrated();
    const client = await connected(database.superuserUrl);
    // The example's roles are the cluster's; here the test's own play them.
    await client.query(
      'grant create on schema public to test_owner; grant usage on schema public to test_app, test_operator',
    );
    await client.query(
      'grant usage on schema bulkhead to test_owner; grant execute on all functions in schema bulkhead to test_owner',
    );
    await client.query('set role test_owner');
    for (const name of ['000001_tables', '000002_view_and_functions', '000003_isolation']) {
      const text = await readFile(join(NOTES, `${name}.sql`), 'utf8');
      await client.query(text.replaceAll('notes_', 'test_'));
    }
    await client.query('reset role');

    const proof = await prove(client, { role: 'test_app' });
    expect(notProven(proof)).toEqual([]);
    expect(proof.summary.proven).toBeGreaterThan(10);
    const asApp = await prove(await connected(database.appUrl), { role: 'test_app' });
    expect(asApp.objects).toEqual(proof.objects);
  });
});
