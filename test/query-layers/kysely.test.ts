/** Kysely on the protected pool, unchanged: the tables' types need not even name the tenant. */
import { type Generated, Kysely, PostgresDialect, sql } from 'kysely';
import Cursor from 'pg-cursor';
import { expect, test } from 'vitest';
import { ACME, GLOBEX, type TwoTenants, twoTenants } from './two-tenants.ts';

interface Tables {
  project: { id: Generated<string>; name: string };
  note: {
    id: Generated<string>;
    project_id: string | null;
    title: string;
    body: Generated<string>;
    priority: Generated<number>;
    tags: Generated<string[]>;
    meta: Generated<{ colour?: string }>;
  };
}

async function kyselyApp(): Promise<TwoTenants & { db: Kysely<Tables> }> {
  const app = await twoTenants();
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: app.pool, cursor: Cursor }),
  });
  return { ...app, db };
}

test('create, read, update and delete stay within the tenant', async () => {
  const { db, asAcme, asGlobex, everything } = await kyselyApp();
  const work = (body: string) => async () => {
    const made = await db
      .insertInto('note')
      .values({ title: 'made', body, tags: ['a', 'b'], meta: { colour: 'red' } })
      .returningAll()
      .executeTakeFirstOrThrow();
    expect(made).toMatchObject({ tags: ['a', 'b'], meta: { colour: 'red' } });
    const changed = await db.updateTable('note').set({ priority: 9 }).executeTakeFirst();
    expect(changed.numUpdatedRows).toBe(3n);
    const gone = await db.deleteFrom('note').where('title', '=', 'second').executeTakeFirst();
    expect(gone.numDeletedRows).toBe(1n);
    return db.selectFrom('note').select(['title', 'body']).orderBy('title').execute();
  };
  const [acme, globex] = await Promise.all([asAcme(work('acme')), asGlobex(work('globex'))]);
  expect(acme.map((row) => row.body)).toEqual(['acme', 'acme']);
  expect(globex.map((row) => row.body)).toEqual(['globex', 'globex']);
  expect(
    await everything("select tenant_id, body from note where title = 'made' order by body"),
  ).toEqual([
    { tenant_id: ACME, body: 'acme' },
    { tenant_id: GLOBEX, body: 'globex' },
  ]);
});

test('joins, common table expressions, sub-queries and raw SQL stay within the tenant', async () => {
  const { db, asAcme } = await kyselyApp();
  await asAcme(async () => {
    const joined = await db
      .selectFrom('note')
      .innerJoin('project', 'project.id', 'note.project_id')
      .select(['project.name', 'note.body'])
      .distinct()
      .execute();
    expect(joined).toEqual([{ name: 'launch', body: 'acme' }]);
    const counted = await db
      .with('mine', (query) => query.selectFrom('note').select(['body']))
      .selectFrom('mine')
      .select(({ fn }) => fn.count<string>('body').as('n'))
      .executeTakeFirst();
    expect(counted).toEqual({ n: '2' });
    const raw = await sql<{
      body: string;
    }>`select body from note where true or ${'x'} = 'y'`.execute(db);
    expect(new Set(raw.rows.map((row) => row.body))).toEqual(new Set(['acme']));
  });
});

test('an upsert meets the tenant’s own row only', async () => {
  const { db, asAcme, everything } = await kyselyApp();
  await asAcme(() =>
    db
      .insertInto('project')
      .values({ name: 'launch' })
      .onConflict((conflict) =>
        conflict.columns(['tenant_id' as never, 'name']).doUpdateSet({ name: 'relaunch' }),
      )
      .execute(),
  );
  expect(await everything('select tenant_id, name from project order by name')).toEqual([
    { tenant_id: GLOBEX, name: 'launch' },
    { tenant_id: ACME, name: 'relaunch' },
  ]);
});

test('a transaction commits, rolls back and takes an isolation level', async () => {
  const { db, asAcme, asGlobex, everything } = await kyselyApp();
  const add = (title: string) => (trx: Kysely<Tables>) =>
    trx.insertInto('note').values({ title, project_id: null }).execute();
  await asAcme(() => db.transaction().execute(add('kept')));
  await asGlobex(() =>
    db
      .transaction()
      .setIsolationLevel('serializable')
      .execute(async (trx) => {
        await add('kept too')(trx);
        const level = await sql<{
          transaction_isolation: string;
        }>`show transaction_isolation`.execute(trx);
        expect(level.rows).toEqual([{ transaction_isolation: 'serializable' }]);
      }),
  );
  await asAcme(() =>
    expect(
      db.transaction().execute(async (trx) => {
        await add('gone')(trx);
        throw new Error('change of mind');
      }),
    ).rejects.toThrow('change of mind'),
  );
  await asAcme(() =>
    db
      .transaction()
      .setAccessMode('read only')
      .execute(async (trx) => {
        await expect(add('refused')(trx)).rejects.toMatchObject({ code: '25006' });
      })
      .catch(() => undefined),
  );
  expect(
    await everything("select tenant_id, title from note where body = '' order by title"),
  ).toEqual([
    { tenant_id: ACME, title: 'kept' },
    { tenant_id: GLOBEX, title: 'kept too' },
  ]);
});

test('a controlled transaction has savepoints', async () => {
  const { db, asGlobex, everything } = await kyselyApp();
  await asGlobex(async () => {
    const trx = await db.startTransaction().execute();
    await trx.insertInto('note').values({ title: 'before', project_id: null }).execute();
    const point = await trx.savepoint('sp').execute();
    await expect(
      point.insertInto('note').values({ title: 'before', project_id: null }).execute(),
    ).rejects.toMatchObject({ code: '23505' });
    await point.rollbackToSavepoint('sp').execute();
    await point.releaseSavepoint('sp').execute();
    await trx.insertInto('note').values({ title: 'after', project_id: null }).execute();
    await trx.commit().execute();
  });
  expect(
    await everything("select tenant_id, title from note where body = '' order by title"),
  ).toEqual([
    { tenant_id: GLOBEX, title: 'after' },
    { tenant_id: GLOBEX, title: 'before' },
  ]);
});

test('streaming reads the tenant’s rows, also when it is left half-way', async () => {
  const { db, asAcme, asGlobex, pool } = await kyselyApp();
  await asAcme(async () => {
    const bodies: string[] = [];
    for await (const row of db.selectFrom('note').select('body').stream(1)) bodies.push(row.body);
    expect(bodies).toEqual(['acme', 'acme']);
    for await (const row of db.selectFrom('note').select('body').stream(1)) {
      expect(row.body).toBe('acme');
      break;
    }
  });
  await asGlobex(async () => {
    const bodies: string[] = [];
    for await (const row of db.selectFrom('note').select('body').stream(1)) bodies.push(row.body);
    expect(bodies).toEqual(['globex', 'globex']);
  });
  expect(pool.waitingCount).toBe(0);
});

test('introspection lists the tables', async () => {
  const { db, asAcme } = await kyselyApp();
  const tables = await asAcme(() => db.introspection.getTables());
  expect(tables.map((table) => table.name)).toEqual(
    expect.arrayContaining(['note', 'project', 'note_titles']),
  );
});

test('without a context Kysely gets the error that says so', async () => {
  const { db } = await kyselyApp();
  await expect(db.selectFrom('note').selectAll().execute()).rejects.toMatchObject({
    code: 'isolation.context_missing',
  });
});
