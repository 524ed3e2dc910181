import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '#test/database';
import { parseContextKey } from '../../packages/bulkhead/src/isolation/index.ts';

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('databases made at the same time are separate, and each is gone after drop', async () => {
  const databases = await Promise.all(Array.from({ length: 8 }, () => createTestDatabase()));
  onTestFinished(async () => {
    await Promise.all(databases.map((database) => database.drop()));
  });
  for (const { ownerUrl, name } of databases) {
    await ask(ownerUrl, 'create table public.mine (id int)');
    expect(await ask(ownerUrl, 'select current_database() as name')).toEqual([{ name }]);
  }
  const [first] = databases;
  if (first === undefined) throw new Error('no database');
  await first.drop();
  await expect(ask(first.ownerUrl, 'select 1')).rejects.toMatchObject({ code: '3D000' });
});

test('the roles are what production asks for: only the operator passes row-level security', async () => {
  const database = await createTestDatabase({ migrated: false });
  onTestFinished(() => database.drop());
  const role = `select current_user as name, r.rolsuper, r.rolbypassrls, r.rolcreatedb,
    (select count(*)::int from pg_auth_members m where m.member = r.oid) as memberships
    from pg_roles r where r.rolname = current_user`;
  const plain = { rolsuper: false, rolbypassrls: false, rolcreatedb: false, memberships: 0 };
  expect(await ask(database.appUrl, role)).toEqual([{ name: 'test_app', ...plain }]);
  expect(await ask(database.ownerUrl, role)).toEqual([{ name: 'test_owner', ...plain }]);
  expect(await ask(database.operatorUrl, role)).toEqual([
    { name: 'test_operator', ...plain, rolbypassrls: true },
  ]);
});

test('a migrated database trusts its own context key and gives the app no TEMP', async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const keys = await ask(database.superuserUrl, 'select kid from bulkhead.context_key');
  expect(keys).toEqual([{ kid: parseContextKey(database.contextKey).kid }]);
  await expect(ask(database.appUrl, 'create temp table t (id int)')).rejects.toMatchObject({
    code: '42501',
  });
});
