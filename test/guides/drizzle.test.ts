/** What docs/guides/drizzle.md shows, run. */
// #region schema
import { relations } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text, uuid } from 'drizzle-orm/pg-core';

const project = pgTable('project', {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull(),
});
const note = pgTable('note', {
  id: uuid().primaryKey().defaultRandom(),
  projectId: uuid('project_id'),
  title: text().notNull(),
});
const projectNotes = relations(project, ({ many }) => ({ notes: many(note) }));
const noteProject = relations(note, ({ one }) => ({
  project: one(project, { fields: [note.projectId], references: [project.id] }),
}));

// #endregion
import { expect, test } from 'vitest';
import { twoTenants } from '../query-layers/two-tenants.ts';

test('Drizzle works on the protected pool', async () => {
  const { bulkhead, pool } = await twoTenants();
  // #region client
  const db = drizzle({ client: pool, schema: { project, note, projectNotes, noteProject } });
  // #endregion
  const projects = await bulkhead.asTenant('acme', async () => {
    // #region use
    await db.transaction(async (tx) => {
      const [made] = await tx.insert(project).values({ name: 'Anniversary' }).returning();
      await tx.insert(note).values({ projectId: made?.id, title: 'Call the baker' });
    });
    return db.query.project.findMany({ with: { notes: true }, orderBy: project.name });
    // #endregion
  });
  expect(projects.map((row) => [row.name, row.notes.length])).toEqual([
    ['Anniversary', 1],
    ['launch', 2],
  ]);
});
