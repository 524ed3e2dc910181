/** Transactions on a client of the protected pool: plain SQL, one tenant from BEGIN to the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { expect, test } from 'vitest';
import { ACME, GLOBEX, type TwoTenants, twoTenants } from './two-tenants.ts';

async function onClient<T>(app: TwoTenants, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await app.pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

const insert = 'insert into note (title) values ($1)';
const titles = async (app: TwoTenants): Promise<unknown[]> =>
  (
    await app.everything(
      "select tenant_id, title from note where title not in ('first', 'second') order by title, tenant_id",
    )
  ).map((row) => `${row.tenant_id === ACME ? 'acme' : 'globex'} ${row.title}`);

test('what is committed stays, in its tenant; what is rolled back does not', async () => {
  const app = await twoTenants();
  const work = (title: string, end: string) =>
    onClient(app, async (client) => {
      await client.query('begin');
      await client.query(insert, [title]);
      await client.query(insert, [`${title} too`]);
      return client.query(end);
    });
  await Promise.all([
    app.asAcme(() => work('kept', 'commit')),
    app.asGlobex(() => work('kept', 'COMMIT')),
    app.asAcme(() => work('gone', 'rollback')),
  ]);
  expect(await titles(app)).toEqual([
    'acme kept',
    'globex kept',
    'acme kept too',
    'globex kept too',
  ]);
});

test('every statement of a transaction sees its tenant alone', async () => {
  const app = await twoTenants({ pool: { max: 1 } });
  for (const [enter, body] of [
    [app.asAcme, 'acme'],
    [app.asGlobex, 'globex'],
  ] as const) {
    await enter(() =>
      onClient(app, async (client) => {
        await client.query('begin');
        for (let round = 0; round < 4; round += 1) {
          const { rows } = await client.query(
            'select distinct body from note where priority = $1',
            [0],
          );
          expect(rows).toEqual([{ body }]);
        }
        await client.query('commit');
      }),
    );
  }
});

test('after an error the transaction is aborted until it is rolled back', async () => {
  const app = await twoTenants();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      await client.query('begin');
      await expect(client.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
      await expect(client.query('select 1')).rejects.toMatchObject({ code: '25P02' });
      await client.query('rollback');
      expect((await client.query('select body from note limit 1')).rows).toEqual([
        { body: 'acme' },
      ]);
      await client.query('begin');
      await client.query(insert, ['lost']);
      await expect(client.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
      expect((await client.query('commit')).command).toBe('ROLLBACK');
    }),
  );
  expect(await titles(app)).toEqual([]);
});

test('savepoints: an error rolled back to a savepoint costs only what came after it', async () => {
  const app = await twoTenants();
  await app.asGlobex(() =>
    onClient(app, async (client) => {
      await client.query('begin');
      await client.query(insert, ['before']);
      await client.query('savepoint outer_point');
      await client.query(insert, ['undone']);
      await client.query('savepoint inner_point');
      await expect(client.query(insert, ['first'])).rejects.toMatchObject({ code: '23505' });
      await client.query('rollback to savepoint inner_point');
      await client.query('release savepoint inner_point');
      await client.query('rollback to outer_point');
      await client.query(insert, ['after']);
      expect((await client.query('select distinct tenant_id from note')).rows).toEqual([
        { tenant_id: GLOBEX },
      ]);
      await client.query('commit');
    }),
  );
  expect(await titles(app)).toEqual(['globex after', 'globex before']);
});

test('a savepoint taken before the first statement may be rolled back to', async () => {
  // The context is set with the first statement; going back behind it must set it again.
  const app = await twoTenants();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      await client.query('begin');
      await client.query('savepoint start');
      for (let round = 0; round < 3; round += 1) {
        await client.query(insert, ['undone']);
        await client.query('rollback to start');
        expect((await client.query('select body from note limit 1')).rows).toEqual([
          { body: 'acme' },
        ]);
      }
      await client.query(insert, ['kept']);
      await client.query('commit');
    }),
  );
  expect(await titles(app)).toEqual(['acme kept']);
});

test('isolation levels and read only hold', async () => {
  const app = await twoTenants();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      await client.query('begin isolation level repeatable read');
      const count = async () =>
        (await client.query('select count(*)::int as n from note')).rows[0].n;
      const before = await count();
      await app.pool.query(insert, ['meanwhile']);
      expect(await count()).toBe(before);
      await client.query('commit');
      expect(await count()).toBe(before + 1);

      await client.query('start transaction isolation level serializable read only');
      await expect(client.query(insert, ['refused'])).rejects.toMatchObject({ code: '25006' });
      await client.query('rollback');

      await client.query('begin');
      await client.query('set transaction isolation level serializable');
      const { rows } = await client.query('show transaction_isolation');
      expect(rows).toEqual([{ transaction_isolation: 'serializable' }]);
      await client.query('commit');
      expect((await client.query('show transaction_isolation')).rows).toEqual([
        { transaction_isolation: 'read committed' },
      ]);
    }),
  );
});

test('deferred constraints are checked at commit, within the tenant', async () => {
  const app = await twoTenants();
  const note = '0c000000-0000-4000-8000-00000000000c';
  const line = 'insert into line (note_id) values ($1)';
  await app.asAcme(() =>
    onClient(app, async (client) => {
      await client.query('begin');
      await client.query(line, [note]);
      await client.query('insert into note (id, title) values ($1, $2)', [note, 'late']);
      await client.query('commit');
      await client.query('begin');
      await client.query(line, [GLOBEX]);
      await expect(client.query('commit')).rejects.toMatchObject({ code: '23503' });
    }),
  );
  await app.asGlobex(async () => {
    // Acme's note is there, but not for Globex; one statement by itself is checked at its end.
    await expect(app.pool.query(line, [note])).rejects.toMatchObject({ code: '23503' });
  });
});

test('statements queued without awaiting run in order, in the transaction', async () => {
  const app = await twoTenants();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      const outcomes = await Promise.all([
        client.query('begin'),
        client.query(insert, ['q1']),
        client.query(insert, ['q2']),
        client.query("select count(*)::int as n from note where title like 'q%'"),
        client.query('commit'),
      ]);
      expect(outcomes[3].rows).toEqual([{ n: 2 }]);
    }),
  );
  expect(await titles(app)).toEqual(['acme q1', 'acme q2']);
});

test('a transaction may outlive the token it began with', async () => {
  const app = await twoTenants({ isolation: { tokenLifetimeSeconds: 1 } });
  await app.asAcme(() =>
    onClient(app, async (client) => {
      await client.query('begin');
      await client.query(insert, ['early']);
      await sleep(1_600);
      await client.query('savepoint later');
      await client.query(insert, ['late']);
      await client.query('rollback to later');
      await sleep(1_100);
      await client.query(insert, ['last']);
      await client.query('commit');
    }),
  );
  expect(await titles(app)).toEqual(['acme early', 'acme last']);
});

test('a deferred constraint is checked at commit although the token has meanwhile expired', async () => {
  const app = await twoTenants({ isolation: { tokenLifetimeSeconds: 3 } });
  await app.asAcme(() =>
    onClient(app, async (client) => {
      await client.query('begin');
      await client.query('insert into line (note_id) select id from note limit 1');
      await sleep(3_600);
      await client.query('commit');
    }),
  );
  expect(await app.everything('select tenant_id from line')).toEqual([{ tenant_id: ACME }]);
});

test('a context that has ended refuses further statements, and the work is lost, not half kept', async () => {
  const app = await twoTenants();
  const work = app.bulkhead.asTenant(
    'acme',
    () =>
      onClient(app, async (client) => {
        await client.query('begin');
        await client.query(insert, ['too slow']);
        await sleep(400);
        await client.query('commit');
      }),
    { lifetimeMs: 300 },
  );
  await expect(work).rejects.toMatchObject({ code: 'isolation.context_expired' });
  expect(await titles(app)).toEqual([]);
});

test('a client released with an open transaction is destroyed, its work undone', async () => {
  const app = await twoTenants({ pool: { max: 1 } });
  await app.asAcme(async () => {
    const client = await app.pool.connect();
    await client.query('begin');
    await client.query(insert, ['forgotten']);
    client.release();
    expect(app.pool.totalCount).toBe(0);
  });
  await app.asGlobex(async () => {
    expect((await app.pool.query('select distinct body from note')).rows).toEqual([
      { body: 'globex' },
    ]);
  });
  await expect.poll(() => titles(app)).toEqual([]);
});

test('a client is refused after its release and in another tenant’s context', async () => {
  const app = await twoTenants();
  const client = await app.asAcme(() => app.pool.connect());
  await app.asGlobex(() =>
    expect(client.query('select body from note')).rejects.toMatchObject({
      code: 'isolation.context_changed',
    }),
  );
  client.release();
  await app.asAcme(() =>
    expect(client.query('select body from note')).rejects.toMatchObject({
      code: 'isolation.client_released',
    }),
  );
});

test('transaction control on the pool is refused, and so is what would leave a transaction', async () => {
  const app = await twoTenants();
  await app.asAcme(async () => {
    for (const text of ['begin', 'commit', 'rollback', 'savepoint s']) {
      await expect(app.pool.query(text), text).rejects.toMatchObject({
        code: 'isolation.transaction_on_pool',
      });
    }
    await onClient(app, async (client) => {
      for (const text of ['begin; select 1', "prepare transaction 'x'", 'commit and chain']) {
        await expect(client.query(text), text).rejects.toMatchObject({
          code: 'isolation.statement_refused',
        });
      }
    });
  });
});

test('a hundred transactions of two tenants, interleaved on two connections, keep apart', async () => {
  const app = await twoTenants({ pool: { max: 2 } });
  const work = (index: number) =>
    onClient(app, async (client) => {
      await client.query('begin');
      await client.query(insert, [`n${index}`]);
      const { rows } = await client.query('select count(distinct tenant_id)::int as n from note');
      await client.query(index % 5 === 0 ? 'rollback' : 'commit');
      return rows[0].n;
    });
  const counts = await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      (index % 2 === 0 ? app.asAcme : app.asGlobex)(() => work(index)),
    ),
  );
  expect(new Set(counts)).toEqual(new Set([1]));
  const perTenant = await app.everything(
    "select tenant_id, count(*)::int as n, bool_and(substr(title, 2)::int % 2 = case tenant_id when '" +
      `${ACME}' then 0 else 1 end) as own from note where title ~ '^n[0-9]' group by 1 order by 1`,
  );
  expect(perTenant).toEqual([
    { tenant_id: ACME, n: 40, own: true },
    { tenant_id: GLOBEX, n: 40, own: true },
  ]);
});
