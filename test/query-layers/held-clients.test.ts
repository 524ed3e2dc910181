/** A client that is kept after its release, by mistake or on purpose, reaches nobody's connection. */
import pg from 'pg';
import Cursor from 'pg-cursor';
import { expect, test } from 'vitest';
import { twoTenants } from './two-tenants.ts';

const RELEASED = { code: 'isolation.client_released' };
const bodies = 'select distinct body from note';

/** Acme's client after its release, while Globex holds the only connection. */
async function keptBeside() {
  const app = await twoTenants({ pool: { max: 1 } });
  const kept = await app.asAcme(() => app.pool.connect());
  const heard: string[] = [];
  kept.on('notice', ({ message }) => heard.push(message ?? ''));
  const pid = (await kept.query('select pg_backend_pid() as pid')).rows[0].pid;
  kept.release();
  const holder = await app.asGlobex(() => app.pool.connect());
  expect((await holder.query('select pg_backend_pid() as pid')).rows[0].pid).toBe(pid);
  return { app, kept, holder, heard };
}

test('a kept client takes nothing outside of any context, however it is asked', async () => {
  const { kept, holder } = await keptBeside();
  // No context here: before, the client would have run as whoever held the connection.
  await expect(kept.query(bodies)).rejects.toMatchObject(RELEASED);
  const called = new Promise((resolve) => kept.query(bodies, (error) => resolve(error)));
  await expect(called).resolves.toMatchObject(RELEASED);
  expect(() => kept.query(new Cursor(bodies))).toThrow(expect.objectContaining(RELEASED));
  for (const use of [
    () => kept.setTypeParser(25, () => 'taken'),
    () => (kept as unknown as pg.Client).end(),
    () => kept.connect(),
  ]) {
    expect(use).toThrow(expect.objectContaining(RELEASED));
  }
  expect((kept as unknown as { processID?: number }).processID).toBeUndefined();
  expect((await holder.query(bodies)).rows).toEqual([{ body: 'globex' }]);
  holder.release();
});

test('a second release does not take the connection from its next holder', async () => {
  const { app, kept, holder } = await keptBeside();
  expect(() => kept.release()).toThrow(/already been released/);
  await holder.query('begin');
  expect(app.pool.idleCount).toBe(0);
  expect((await holder.query(bodies)).rows).toEqual([{ body: 'globex' }]);
  await holder.query('commit');
  holder.release();
  expect(app.pool.idleCount).toBe(1);
});

test('a listener hears the notices of its own holder and of nobody after it', async () => {
  const { app, holder, heard } = await keptBeside();
  const own: string[] = [];
  holder.on('notice', ({ message }) => own.push(message ?? ''));
  await app.everything(
    "create function warn() returns int language plpgsql as $$ begin raise notice 'globex only'; return 1; end $$",
  );
  await holder.query('select warn()');
  expect(own).toEqual(['globex only']);
  expect(heard).toEqual([]);
  holder.release();
});

test('what the pool hands to its listeners takes no statement, even while somebody holds it', async () => {
  const app = await twoTenants({ pool: { max: 1 } });
  const seen = new Set<pg.PoolClient>();
  app.pool.on('acquire', (client) => seen.add(client));
  const holder = await app.asGlobex(() => app.pool.connect());
  expect(seen.size).toBeGreaterThan(0);
  for (const client of seen) {
    await expect(client.query(bodies)).rejects.toMatchObject(RELEASED);
    await app.asGlobex(() => expect(client.query(bodies)).rejects.toMatchObject(RELEASED));
  }
  holder.release();
});

test('a held client is a pg client to whoever asks, and tells of a backend that was killed', async () => {
  const app = await twoTenants();
  await app.asAcme(async () => {
    const client = await app.pool.connect();
    expect(client).toBeInstanceOf(pg.Client);
    const { processID, database } = client as unknown as { processID: number; database: string };
    expect(database).toBe(app.database.name);
    expect(client.escapeIdentifier('a"b')).toBe('"a""b"');
    const told = new Promise<Error>((resolve) => client.once('error', resolve));
    await app.everything(`select pg_terminate_backend(${processID})`);
    expect((await told).message).toMatch(/terminat/);
    client.release(true);
  });
});
