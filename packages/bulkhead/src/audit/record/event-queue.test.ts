import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ACME, createAuditApp } from '#test/audit-app';
import { defineActions } from '../catalogue/define-actions.ts';

const actions = defineActions({ 'note.created': { description: 'A note was written.' } });

test('events of many actors and tenants go together, each in the name of its own', async () => {
  const app = await createAuditApp(actions);
  const enqueue = (n: number) =>
    app.bulkhead.audit.enqueue({ action: 'note.created', metadata: { n } });
  await Promise.all([
    ...Array.from({ length: 300 }, (_, n) =>
      app.bulkhead.asTenant(ACME, () => enqueue(n), { actor: { type: 'user', id: `u${n % 7}` } }),
    ),
    app.asBora(() => enqueue(1)),
  ]);
  const events = await app.events();
  expect(events).toHaveLength(300);
  for (const { actor, metadata } of events) expect(actor.id).toBe(`u${Number(metadata?.n) % 7}`);
  // One statement a batch, so one transaction: far fewer than events.
  const { rows } = await app.admin.query(
    'select count(*)::int as chunks from bulkhead.audit_chunk',
  );
  expect(rows[0].chunks).toBeLessThan(50);
});

test('connections that break cost no event, and make none twice', async () => {
  const app = await createAuditApp(actions);
  const acknowledged: string[] = [];
  await app.asAcme(async () => {
    let breaks = 0;
    const breaker = (async () => {
      for (; breaks < 8; breaks += 1) {
        await sleep(120);
        await app.admin.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_app' and datname = current_database()`,
        );
      }
    })();
    while (breaks < 8) {
      const ids = await Promise.all(
        Array.from({ length: 50 }, () => app.bulkhead.audit.enqueue({ action: 'note.created' })),
      );
      acknowledged.push(...ids);
    }
    await breaker;
  });
  const ids = (await app.leaves()).map(({ json }) => json.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual([...acknowledged].sort());
});

test('what the database refuses for good is told to every caller, and the queue goes on', async () => {
  const app = await createAuditApp(actions);
  const right = 'execute on function bulkhead.audit_submit_parcel(text, text, text)';
  await app.admin.query(`revoke ${right} from test_app`);
  await app.asAcme(async () => {
    const refused = await Promise.allSettled([
      app.bulkhead.audit.enqueue({ action: 'note.created' }),
      app.bulkhead.audit.enqueue({ action: 'note.created' }),
    ]);
    expect(refused).toMatchObject([
      { status: 'rejected', reason: { code: 'audit.not_recorded' } },
      { status: 'rejected', reason: { code: 'audit.not_recorded' } },
    ]);
    await app.admin.query(`grant ${right} to test_app`);
    await app.bulkhead.audit.enqueue({ action: 'note.created' });
  });
  expect(await app.leaves()).toHaveLength(1);
});

test('closing commits what is queued and takes nothing more', async () => {
  const app = await createAuditApp(actions);
  const queued = app.asAcme(async () =>
    Promise.all(
      Array.from({ length: 700 }, () => app.bulkhead.audit.enqueue({ action: 'note.created' })),
    ),
  );
  // The directory is asked first; then all of them wait.
  while (app.bulkhead.audit.waiting === 0) await sleep(1);
  const late = app.asAcme(async () => {
    await app.bulkhead.close();
    return app.bulkhead.audit.enqueue({ action: 'note.created' });
  });
  await expect(late).rejects.toMatchObject({ code: 'audit.queue_closed' });
  expect(await queued).toHaveLength(700);
  expect(await app.leaves()).toHaveLength(700);
});
