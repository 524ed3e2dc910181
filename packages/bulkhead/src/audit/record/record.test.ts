import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { ACME, BORA, createAuditApp } from '#test/audit-app';
import { defineActions } from '../catalogue/define-actions.ts';
import { OPERATORS_LOG } from '../event.ts';

const actions = defineActions({
  'note.created': { description: 'A note was written.' },
  'note.shared': {
    description: 'A note was shared with somebody outside.',
    metadata: z.object({ email: z.email(), role: z.enum(['reader', 'writer']) }),
    personal: { 'metadata.email': 'target:guest' },
    people: ['guest'],
  },
  'plan.changed': { description: 'The plan was changed.', class: 'billing' },
});

test('an event is there if and only if the change is', async () => {
  const app = await createAuditApp(actions);
  await app.asAcme(async () => {
    for (const end of ['commit', 'rollback']) {
      const client = await app.pool.connect();
      await client.query('begin');
      await client.query('insert into note (title) values ($1)', [end]);
      await app.bulkhead.audit.record(
        { action: 'note.created', targets: [{ type: 'note', id: 'n1', name: end }] },
        client,
      );
      await client.query(end);
      client.release();
    }
  });
  const events = await app.events();
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({
    action: 'note.created',
    tenant: ACME,
    actor: { type: 'user', id: 'alice', name: 'Alice A.' },
    targets: [{ type: 'note', id: 'n1', name: 'commit' }],
    outcome: 'success',
    source: 'record',
  });
  expect(await app.pending()).toEqual([]);
});

test('a change that fails after its event takes the event with it, and a failed event the change', async () => {
  const app = await createAuditApp(actions);
  await app.asAcme(async () => {
    const client = await app.pool.connect();
    await client.query('begin');
    await app.bulkhead.audit.record({ action: 'note.created' }, client);
    await expect(client.query('insert into note (title) values (null)')).rejects.toThrow();
    await client.query('commit');
    await client.query('begin');
    await client.query('insert into note (title) values ($1)', ['kept?']);
    await expect(
      app.bulkhead.audit.record(
        { action: 'note.shared', metadata: { email: 'no', role: 'reader' } },
        client,
      ),
    ).rejects.toMatchObject({ code: 'audit.event_invalid' });
    await client.query('rollback');
    client.release();
  });
  expect(await app.pending()).toEqual([]);
  expect((await app.admin.query('select from note')).rowCount).toBe(0);
});

test('five hundred events go in one statement, with ids of the caller or in order of time', async () => {
  const app = await createAuditApp(actions);
  const given = '0190ABCD-0000-7000-8000-00000000000A';
  const ids = await app.asAcme(() =>
    app.bulkhead.audit.recordAll(
      Array.from({ length: 500 }, (_, n) => ({
        action: 'note.created' as const,
        metadata: { n },
        ...(n === 0 && { id: given }),
      })),
      app.pool,
    ),
  );
  expect(ids[0]).toBe(given.toLowerCase());
  const rest = ids.slice(1);
  expect(rest.map((id) => id.slice(0, 13))).toEqual(rest.map((id) => id.slice(0, 13)).sort());
  const events = await app.events();
  expect(events.map(({ metadata }) => metadata?.n)).toEqual(
    Array.from({ length: 500 }, (_, n) => n),
  );
});

test('an event that is recorded twice is in the log once, also when the first is in it already', async () => {
  const app = await createAuditApp(actions);
  const id = '0e000000-0000-4000-8000-000000000001';
  const record = (n: number) =>
    app.asAcme(() =>
      app.bulkhead.audit.record({ action: 'note.created', id, metadata: { n } }, app.pool),
    );
  await record(1);
  await record(2);
  expect(await app.events()).toMatchObject([{ id, metadata: { n: 1 } }]);
  await record(3);
  expect(await app.events()).toMatchObject([{ id, metadata: { n: 1 } }]);
  // The id is of one tenant: another may use the same, and learns nothing from it.
  await app.asBora(() => app.bulkhead.audit.record({ action: 'note.created', id }, app.pool));
  expect(await app.events(BORA)).toMatchObject([{ id, tenant: BORA }]);
});

test('the class of an action has a log of its own', async () => {
  const app = await createAuditApp(actions);
  await app.asAcme(() => app.bulkhead.audit.record({ action: 'plan.changed' }, app.pool));
  expect(await app.events(ACME, 'billing')).toMatchObject([{ action: 'plan.changed' }]);
  expect(await app.events(ACME, 'standard')).toEqual([]);
});

