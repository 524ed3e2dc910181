/** The protected pool is a `pg.Pool`: what apps do with one, they do with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { ACME, GLOBEX, twoTenants } from './two-tenants.ts';

const bodies = 'select body from note order by title';

test('each tenant reads its own rows and no other', async () => {
  const { pool, asAcme, asGlobex } = await twoTenants();
  const [acme, globex] = await Promise.all([
    asAcme(() => pool.query(bodies)),
    asGlobex(() => pool.query(bodies)),
  ]);
  expect(acme.rows).toEqual([{ body: 'acme' }, { body: 'acme' }]);
  expect(globex.rows).toEqual([{ body: 'globex' }, { body: 'globex' }]);
});

test('an insert lands in the tenant of its context without naming it', async () => {
  const { pool, asAcme, asGlobex, everything } = await twoTenants();
  await asAcme(() => pool.query('insert into note (title) values ($1)', ['from acme']));
  await asGlobex(() => pool.query('insert into note (title) values ($1)', ['from globex']));
  expect(
    await everything("select title, tenant_id from note where title like 'from%' order by title"),
  ).toEqual([
    { title: 'from acme', tenant_id: ACME },
    { title: 'from globex', tenant_id: GLOBEX },
  ]);
});

test("naming another tenant's id in an insert or an update is refused by the database", async () => {
  const { pool, asAcme } = await twoTenants();
  const refused = { code: '42501' };
  await asAcme(async () => {
    await expect(
      pool.query('insert into note (tenant_id, title) values ($1, $2)', [GLOBEX, 'planted']),
    ).rejects.toMatchObject(refused);
    await expect(pool.query('update note set tenant_id = $1', [GLOBEX])).rejects.toMatchObject(
      refused,
    );
    const all = await pool.query('delete from note where tenant_id = $1', [GLOBEX]);
    expect(all.rowCount).toBe(0);
  });
});

test('without a context no query runs, by promise or by callback', async () => {
  const { pool } = await twoTenants();
  const missing = { code: 'isolation.context_missing' };
  await expect(pool.query(bodies)).rejects.toMatchObject(missing);
  await expect(pool.connect()).rejects.toMatchObject(missing);
  const byCallback = await new Promise((resolve) => pool.query(bodies, resolve));
  expect(byCallback).toMatchObject(missing);
});

test('callbacks work with and without values, on the pool and on a client', async () => {
  const { pool, asAcme } = await twoTenants();
  const called = <T>(start: (done: (error: Error | null, value?: T) => void) => void) =>
    new Promise<T>((resolve, reject) =>
      start((error, value) => (error ? reject(error) : resolve(value as T))),
    );
  await asAcme(async () => {
    const one = await called<pg.QueryResult>((done) => pool.query(bodies, done));
    const two = await called<pg.QueryResult>((done) =>
      pool.query('select $1::int as n', [7], done),
    );
    expect([one.rows.length, two.rows]).toEqual([2, [{ n: 7 }]]);
    const three = await called<pg.QueryResult>((done) =>
      pool.connect((error, client, release) => {
        if (error !== undefined || client === undefined) return done(error ?? new Error('none'));
        client.query('select $1::text as t', ['x'], (failure, result) => {
          release();
          done(failure, result);
        });
      }),
    );
    expect(three.rows).toEqual([{ t: 'x' }]);
    await expect(called((done) => pool.query('select 1 / 0', done))).rejects.toMatchObject({
      code: '22012',
    });
  });
});

test('a callback runs in the context of the code that passed it', async () => {
  const { pool, bulkhead, asAcme, asGlobex } = await twoTenants({ pool: { max: 1 } });
  const tenantInCallback = (via: (done: () => void) => void) =>
    new Promise<string | undefined>((resolve) =>
      via(() => resolve(bulkhead.context().tenant.slug)),
    );
  const onPool = () => tenantInCallback((done) => pool.query('select 1', done));
  const onConnect = () =>
    tenantInCallback((done) =>
      pool.connect((_error, _client, release) => {
        done();
        release();
      }),
    );
  const onClient = () =>
    tenantInCallback((done) =>
      pool.connect((_error, client, release) => {
        client?.query('select 1', () => {
          done();
          release();
        });
      }),
    );
  for (const way of [onPool, onConnect, onClient]) {
    const seen = await Promise.all([asAcme(way), asGlobex(way), asAcme(way), asGlobex(way)]);
    expect(seen, way.name).toEqual(['acme', 'globex', 'acme', 'globex']);
  }
});

test('after an await on the pool the context is still the caller’s', async () => {
  const { pool, bulkhead, asAcme, asGlobex } = await twoTenants({ pool: { max: 1 } });
  const work = async () => {
    const seen: (string | undefined)[] = [];
    for (let round = 0; round < 5; round += 1) {
      await pool.query('select pg_sleep(0.001)');
      seen.push(bulkhead.context().tenant.slug);
    }
    return new Set(seen);
  };
  const [acme, globex] = await Promise.all([asAcme(work), asGlobex(work)]);
  expect([[...acme], [...globex]]).toEqual([['acme'], ['globex']]);
});

test('it is a pg.Pool: its class, its counts and its events', async () => {
  const { pool, asAcme } = await twoTenants({ pool: { max: 1 } });
  expect(pool).toBeInstanceOf(pg.Pool);
  const events: string[] = [];
  for (const name of ['connect', 'acquire', 'release', 'remove'] as const) {
    pool.on(name, () => events.push(name));
  }
  await asAcme(async () => {
    (await pool.connect()).release(true);
    await expect.poll(() => events).toEqual(['connect', 'acquire', 'release', 'remove']);
    events.splice(0);
    const client = await pool.connect();
    expect(client).toBeInstanceOf(pg.Client);
    const waiting = pool.query('select 1');
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 0, 1]);
    client.release();
    await waiting;
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([1, 1, 0]);
    const again = await pool.connect();
    again.release(true);
  });
  await expect.poll(() => events.at(-1)).toBe('remove');
  const pair = ['acquire', 'release'];
  expect(events).toEqual(['connect', ...pair, ...pair, ...pair, 'remove']);
});

test('the event of a killed idle connection reaches the pool, and the next query connects anew', async () => {
  const { pool, asAcme, everything } = await twoTenants({ pool: { max: 1 } });
  const lost = new Promise((resolve) => pool.once('error', resolve));
  await asAcme(() => pool.query('select 1'));
  await everything(
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_app' and datname = current_database()",
  );
  expect(await lost).toMatchObject({ code: '57P01' });
  const { rows } = await asAcme(() => pool.query(bodies));
  expect(rows).toHaveLength(2);
});

test('idle connections end after idleTimeoutMillis, down to min', async () => {
  const { pool, asAcme } = await twoTenants({ pool: { max: 3, min: 1, idleTimeoutMillis: 300 } });
  const clients = await asAcme(() => Promise.all([1, 2, 3].map(() => pool.connect())));
  for (const client of clients) client.release();
  expect(pool.totalCount).toBe(3);
  await expect.poll(() => pool.totalCount, { timeout: 5_000 }).toBe(1);
  await sleep(400);
  expect(pool.totalCount).toBe(1);
});

test('maxUses and maxLifetimeSeconds replace a connection', async () => {
  const replaced = async (options: pg.PoolConfig, pauseMs: number): Promise<boolean> => {
    const { pool, asAcme } = await twoTenants({ pool: { max: 1, ...options } });
    return asAcme(async () => {
      const pid = 'select pg_backend_pid() as pid';
      const before = await pool.query(pid);
      await sleep(pauseMs);
      const after = await pool.query(pid);
      return before.rows[0].pid !== after.rows[0].pid;
    });
  };
  const seen = await Promise.all([
    replaced({}, 0),
    replaced({ maxUses: 1 }, 0),
    replaced({ maxLifetimeSeconds: 1 }, 1_300),
  ]);
  expect(seen).toEqual([false, true, true]);
});

test('a pool of busy connections says so after connectionTimeoutMillis', async () => {
  const { pool, asAcme } = await twoTenants({ pool: { max: 1, connectionTimeoutMillis: 500 } });
  await asAcme(async () => {
    const client = await pool.connect();
    await expect(pool.query('select 1')).rejects.toMatchObject({
      code: 'isolation.pool_exhausted',
    });
    client.release();
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

test('end waits for what is under way and refuses what comes after', async () => {
  const { pool, asAcme } = await twoTenants();
  await asAcme(async () => {
    const underWay = pool.query("select 'done' as state from pg_sleep(0.05)");
    // Lets the query have its connection first, as pg's own pool needs as well.
    await sleep(30);
    await pool.end();
    expect((await underWay).rows).toEqual([{ state: 'done' }]);
    expect(pool.ended).toBe(true);
    await expect(pool.query('select 1')).rejects.toThrow(/after calling end/);
  });
});

test('the pool is no configuration for another pool, which would be unprotected', async () => {
  const { pool } = await twoTenants();
  expect(() => new pg.Pool(pool as unknown as pg.PoolConfig)).toThrow(
    expect.objectContaining({ code: 'isolation.pool_foreign' }),
  );
  expect(() => `${pool} ${JSON.stringify(pool.totalCount)}`).not.toThrow();
});

test('client.release twice is an error, as in pg', async () => {
  const { pool, asAcme } = await twoTenants();
  await asAcme(async () => {
    const client = await pool.connect();
    client.release();
    expect(() => client.release()).toThrow(/already been released/);
  });
});
