/** Finding out which tenant a request is for never waits for the work of other requests. */
import { expect, test } from 'vitest';
import { type TwoTenants, twoTenants } from './two-tenants.ts';

const THIRD = '0c000000-0000-4000-8000-00000000000c';

async function withThird(options: Parameters<typeof twoTenants>[0]): Promise<TwoTenants> {
  const app = await twoTenants(options);
  await app.everything(
    `insert into bulkhead.tenant (id, slug, name) values ('${THIRD}', 'third', 'Third')`,
  );
  return app;
}

const connections = async (app: TwoTenants): Promise<number> => {
  const [row] = await app.everything(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and usename = 'test_app'`,
  );
  return Number(row?.n);
};

test('a tenant is found while the only client of the pool is held', async () => {
  const app = await withThird({ pool: { max: 1, connectionTimeoutMillis: 1_000 } });
  await app.asAcme(async () => {
    const client = await app.pool.connect();
    await client.query('begin');
    // The request that holds the client may be the very one that asks.
    await expect(app.bulkhead.asTenant('third', () => 'entered')).resolves.toBe('entered');
    await expect(app.bulkhead.asTenant('nobody', () => 'entered')).rejects.toMatchObject({
      code: 'identity.tenant_unknown',
    });
    await client.query('commit');
    client.release();
  });
});

test('look-ups take two connections at most, beside the pool’s own', async () => {
  const app = await withThird({ pool: { max: 1 } });
  const names = Array.from({ length: 40 }, (_, n) => `nobody-${n}`);
  await Promise.allSettled(names.map((name) => app.bulkhead.asTenant(name, () => undefined)));
  await app.asAcme(() => app.pool.query('select 1'));
  expect(app.pool.totalCount).toBe(1);
  expect(await connections(app)).toBe(3);
});

test('where the server has no room for them, the pool’s own connection does the look-up', async () => {
  const app = await withThird({ pool: { max: 1 } });
  const [own] = await app.asAcme(
    async () => (await app.pool.query('select pg_backend_pid() as pid')).rows,
  );
  await app.everything(`alter database ${app.database.name} connection limit 1`);
  await app.everything(
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and usename = 'test_app' and pid <> ${own.pid}`,
  );
  await expect(app.bulkhead.asTenant('third', () => 'entered')).resolves.toBe('entered');
  expect(await connections(app)).toBe(1);
});

test('a pool that has ended leaves no connection of its look-ups behind', async () => {
  const app = await withThird({ pool: { max: 1 } });
  await app.asAcme(() => app.pool.query('select 1'));
  await app.pool.end();
  await expect(app.bulkhead.asTenant('third', () => undefined)).rejects.toMatchObject({
    code: 'isolation.pool_missing',
  });
  await expect.poll(() => connections(app), { timeout: 5_000 }).toBe(0);
});
