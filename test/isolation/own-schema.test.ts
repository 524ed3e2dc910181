import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '#test/database';
import { prove } from '../../packages/bulkhead/src/isolation/prove/index.ts';

test('Bulkhead’s own schema is proven for the app’s role, but for the look-up that comes before the context', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await database.drop();
  });
  await client.query(`
    create table public.note (id uuid default gen_random_uuid(), tenant_id uuid not null default bulkhead.tenant_id(), body text, primary key (tenant_id, id));
    select bulkhead.protect_table('public.note');
    grant select, insert, update, delete on public.note to test_app`);
  const proof = await prove(client, { role: 'test_app' });
  const open = proof.objects.filter(({ verdict }) => verdict !== 'proven');
  // Which tenant a name belongs to must be told before there is a context: one tenant for one name, and no
  // more. Anything beside that look-up fails here.
  expect(open.map(({ object, findings }) => [object, ...findings.map(({ kind }) => kind)])).toEqual(
    [['bulkhead.find_tenant', 'definer-reads']],
  );
  expect(proof.summary.proven).toBeGreaterThan(0);
  expect(proof.convention).toMatchObject({ kind: 'signed', setting: 'bulkhead.context' });
});
