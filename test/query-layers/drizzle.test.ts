/** Drizzle on the protected pool, unchanged: the schema need not even name the tenant. */
import { eq, relations, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import { ACME, GLOBEX, twoTenants } from './two-tenants.ts';

const project = pgTable('project', {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull(),
});
const note = pgTable('note', {
  id: uuid().primaryKey().defaultRandom(),
  projectId: uuid('project_id'),
  title: text().notNull(),
  body: text().notNull().default(''),
  priority: integer().notNull().default(0),
  tags: text().array().notNull().default([]),
  meta: jsonb().$type<{ colour?: string }>().notNull().default({}),
});
const projectNotes = relations(project, ({ many }) => ({ notes: many(note) }));
const noteProject = relations(note, ({ one }) => ({
  project: one(project, { fields: [note.projectId], references: [project.id] }),
}));
const schema = { project, note, projectNotes, noteProject };

async function drizzleApp() {
  const app = await twoTenants();
  return { ...app, db: drizzle({ client: app.pool, schema }) };
}

const added = "select tenant_id, title from note where body = '' order by title";

test('create, read, update and delete stay within the tenant', async () => {
  const { db, asAcme, asGlobex, everything } = await drizzleApp();
  const work = async () => {
    const [made] = await db
      .insert(note)
      .values({ title: 'made', tags: ['a', 'b'], meta: { colour: 'red' } })
      .returning();
    expect(made).toMatchObject({ tags: ['a', 'b'], meta: { colour: 'red' } });
    expect((await db.update(note).set({ priority: 9 })).rowCount).toBe(3);
    expect((await db.delete(note).where(eq(note.title, 'second'))).rowCount).toBe(1);
    return db.select({ body: note.body }).from(note).where(eq(note.title, 'first'));
  };
  expect(await Promise.all([asAcme(work), asGlobex(work)])).toEqual([
    [{ body: 'acme' }],
    [{ body: 'globex' }],
  ]);
  expect(await everything(added)).toEqual(
    expect.arrayContaining([
      { tenant_id: ACME, title: 'made' },
      { tenant_id: GLOBEX, title: 'made' },
    ]),
  );
});

test('relational queries and joins stay within the tenant', async () => {
  const { db, asGlobex } = await drizzleApp();
  await asGlobex(async () => {
    const projects = await db.query.project.findMany({
      with: { notes: { columns: { body: true } } },
    });
    expect(projects).toMatchObject([
      { name: 'launch', notes: [{ body: 'globex' }, { body: 'globex' }] },
    ]);
    const joined = await db
      .selectDistinct({ name: project.name, body: note.body })
      .from(note)
      .innerJoin(project, eq(project.id, note.projectId));
    expect(joined).toEqual([{ name: 'launch', body: 'globex' }]);
  });
});

test('a prepared query keeps to the tenant of each call', async () => {
  const { db, asAcme, asGlobex } = await drizzleApp();
  const byTitle = db
    .select({ body: note.body })
    .from(note)
    .where(eq(note.title, sql.placeholder('title')))
    .prepare('note_by_title');
  for (let round = 0; round < 6; round += 1) {
    expect(await asAcme(() => byTitle.execute({ title: 'first' }))).toEqual([{ body: 'acme' }]);
    expect(await asGlobex(() => byTitle.execute({ title: 'first' }))).toEqual([{ body: 'globex' }]);
  }
});

test('raw SQL runs with its parameters, and what is injected meets the same walls', async () => {
  const { db, asAcme } = await drizzleApp();
  await asAcme(async () => {
    const { rows } = await db.execute(sql`select body from note where title = ${'first'}`);
    expect(rows).toEqual([{ body: 'acme' }]);
    const injected = await db.execute(
      sql.raw("select distinct body from note where '' = '' or 1 = 1"),
    );
    expect(injected.rows).toEqual([{ body: 'acme' }]);
    await expect(
      db.execute(sql.raw("select set_config('bulkhead.context', '', false)")),
    ).rejects.toMatchObject({ cause: { code: 'isolation.statement_refused' } });
  });
});

test('transactions commit, roll back, nest as savepoints and take an isolation level', async () => {
  const { db, asAcme, asGlobex, everything } = await drizzleApp();
  await asAcme(() =>
    db.transaction(async (tx) => {
      await tx.insert(note).values({ title: 'outer' });
      await expect(
        tx.transaction(async (inner) => {
          await inner.insert(note).values({ title: 'inner' });
          inner.rollback();
        }),
      ).rejects.toThrow();
      await tx.transaction((inner) => inner.insert(note).values({ title: 'kept' }));
    }),
  );
  await asGlobex(() =>
    db.transaction(
      async (tx) => {
        const { rows } = await tx.execute(sql`show transaction_isolation`);
        expect(rows).toEqual([{ transaction_isolation: 'repeatable read' }]);
        await tx.insert(note).values({ title: 'level' });
      },
      { isolationLevel: 'repeatable read', accessMode: 'read write', deferrable: true },
    ),
  );
  await asGlobex(() =>
    expect(
      db.transaction(async (tx) => {
        await tx.insert(note).values({ title: 'gone' });
        throw new Error('change of mind');
      }),
    ).rejects.toThrow('change of mind'),
  );
  expect(await everything(added)).toEqual([
    { tenant_id: ACME, title: 'kept' },
    { tenant_id: GLOBEX, title: 'level' },
    { tenant_id: ACME, title: 'outer' },
  ]);
});

test('a query that is returned unawaited still runs in the context it was made in', async () => {
  // Drizzle's queries send nothing until they are awaited, which happens outside of asTenant.
  const { db, bulkhead, asAcme, asGlobex } = await drizzleApp();
  const read = () => db.selectDistinct({ body: note.body }).from(note);
  expect(await Promise.all([asAcme(read), asGlobex(read)])).toEqual([
    [{ body: 'acme' }],
    [{ body: 'globex' }],
  ]);
  const all = await bulkhead.asOperator({ reason: 'count of all notes' }, () => db.$count(note));
  expect(all).toBe(4);
});

test('without a context Drizzle gets the error that says so', async () => {
  const { db } = await drizzleApp();
  await expect(db.select().from(note)).rejects.toMatchObject({
    cause: { code: 'isolation.context_missing' },
  });
});
