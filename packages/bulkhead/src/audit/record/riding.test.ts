/** What is recorded in a transaction goes with the transaction's next statement, as its BEGIN does. */
import type pg from 'pg';
import { expect, test } from 'vitest';
import { createAuditApp } from '#test/audit-app';
import { defineActions } from '../catalogue/define-actions.ts';

const actions = defineActions({ 'note.created': { description: 'A note was written.' } });
const BEGIN = 'begin isolation level repeatable read';

/** A client whose backend has parsed everything: from then on BEGIN and events go with other statements. */
async function warm() {
  const app = await createAuditApp(actions);
  const record = (client: pg.PoolClient, n: number) =>
    app.bulkhead.audit.record({ action: 'note.created', metadata: { n } }, client);
  const inside = <T>(fn: (client: pg.PoolClient) => Promise<T>): Promise<T> =>
    app.asAcme(async () => {
      const client = await app.pool.connect();
      try {
        return await fn(client);
      } finally {
        client.release();
      }
    });
  await inside(async (client) => {
    for (let turn = 0; turn < 3; turn += 1) {
      await client.query(BEGIN);
      await record(client, 0);
      await client.query('rollback');
    }
  });
  return { app, record, inside };
}

type App = Awaited<ReturnType<typeof warm>>['app'];

/** What the server knows of the only connection. */
async function serverSide(app: App, pid: number) {
  const { rows } = await app.admin.query(
    `select state, backend_xid is not null as writes from pg_stat_activity where pid = $1`,
    [pid],
  );
  return rows[0];
}

const pidOf = (client: pg.PoolClient): number =>
  (client as unknown as { processID: number }).processID;
const statusOf = (client: pg.PoolClient): unknown =>
  (client as unknown as { getTransactionStatus(): unknown }).getTransactionStatus();
const numbers = async (app: App): Promise<unknown[]> =>
  (await app.events()).map(({ metadata }) => metadata?.n);

test('BEGIN and events take no round trip, and are there with the change', async () => {
  const { app, record, inside } = await warm();
  await inside(async (client) => {
    const pid = pidOf(client);
    expect(await client.query(BEGIN)).toMatchObject({ command: 'BEGIN', rows: [] });
    expect(statusOf(client)).toBe('T');
    expect(await serverSide(app, pid)).toEqual({ state: 'idle', writes: false });
    const { rows } = await client.query('show transaction_isolation');
    expect(rows).toEqual([{ transaction_isolation: 'repeatable read' }]);
    await record(client, 1);
    await record(client, 2);
    expect(await serverSide(app, pid)).toEqual({ state: 'idle in transaction', writes: false });
    await client.query(`insert into note (title) values ('kept')`);
    expect(await serverSide(app, pid)).toEqual({ state: 'idle in transaction', writes: true });
    await record(client, 3);
    await client.query('commit');
    expect(statusOf(client)).toBe('I');
    // An event alone, and nothing at all.
    await client.query(BEGIN);
    await record(client, 4);
    await client.query('commit');
    await client.query(BEGIN);
    await client.query('commit');
  });
  expect(await numbers(app)).toEqual([1, 2, 3, 4]);
});

test('what is rolled back is not there, to a savepoint or whole', async () => {
  const { app, record, inside } = await warm();
  await inside(async (client) => {
    await client.query(BEGIN);
    await record(client, 1);
    await client.query('savepoint s');
    await record(client, 2);
    await client.query('rollback to savepoint s');
    await record(client, 3);
    await client.query('savepoint t');
    await record(client, 4);
    await client.query('release savepoint t');
    await client.query('commit');
    await client.query(BEGIN);
    await record(client, 5);
    await client.query('rollback');
    await client.query(BEGIN);
    await client.query(`insert into note (title) values ('gone')`);
    await record(client, 6);
    await expect(client.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
    await expect(record(client, 7)).rejects.toMatchObject({ code: '25P02' });
    await client.query('commit');
  });
  expect(await numbers(app)).toEqual([1, 3, 4]);
});

test('an event that the database refuses fails the COMMIT, and the change with it', async () => {
  const { app, record, inside } = await warm();
  const right = 'execute on function bulkhead.audit_record(uuid[], text[], text[])';
  await inside(async (client) => {
    await app.admin.query(`revoke ${right} from test_app`);
    await client.query(BEGIN);
    await client.query(`insert into note (title) values ('not without its event')`);
    await record(client, 1);
    await expect(client.query('commit')).rejects.toMatchObject({ code: '42501' });
    await client.query('rollback');
    const { rows } = await client.query('select title from note');
    expect(rows).toEqual([]);
    await app.admin.query(`grant ${right} to test_app`);
  });
  expect(await numbers(app)).toEqual([]);
});

test('statements sent without waiting keep their order', async () => {
  const { app, record, inside } = await warm();
  await inside(async (client) => {
    await Promise.all([
      client.query(BEGIN),
      client.query('savepoint s'),
      record(client, 1),
      client.query('rollback to savepoint s'),
      record(client, 2),
      client.query('commit'),
    ]);
  });
  expect(await numbers(app)).toEqual([2]);
});

test('who lets a connection go leaves nothing for whoever has it next', async () => {
  const { app, record, inside } = await warm();
  const pid = await inside(async (client) => {
    await client.query(BEGIN);
    return pidOf(client);
  });
  await app.asBora(async () => {
    const client = await app.pool.connect();
    expect(pidOf(client)).toBe(pid);
    expect(await serverSide(app, pid)).toMatchObject({ state: 'idle' });
    await client.query(`insert into note (title) values ('at once')`);
    expect(await serverSide(app, pid)).toMatchObject({ state: 'idle' });
    client.release();
  });
  await inside(async (client) => {
    await client.query(BEGIN);
    await client.query('show transaction_isolation');
    await record(client, 1);
  });
  // That transaction was open: its connection is gone, and the event with it.
  expect(await app.asAcme(async () => (await app.pool.query('select 1 as one')).rows)).toEqual([
    { one: 1 },
  ]);
  expect(await numbers(app)).toEqual([]);
});
