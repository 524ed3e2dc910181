/** Hazard: the database goes away under load, or every backend is ended at once. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { A, type Arena, B, createArena, outcomeOf } from '../support/arena.ts';
import { OwnServer } from '../support/own-server.ts';

const SCHEMA = `
  create table item (
    tenant_id uuid not null default bulkhead.tenant_id(), name text not null, primary key (tenant_id, name));
  select bulkhead.protect_table('item');
  grant select, insert on item to test_app`;

const unavailable = { code: 'isolation.database_unavailable', status: 503 };

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note).on('uncaughtException', note);
});

afterEach(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
  expect(unhandled).toEqual([]);
});

describe('a server that restarts under load', () => {
  let server: OwnServer;

  beforeAll(async () => {
    // Durable, because what was acknowledged must survive kill -9.
    server = await OwnServer.start(SCHEMA, { durable: true });
  }, 60_000);

  afterAll(() => server?.remove());

  it.each([
    ['is shut down', () => server.stop()],
    ['is killed with kill -9', async () => server.kill()],
  ] as const)(
    'and %s: requests fail clearly, recover by themselves, and lose nothing',
    async (_how, end) => {
      await server.admin((client) => client.query('truncate item'));
      const isolation = server.isolation({ inFlightMax: 4 });
      const timersBefore = activeTimers();
      const pool = isolation.protect(new pg.Pool({ connectionString: server.appUrl, max: 6 }));
      const acknowledged = new Map<string, string>();
      const attempted = new Map<string, string>();
      const failures: unknown[] = [];
      const foreign: unknown[] = [];
      let successes = 0;
      let running = true;
      const see = (tenant: string, rows: { tenant_id: string }[]) =>
        void foreign.push(...rows.filter((row) => row.tenant_id !== tenant));

      const write = async (tenant: string, client: pg.Pool | pg.PoolClient) => {
        const name = randomUUID();
        attempted.set(name, tenant);
        see(
          tenant,
          (await client.query('insert into item (name) values ($1) returning tenant_id', [name]))
            .rows,
        );
        return name;
      };
      const request = async (tenant: string, kind: number): Promise<void> => {
        if (kind === 0) acknowledged.set(await write(tenant, pool), tenant);
        else if (kind === 1)
          see(tenant, (await pool.query('select tenant_id from item limit 50')).rows);
        else {
          const client = await pool.connect();
          try {
            await client.query('begin');
            const names = [await write(tenant, client), await write(tenant, client)];
            await client.query('commit');
            for (const name of names) acknowledged.set(name, tenant);
          } finally {
            client.release();
          }
        }
      };
      const worker = async (index: number) => {
        const tenant = index % 2 === 0 ? A : B;
        for (let turn = index; running; turn += 1) {
          try {
            await isolation.enterTenant({ id: tenant }, () => request(tenant, turn % 3));
            successes += 1;
          } catch (error) {
            failures.push(error);
            await sleep(20);
          }
        }
      };

      const workers = Promise.all(Array.from({ length: 12 }, (_, index) => worker(index)));
      await until(() => successes > 100);
      await end();
      await until(() => failures.length > 0);
      await server.startAgain();
      const before = successes;
      await until(() => successes > before + 100);
      running = false;
      await workers;

      expect(failures.length).toBeGreaterThan(0);
      for (const failure of failures) expect(failure).toMatchObject(unavailable);
      expect(foreign).toEqual([]);
      const { rows } = await server.admin((client) =>
        client.query('select tenant_id, name from item'),
      );
      const stored = new Map(rows.map((row) => [row.name, row.tenant_id]));
      expect([...acknowledged].filter(([name, tenant]) => stored.get(name) !== tenant)).toEqual([]);
      expect([...stored].filter(([name, tenant]) => attempted.get(name) !== tenant)).toEqual([]);

      expect(pool.totalCount).toBeLessThanOrEqual(6);
      expect(pool.waitingCount).toBe(0);
      expect(pool.idleCount).toBe(pool.totalCount);
      await isolation.close();
      // The server notices a connection's end a moment after it.
      const left = async () => {
        const { rows } = await server.admin((client) =>
          client.query(`select pid from pg_stat_activity where usename = 'test_app'`),
        );
        return rows;
      };
      await expect.poll(left).toEqual([]);
      expect(activeTimers()).toBeLessThanOrEqual(timersBefore);
    },
    25_000,
  );
});

describe('a storm that ends every backend of the app', () => {
  const storm = ({ admin }: Arena) =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_app' and datname = current_database()`,
    );
  const works = async ({ pool, asA }: Arena) => {
    await asA(async () => {
      expect((await pool.query('select * from note')).rowCount).toBe(20);
    });
  };

  it('while they are idle costs no request', async () => {
    const arena = await createArena({ pool: { max: 4 } });
    await arena.asA(() =>
      Promise.all(Array.from({ length: 4 }, () => arena.pool.query('select pg_sleep(0.02)'))),
    );
    expect(arena.pool.idleCount).toBe(4);
    await storm(arena);
    await until(() => arena.pool.totalCount === 0);
    await works(arena);
  });

  it('while they are checked out, in a transaction or not, ends those clients alone', async () => {
    const arena = await createArena({ pool: { max: 4 } });
    await arena.asA(async () => {
      const clients = await Promise.all(Array.from({ length: 4 }, () => arena.pool.connect()));
      for (const client of clients.slice(2)) {
        await client.query('begin');
        await client.query(`insert into project (name) values (gen_random_uuid())`);
      }
      await storm(arena);
      await sleep(50);
      for (const client of clients) {
        await expect(client.query('select 1')).rejects.toMatchObject(unavailable);
        client.release();
      }
      const { rowCount } = await arena.pool.query('select * from project');
      expect(rowCount).toBe(1);
    });
    await works(arena);
  });

  it('while statements are in flight fails those with one clear error', async () => {
    const arena = await createArena({ pool: { max: 4 }, isolation: { inFlightMax: 4 } });
    const outcomes = arena.asB(() =>
      Promise.all(
        Array.from({ length: 24 }, () => outcomeOf(() => arena.pool.query('select pg_sleep(1)'))),
      ),
    );
    await until(async () => {
      const { rows } = await arena.admin.query(
        `select count(*)::int as n from pg_stat_activity
          where datname = current_database() and state = 'active' and query like '%pg_sleep(1)'`,
      );
      return rows[0].n > 0;
    });
    await storm(arena);
    const failed = (await outcomes).filter((outcome) => outcome instanceof Error);
    expect(failed.length).toBeGreaterThan(0);
    for (const outcome of failed) expect(outcome).toMatchObject(unavailable);
    await works(arena);
  });

  it('while connections are being made leaves nothing half-open', async () => {
    const arena = await createArena({ pool: { max: 8, maxUses: 1 } });
    let raging = true;
    const rage = (async () => {
      while (raging) {
        await storm(arena);
        await sleep(1);
      }
    })();
    const outcomes = await arena.asA(() =>
      Promise.all(
        Array.from({ length: 80 }, () => outcomeOf(() => arena.pool.query('select 1 as one'))),
      ),
    );
    raging = false;
    await rage;
    const failed = outcomes.filter((outcome) => outcome instanceof Error);
    expect(failed.length).toBeGreaterThan(0);
    for (const outcome of failed) expect(outcome).toMatchObject(unavailable);
    await until(() => arena.pool.totalCount === 0);
    expect(arena.pool.waitingCount).toBe(0);
    await works(arena);
  });
});

const activeTimers = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('what was waited for did not happen');
    await sleep(10);
  }
}