test('what the catalogue names as personal is not in the leaf', async () => {
  const app = await createAuditApp(actions);
  await app.asAcme(() =>
    app.bulkhead.audit.record(
      {
        action: 'note.shared',
        targets: [
          { type: 'note', id: 'n1' },
          { type: 'guest', id: 'g-17', name: 'Grace Guest' },
        ],
        metadata: { email: 'grace@example.com', role: 'reader' },
        ip: '192.0.2.1',
      },
      app.pool,
    ),
  );
  const [leaf] = await app.leaves();
  for (const secret of ['grace', 'Grace', 'g-17', '192.0.2.1', 'alice', 'Alice']) {
    expect(leaf?.bytes.toString()).not.toContain(secret);
  }
  expect(await app.events()).toMatchObject([
    {
      targets: [{ id: 'n1' }, { type: 'guest', id: 'g-17', name: 'Grace Guest' }],
      metadata: { email: 'grace@example.com', role: 'reader' },
      ip: '192.0.2.1',
    },
  ]);
});

test("an operator records in the operators' log, or in the tenant's that is named, with the reason", async () => {
  const app = await createAuditApp(actions);
  const actor = { type: 'operator', id: 'dana' } as const;
  await app.bulkhead.asOperator({ reason: 'ticket 7', actor }, async () => {
    await app.bulkhead.audit.record(
      { action: 'plan.changed', id: '0e000000-0000-4000-8000-00000000000a' },
      app.pool,
      { tenant: ACME },
    );
    await app.bulkhead.audit.enqueue({
      action: 'plan.changed',
      id: '0e000000-0000-4000-8000-00000000000b',
    });
  });
  expect(await app.events(ACME, 'billing')).toMatchObject([
    { actor: { type: 'operator', id: 'dana' }, reason: 'ticket 7', source: 'operator' },
  ]);
  expect(await app.events(OPERATORS_LOG, 'billing')).toMatchObject([{ actor: { id: 'dana' } }]);
  await expect(
    app.asAcme(() =>
      app.bulkhead.audit.record({ action: 'plan.changed' }, app.pool, { tenant: BORA }),
    ),
  ).rejects.toMatchObject({ code: 'audit.event_invalid' });
});

test('without a context nothing is recorded; without configuration every use says so', async () => {
  const app = await createAuditApp(actions);
  await expect(
    app.bulkhead.audit.record({ action: 'note.created' }, app.pool),
  ).rejects.toMatchObject({
    code: 'isolation.context_missing',
  });
  await expect(app.bulkhead.audit.enqueue({ action: 'note.created' })).rejects.toMatchObject({
    code: 'isolation.context_missing',
  });
  await expect(
    app.asAcme(() => app.bulkhead.audit.record({ action: 'note.created' }, {} as never)),
  ).rejects.toMatchObject({ code: 'audit.executor_invalid' });
  const plain = new pg.Client({ connectionString: app.ground.database.appUrl });
  await plain.connect();
  onTestFinished(() => plain.end());
  for (const events of [1, 2]) {
    const many = Array.from({ length: events }, () => ({ action: 'note.created' as const }));
    await expect(app.asAcme(() => app.bulkhead.audit.recordAll(many, plain))).rejects.toMatchObject(
      { code: 'audit.executor_invalid' },
    );
  }
  await expect(
    app.asAcme(() => app.bulkhead.audit.record({ action: 'note.created' }, plain)),
  ).rejects.toMatchObject({ code: 'audit.executor_invalid' });
});

test('what Bulkhead records by itself, the app cannot say', async () => {
  const app = await createAuditApp(actions);
  for (const action of ['subject.erased', 'grant.created', 'request.completed']) {
    await expect(
      app.asAcme(() => app.bulkhead.audit.record({ action } as never, app.pool)),
    ).rejects.toMatchObject({ code: 'audit.action_unknown' });
  }
  await app.asAcme(() =>
    app.bulkhead.audit.record({ action: 'session.started', metadata: {} }, app.pool),
  );
  expect(await app.events()).toMatchObject([{ action: 'session.started' }]);
});

test('whatever a directory calls somebody, what they do is recorded', async () => {
  const app = await createAuditApp(actions);
  for (const name of ['Ada \ud800', 'Ada\0', 'A'.repeat(10_000), '']) {
    const actor = { type: 'user', id: 'ada', name } as const;
    await app.bulkhead.asTenant(
      ACME,
      async () => {
        await app.bulkhead.audit.record({ action: 'note.created' }, app.pool);
        await app.bulkhead.audit.enqueue({ action: 'note.created' });
      },
      { actor },
    );
  }
  const names = (await app.events()).map(({ actor }) => actor?.name);
  expect(names.toSorted()).toEqual(
    [
      ...['Ada \ufffd', 'Ada\ufffd', 'A'.repeat(256)].flatMap((name) => [name, name]),
      undefined,
      undefined,
    ].toSorted(),
  );
});
