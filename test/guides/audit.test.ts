/** What docs/guides/audit.md shows, run. */

import { defineActions } from 'bulkhead';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { Kysely, PostgresDialect } from 'kysely';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ACME, createAuditApp } from '#test/audit-app';

// #region catalogue
const actions = defineActions({
  'note.created': { description: 'A note was written.' },
  'note.shared': {
    description: 'A note was shared with somebody outside.',
    metadata: z.strictObject({ email: z.email(), role: z.enum(['reader', 'writer']) }),
    personal: { 'metadata.email': 'target:guest' },
    people: ['guest'],
  },
  'plan.changed': { description: 'The plan was changed.', class: 'billing' },
});
// #endregion

const note = pgTable('note', { id: uuid().defaultRandom().primaryKey(), title: text().notNull() });

test('events are recorded in the transaction of the change, whatever layer it is made with', async () => {
  const { bulkhead, pool, asAcme, events } = await createAuditApp(actions);
  const guest = { id: 'g-17' };
  await asAcme(async () => {
    // #region record
    const client = await pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query(
        "insert into note (title) values ('Plan') returning id, title",
      );
      const [{ id, title }] = rows;
      await bulkhead.audit.record(
        { action: 'note.created', targets: [{ type: 'note', id, name: title }] },
        client,
      );
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
    // #endregion

    const kysely = new Kysely<{ note: { title: string } }>({
      dialect: new PostgresDialect({ pool }),
    });
    // #region kysely
    await kysely.transaction().execute(async (trx) => {
      await trx.insertInto('note').values({ title: 'Minutes' }).execute();
      await bulkhead.audit.record({ action: 'note.created' }, trx);
    });
    // #endregion

    const db = drizzle({ client: pool });
    // #region drizzle
    await db.transaction(async (tx) => {
      await tx.insert(note).values({ title: 'Agenda' });
      await bulkhead.audit.record({ action: 'note.created' }, tx);
    });
    // #endregion

    await expect(
      kysely.transaction().execute(async (trx) => {
        await bulkhead.audit.record({ action: 'note.created' }, trx);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    await expect(
      db.transaction(async (tx) => {
        await bulkhead.audit.recordAll([{ action: 'note.created' }], tx);
        tx.rollback();
      }),
    ).rejects.toThrow();

    // #region personal
    await bulkhead.audit.record(
      {
        action: 'note.shared',
        targets: [{ type: 'guest', id: guest.id, name: 'Grace' }],
        metadata: { email: 'grace@example.com', role: 'reader' },
      },
      pool,
    );
    // #endregion

    // #region enqueue
    const id = await bulkhead.audit.enqueue({
      action: 'session.started',
      metadata: { method: 'passkey' },
    });
    // #endregion
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });
  const found = await events();
  expect(found.map(({ action }) => action)).toEqual([
    'note.created',
    'note.created',
    'note.created',
    'note.shared',
    'session.started',
  ]);
  await bulkhead.asOperator({ reason: 'Request 17' }, async () => {
    const tenantId = ACME;
    // #region erase
    const { pseudonym } = await bulkhead.audit.eraseSubject(
      { type: 'guest', id: guest.id },
      { tenant: tenantId, reason: 'Request 17 of 3 March' },
    );
    // #endregion
    const [erased] = (await events()).filter(({ action }) => action === 'note.shared');
    expect(erased?.targets).toEqual([{ type: 'guest', id: pseudonym }]);
    expect(erased?.closed).toMatchObject({ '/metadata/email': 'erased' });
  });
});

test('a table is tracked from the app’s own migration', async () => {
  const { admin, asAcme, pool, events } = await createAuditApp(actions);
  await admin.query(
    `select bulkhead.audit_track('note', '{"personal": {"title": {"type": "actor"}}}')`,
  );
  await asAcme(() => pool.query("insert into note (title) values ('Plan')"));
  expect(await events()).toMatchObject([{ action: 'row.inserted', after: { title: 'Plan' } }]);
});
