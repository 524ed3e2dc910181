/** What docs/guides/roles-and-permissions.md shows, run. */
import { createBulkhead, definePermissions } from 'bulkhead';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '#test/database';
import { publishCatalogue } from '../../packages/bulkhead/src/access/index.ts';

// #region declare
export const permissions = definePermissions({
  'invoice:read': { description: 'Reads invoices.', roles: ['member'] },
  'invoice:write': { description: 'Writes invoices.', roles: ['member'] },
  'invoice:void': { description: 'Voids an invoice.', dangerous: true },
  'ledger:create': { description: 'Makes ledgers.' },
});
// #endregion

const ACME = 'ac000000-0000-4000-8000-000000000001';

test('roles, groups and grants decide in the process, in lists and in policies alike', async () => {
  const database = await createTestDatabase();
  const admin = new pg.Client(database.superuserUrl);
  await admin.connect();
  await admin.query(`insert into bulkhead.tenant (id, slug, name) values ($1, 'acme', 'Acme')`, [
    ACME,
  ]);
  const { contextKey } = database;
  // #region configure
  const bulkhead = createBulkhead({
    database: { appRole: 'notes_app' },
    isolation: { contextKeys: [contextKey] },
    identity: { tenantFrom: [{ from: 'subdomain', of: 'notes.example' }] },
    access: { permissions, kinds: ['ledger'] },
  });
  // #endregion
  // `bulkhead migrate` does this from the configuration.
  const published = { permissions, kinds: ['ledger'] };
  await publishCatalogue(admin, { ...published, maxAgeMs: 1_000, cacheBytes: 1_000_000 });
  const pool = bulkhead.protect(new pg.Pool({ connectionString: database.appUrl }));
  onTestFinished(async () => {
    await pool.end();
    await bulkhead.close();
    await admin.end();
    await database.drop();
  });
  const { access } = bulkhead;
  const as = <T>(id: string, fn: () => Promise<T>) =>
    bulkhead.asTenant(ACME, fn, { actor: { type: 'user', id } });

  const { north, invoices } = await bulkhead.asTenant(ACME, async () => {
    // #region people
    await access.members.add({ type: 'user', id: 'olga', name: 'Olga' });
    await access.grants.create({ holder: { type: 'user', id: 'olga' }, role: 'owner' });
    await access.members.add({ type: 'user', id: 'ada', name: 'Ada' });
    // #endregion
    // #region nodes
    const north = await access.nodes.create({ kind: 'workspace', name: 'North' });
    const invoices = await access.nodes.create({
      kind: 'project',
      name: 'Invoices',
      parent: north.id,
    });
    // #endregion
    return { north, invoices };
  });
  await admin.query(`create table public.invoice (
      tenant_id uuid not null default bulkhead.tenant_id(), id integer not null,
      project uuid not null, primary key (tenant_id, id));
    select bulkhead.protect_table('public.invoice');
    grant usage on schema public to test_app; grant select, insert on public.invoice to test_app`);
  await admin.query('insert into public.invoice values ($1, 1, $2), ($1, 2, $3)', [
    ACME,
    invoices.id,
    north.id,
  ]);

  await as('olga', async () => {
    // #region role
    await access.roles.create({
      key: 'bookkeeper',
      name: 'Bookkeeper',
      permissions: ['invoice:void'],
      inherits: ['member'],
    });
    // #endregion
    // #region group
    const finance = await access.groups.create({ name: 'Finance' });
    await access.groups.addMembers({ id: finance.id, members: [{ type: 'user', id: 'ada' }] });
    await access.grants.create({
      holder: { type: 'group', id: finance.id },
      role: 'bookkeeper',
      node: invoices.id,
      expiresAt: '2099-12-31T00:00:00Z',
    });
    // #endregion
  });

  await as('ada', async () => {
    const invoice = { project: invoices.id };
    // #region decide
    await access.authorize('invoice:void', invoice.project); // throws access.denied, and records it
    const [mayRead, mayVoidAll] = await access.canAll([
      { permission: 'invoice:read', node: invoice.project },
      { permission: 'invoice:void' },
    ]);
    // #endregion
    expect([mayRead, mayVoidAll]).toEqual([true, false]);
    await expect(access.authorize('invoice:void')).rejects.toMatchObject({ code: 'access.denied' });

    // #region list
    const mine = access.listPermitted('invoice:read', 'project');
    const { rows } = await pool.query(
      `select id from invoice where project in (${mine.text}) order by id`,
      [...mine.values],
    );
    // #endregion
    expect(rows).toEqual([{ id: 1 }]);

    // #region list-beside
    const dear = await pool.query(
      `select id from invoice where id >= $1 and project in (${mine.at(2)}) order by id`,
      [1, ...mine.values],
    );
    // #endregion
    expect(dear.rows).toEqual([{ id: 1 }]);

    // #region explain
    const { permitted, reason, grants } = await access.explain('invoice:void', invoices.id);
    // #endregion
    expect({ permitted, reason }).toEqual({ permitted: true, reason: 'granted' });
    expect(grants).toMatchObject([{ role: 'bookkeeper', group: { name: 'Finance' } }]);
  });

  // #region policy
  const migration = `
    create policy may_read on invoice as restrictive for select
      using (project in (select bulkhead.permitted_nodes('invoice:read')));
    create policy may_write on invoice as restrictive for insert
      with check (bulkhead.permits('invoice:write', project));`;
  // #endregion
  await admin.query(migration);
  await as('ada', async () => {
    expect((await pool.query('select id from invoice')).rows).toEqual([{ id: 1 }]);
    await pool.query('insert into invoice (id, project) values (3, $1)', [invoices.id]);
    await expect(
      pool.query('insert into invoice (id, project) values (4, $1)', [north.id]),
    ).rejects.toMatchObject({ code: '42501' });
  });
  await as('olga', async () => {
    expect((await pool.query('select id from invoice')).rows).toHaveLength(3);
    // #region guard
    const leaving = access.members.remove({ type: 'user', id: 'olga' });
    await expect(leaving).rejects.toMatchObject({ code: 'access.last_owner' });
    // #endregion
  });
});
