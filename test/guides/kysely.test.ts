/** What docs/guides/kysely.md shows, run. */
// #region setup
import { type Generated, Kysely, PostgresDialect } from 'kysely';
import Cursor from 'pg-cursor';

interface Tables {
  project: { id: Generated<string>; name: string };
  note: {
    id: Generated<string>;
    project_id: string | null;
    title: string;
    body: Generated<string>;
  };
}

// #endregion
import { expect, test } from 'vitest';
import { twoTenants } from '../query-layers/two-tenants.ts';

test('Kysely works on the protected pool', async () => {
  const { bulkhead, pool, everything } = await twoTenants();
  // #region dialect
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) });
  // #endregion
  const titles: string[] = [];
  await bulkhead.asTenant('acme', async () => {
    // #region use
    await db.transaction().execute(async (trx) => {
      const project = await trx
        .insertInto('project')
        .values({ name: 'Move house' })
        .returning('id')
        .executeTakeFirstOrThrow();
      await trx
        .insertInto('note')
        .values({ project_id: project.id, title: 'Call the movers' })
        .execute();
    });

    const notes = db.selectFrom('note').select('title').orderBy('title');
    for await (const note of notes.stream()) titles.push(note.title);
    // #endregion
  });
  expect(titles).toEqual(['Call the movers', 'first', 'second']);
  const made = await everything(
    "select t.slug from note n join bulkhead.tenant t on t.id = n.tenant_id where n.body = ''",
  );
  expect(made).toEqual([{ slug: 'acme' }]);
});
