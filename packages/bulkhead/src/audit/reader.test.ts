import { expect, test } from 'vitest';
import { ACME, BORA, createAuditApp } from '#test/audit-app';
import { createAuditGround } from '#test/audit-ground';
import { readAudit } from '#test/audit-reading';
import { defineActions } from './index.ts';
import { type AuditReader, createAuditReader } from './reader.ts';

const actions = defineActions({ 'note.created': { description: 'A note was written.' } });

async function twoTenants() {
  const app = await createAuditApp(actions);
  const note = (id: string) => ({
    action: 'note.created' as const,
    targets: [{ type: 'note', id }],
  });
  await app.asAcme(() => app.bulkhead.audit.record(note('acme-1'), app.pool));
  await app.asAcme(() => app.bulkhead.audit.record(note('acme-2'), app.pool));
  await app.asBora(() => app.bulkhead.audit.record(note('bora-1'), app.pool));
  await app.leaves();
  await (await app.ground.signer()).next();
  return { ...app, audit: app.bulkhead.audit as AuditReader };
}

const targetsOf = (events: readonly { targets: readonly { id: string }[] }[]) =>
  events.flatMap(({ targets }) => targets.map(({ id }) => id));

async function collect<T>(of: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of of) all.push(one);
  return all;
}

test('a tenant reads its own events, and by no way another’s', async () => {
  const { audit, asAcme, asBora } = await twoTenants();
  expect(targetsOf((await asAcme(() => audit.search())).events)).toEqual(['acme-2', 'acme-1']);
  expect(targetsOf((await asBora(() => audit.search())).events)).toEqual(['bora-1']);
  const lines = await asAcme(() => collect(audit.export('ndjson', { action: 'note.*' })));
  expect(targetsOf(lines.map((line) => JSON.parse(line)))).toEqual(['acme-1', 'acme-2']);
  await expect(asAcme(() => collect(audit.export('xml' as 'csv')))).rejects.toMatchObject({
    code: 'audit.filter_invalid',
    message: expect.stringContaining('ndjson'),
  });
  await expect(asAcme(() => audit.search({ tenant: BORA }))).rejects.toMatchObject({
    code: 'isolation.context_refused',
  });
  expect((await asAcme(() => audit.search({ text: 'bora-1' }))).events).toEqual([]);
});

test('a tenant proves its own events; for another’s there is no proof, as for none at all', async () => {
  const { audit, asAcme, asBora } = await twoTenants();
  const [mine] = (await asAcme(() => audit.search())).events;
  const [foreign] = (await asBora(() => audit.search())).events;
  const proven = await asAcme(() => audit.prove(String(mine?.id)));
  expect(proven.proof).toMatchObject({ leafIndex: 1, treeSize: 2 });
  const absent = { code: 'audit.leaf_absent' };
  await expect(asAcme(() => audit.prove(String(foreign?.id)))).rejects.toMatchObject(absent);
  await expect(asAcme(() => audit.prove('no id'))).rejects.toMatchObject(absent);
});

test('an operator names the tenant, inside of a crossing and nowhere else', async () => {
  const { audit, bulkhead } = await twoTenants();
  const read = (tenant?: string) =>
    bulkhead.asOperator({ reason: 'Ticket 7' }, () => audit.search({ tenant }));
  expect(targetsOf((await read(BORA)).events)).toEqual(['bora-1']);
  await expect(read()).rejects.toMatchObject({ code: 'audit.filter_invalid' });
  await expect(audit.search({ tenant: ACME })).rejects.toMatchObject({
    code: 'isolation.context_missing',
  });
});

test('a cursor is taken by whoever has the vault key, and by nobody else', async () => {
  const { audit, asAcme } = await twoTenants();
  const { next } = await asAcme(() => audit.search({ limit: 1 }));
  const foreignKey = createAuditReader({
    contextQuery: async () => ({ rows: [] }),
    currentContext: () => ({
      kind: 'tenant',
      tenant: { id: ACME as never },
      actor: { type: 'system', id: 'test' },
      expiresAtMs: Number.POSITIVE_INFINITY,
    }),
    vaultKeys: [(await createAuditGround()).vaultKey],
    version: '0.0.0',
  });
  const cursor = String(next);
  await expect(foreignKey.search({ limit: 1, cursor })).rejects.toMatchObject({
    code: 'audit.cursor_invalid',
  });
  expect(targetsOf((await asAcme(() => audit.search({ limit: 1, cursor }))).events)).toEqual([
    'acme-1',
  ]);
});

test('an erased person is found by nothing any more, in the index or out of it', async () => {
  const app = await createAuditApp(actions);
  const reading = await readAudit(app.ground);
  const { bulkhead, asAcme, pool } = app;
  const asAda = <T>(fn: () => Promise<T>) =>
    bulkhead.asTenant(ACME, fn, { actor: { type: 'user', id: 'ada', name: 'Ada Lovelace' } });
  await asAda(() => bulkhead.audit.record({ action: 'note.created' }, pool));
  for (let batch = 0; batch < 5; batch += 1) {
    await asAcme(() =>
      bulkhead.audit.recordAll(
        Array.from({ length: 210 }, () => ({ action: 'note.created' as const })),
        pool,
      ),
    );
  }
  await asAda(() => bulkhead.audit.record({ action: 'note.created' }, pool));
  await app.leaves();
  expect(await reading.index()).toBe(1);
  const found = (text: string) =>
    asAcme(async () => (await bulkhead.audit.search({ text })).events);
  const ada = (await found('lovelace')).map(({ leafIndex }) => leafIndex);
  expect(ada).toEqual([1051, 0]);

  await asAcme(() =>
    bulkhead.audit.eraseSubject({ type: 'user', id: 'ada' }, { reason: 'Asked to' }),
  );
  expect(await found('lovelace')).toEqual([]);
  await app.leaves();
  await reading.index();
  expect(await found('lovelace')).toEqual([]);
  const events = await asAcme(() => collect(bulkhead.audit.events({ actor: 'user' })));
  expect(
    events.filter(({ leafIndex }) => ada.includes(leafIndex)).map(({ closed }) => closed),
  ).toEqual([
    { '/actor/id': 'erased', '/actor/name': 'erased' },
    { '/actor/id': 'erased', '/actor/name': 'erased' },
  ]);
});
