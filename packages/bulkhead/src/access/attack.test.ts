/** SQL injected into the app: at worst it does what the current actor may do, and it is on record. */
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ACME, BORA, createStaffedApp } from '#test/access-app';

const tables = [
  'access_epoch',
  'membership',
  'node',
  'node_gone',
  'role',
  'role_permission',
  'role_inherits',
  'actor_group',
  'group_member',
  'access_grant',
  'delegation',
  'permission',
  'builtin_role',
  'builtin_role_permission',
  'node_kind',
];

/** A connection as the app's role that the pool knows nothing of: the statement guard stands not in its way. */
async function bare(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

describe("the app's role, past the statement guard", () => {
  it('writes none of the tables', async () => {
    const app = await createStaffedApp();
    const client = await bare(app.database.appUrl);
    for (const table of tables) {
      const { rows } = await app.admin.query(
        `select attname from pg_attribute where attrelid = $1::regclass and attnum = 1`,
        [`bulkhead.${table}`],
      );
      for (const text of [
        `delete from bulkhead.${table}`,
        `update bulkhead.${table} set ${rows[0]?.attname} = null`,
        `insert into bulkhead.${table} default values`,
        `truncate bulkhead.${table}`,
      ]) {
        await expect(client.query(text), text).rejects.toMatchObject({ code: '42501' });
      }
    }
  });

  it('sees nothing without a context, and calls no operation', async () => {
    const app = await createStaffedApp();
    const client = await bare(app.database.appUrl);
    for (const table of ['membership', 'node', 'access_grant', 'delegation', 'access_epoch']) {
      const { rows } = await client.query(`select count(*)::int as n from bulkhead.${table}`);
      expect(rows, table).toEqual([{ n: 0 }]);
    }
    for (const call of [
      `bulkhead.grant_create('user', 'viewer', 'owner', null, null)`,
      `bulkhead.member_list(null, null, null, 10, null, null)`,
      `bulkhead.member_leave()`,
      `bulkhead.access_explain('invoice:read', null, null, null)`,
      `bulkhead.require_permission('invoice:read', null)`,
    ]) {
      await expect(client.query(`select ${call}`), call).rejects.toMatchObject({ code: '28000' });
    }
    const { rows } = await client.query(
      `select bulkhead.permits('invoice:read', null) as may, (select count(*)::int from bulkhead.permitted_nodes('invoice:read')) as nodes`,
    );
    expect(rows).toEqual([{ may: false, nodes: 0 }]);
  });

  it('calls none of the functions that ask nobody', async () => {
    const app = await createStaffedApp();
    const client = await bare(app.database.appUrl);
    for (const call of [
      `access_give('${ACME}', 'system:x', 'user', 'viewer', 'owner', null, 'direct', null)`,
      `access_put_grant('${ACME}', 'system:x', 'user', 'viewer', 'owner', '${ACME}', 'direct', null)`,
      `access_member_join('${ACME}', 'system:x', 'user', 'evil', 'Evil', null)`,
      `access_member_leave('${ACME}', 'system:x', 'user', 'owner')`,
      `access_member_suspend('${ACME}', 'system:x', 'user', 'owner')`,
      `access_delegate('${ACME}', 'system:x', 'k', 'user', 'owner', null, null, null)`,
      `access_undelegate('${ACME}', 'system:x', 'k')`,
      `access_permits('${BORA}', 'user', 'owner', 'invoice:read', null)`,
      `access_held('${BORA}', 'user', 'owner', null, null)`,
      `access_changed('${BORA}')`,
      `access_tenant_enabled('${BORA}', false)`,
      `access_publish('{}')`,
      `access_event('${BORA}', 'user:owner', 'grant.created', '[]')`,
    ]) {
      await expect(client.query(`select bulkhead.${call}`), call).rejects.toMatchObject({
        code: '42501',
      });
    }
  });

  it('forges neither tenant nor actor: a context that was not signed is refused', async () => {
    const app = await createStaffedApp();
    const client = await bare(app.database.appUrl);
    const token = `v1.00000000.${ACME}.${Math.floor(Date.now() / 1000) + 60}.user:owner.${'0'.repeat(64)}`;
    await client.query('select set_config($1, $2, false)', ['bulkhead.context', token]);
    for (const text of [
      `select bulkhead.grant_create('user', 'viewer', 'owner', null, null)`,
      `select bulkhead.permits('invoice:read', null)`,
      `select count(*) from bulkhead.access_grant`,
    ]) {
      await expect(client.query(text), text).rejects.toMatchObject({ code: '28000' });
    }
  });
});

describe('injected into a statement of the pool', () => {
  it('an operation is refused by the guard, and would be by the database', async () => {
    const app = await createStaffedApp();
    for (const text of [
      `select bulkhead.grant_create('user', 'viewer', 'owner', null, null)`,
      `select 1 where bulkhead.node_delete('${ACME}') is null`,
      `select * from bulkhead.access_grant`,
      `select * from bulkhead.membership`,
    ]) {
      await expect(
        app.as('viewer', () => app.pool.query(text)),
        text,
      ).rejects.toMatchObject({
        code: 'isolation.statement_refused',
      });
    }
    // The very text of an operation passes the guard, and the database asks who acts.
    await expect(
      app.as('viewer', () =>
        app.pool.query(
          'select bulkhead.grant_create($1::text, $2::text, $3::text, $4::uuid, $5::timestamptz)::text as result',
          ['user', 'viewer', 'owner', null, null],
        ),
      ),
    ).rejects.toMatchObject({ code: 'BH001' });
  });

  it('learns of another tenant neither by an error nor by an answer', async () => {
    const app = await createStaffedApp();
    const theirs = await app.as(
      'owner',
      () => app.access.nodes.create({ kind: 'workspace', name: 'W' }),
      BORA,
    );
    const absent = '99999999-9999-4999-8999-999999999999';
    const ask = (node: string) =>
      app.as('owner', () =>
        app.pool.query(
          `select bulkhead.permits('invoice:read', $1) as may, $1::uuid in (select bulkhead.permitted_nodes('invoice:read')) as listed`,
          [node],
        ),
      );
    expect((await ask(theirs.id)).rows).toEqual([{ may: false, listed: false }]);
    expect((await ask(theirs.id)).rows).toEqual((await ask(absent)).rows);
    // The same id can be one tenant's and another's: it tells neither of the other.
    const mine = await app.as('owner', () =>
      app.access.nodes.create({ id: theirs.id, kind: 'workspace', name: 'Mine' }),
    );
    expect(mine.id).toBe(theirs.id);
    expect(
      await app.as('owner', () => app.access.nodes.get({ id: theirs.id }), BORA),
    ).toMatchObject({ name: 'W' });
  });
});
