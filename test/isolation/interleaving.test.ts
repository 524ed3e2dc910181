/** Hazards of many at once: mixed tenants, shared connections, killed backends, a restarting server. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import {
  connectionOf,
  type PgConnection,
} from '../../packages/bulkhead/src/isolation/pool/pg-internals.ts';
import { type Arena, createArena, outcomeOf } from '../support/arena.ts';

const TENANTS = Array.from(
  { length: 50 },
  (_, index) => `cc000000-0000-4000-8000-0000000000${String(index).padStart(2, '0')}`,
);

async function withFiftyTenants(arena: Arena): Promise<void> {
  await arena.admin.query(
    `insert into project (tenant_id, name)
     select t::uuid, t || ' project ' || g from unnest($1::text[]) t, generate_series(1, 4) g`,
    [TENANTS],
  );
}

/** One request of a tenant's, of a random kind; says what it saw that was not its own. */
async function request(
  { isolation, pool }: Arena,
  tenant: string,
  kind: number,
): Promise<string[]> {
  return isolation.enterTenant({ id: tenant }, async () => {
    const foreign = (rows: { tenant_id: string }[]) =>
      rows.map((row) => row.tenant_id).filter((id) => id !== tenant);
    switch (kind % 6) {
      case 0:
        return foreign((await pool.query('select tenant_id, name from project')).rows);
      case 1:
        await outcomeOf(() => pool.query('select 1/0'));
        return foreign((await pool.query('select tenant_id from project limit 2')).rows);
      case 2: {
        const name = randomUUID();
        const written = await pool.query(
          'insert into project (name) values ($1) returning tenant_id',
          [name],
        );
        const gone = await pool.query('delete from project where name = $1 returning tenant_id', [
          name,
        ]);
        return [
          ...foreign(written.rows),
          ...foreign(gone.rows),
          ...(gone.rowCount === 1 ? [] : ['lost']),
        ];
      }
      case 3: {
        const client = await pool.connect();
        try {
          await client.query('begin');
          const { rows } = await client.query('update project set name = name returning tenant_id');
          await sleep(0);
          await client.query(kind % 2 === 0 ? 'commit' : 'rollback');
          return foreign(rows);
        } finally {
          client.release();
        }
      }
      case 4: {
        const [one, two] = await Promise.all([
          pool.query('select tenant_id from project where name like $1', ['%1']),
          pool.query('select count(distinct tenant_id)::int as n from project'),
        ]);
        return [...foreign(one.rows), ...(two.rows[0].n === 1 ? [] : ['count'])];
      }
      default:
        return new Promise((resolve, reject) => {
          pool.query('select tenant_id from project', (error, outer) => {
            if (error) return reject(error);
            // A callback must run in the context of the code that passed it.
            pool.query('select tenant_id from project', (inner_, inner) =>
              inner_ ? reject(inner_) : resolve(foreign([...outer.rows, ...inner.rows])),
            );
          });
        });
    }
  });
}

describe.each([
  { name: 'one group at a time', inFlightMax: 1, requests: 10_000 },
  { name: 'several groups in flight', inFlightMax: 8, requests: 5_000 },
])('$name', ({ inFlightMax, requests }) => {
  it(`${requests} interleaved requests of 50 tenants see nothing of each other’s`, async () => {
    const arena = await createArena({ pool: { max: 8 }, isolation: { inFlightMax } });
    await withFiftyTenants(arena);
    const foreign: string[] = [];
    let next = 0;
    const worker = async () => {
      while (next < requests) {
        const turn = next;
        next += 1;
        const tenant = TENANTS[(turn * 7) % TENANTS.length] as string;
        foreign.push(...(await request(arena, tenant, (turn * 31) % 12)));
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    expect(foreign).toEqual([]);
    const { rows } = await arena.admin.query(
      `select count(*)::int as n from project where name not like '%project%' and tenant_id::text not like 'cc%'`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  }, 90_000);
});

describe('groups in flight', () => {
  it('an error stays with its own statement; the neighbours’ writes are committed', async () => {
    const { pool, asA, admin } = await createArena({
      pool: { max: 1 },
      isolation: { inFlightMax: 16 },
    });
    await asA(async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          outcomeOf(() =>
            index % 3 === 0
              ? pool.query('select 1/0')
              : pool.query('insert into project (name) values ($1) returning name', [`p${index}`]),
          ),
        ),
      );
      for (const [index, outcome] of outcomes.entries()) {
        if (index % 3 === 0) expect(outcome).toMatchObject({ code: '22012' });
        else expect(outcome).toEqual([{ name: `p${index}` }]);
      }
    });
    const { rows } = await admin.query(
      `select count(*)::int as n from project where name ~ '^p\\d'`,
    );
    expect(rows).toEqual([{ n: 40 }]);
  });

  it('a value that cannot be encoded fails its own statement, once, and no neighbour', async () => {
    const { asA, pool } = await createArena({ pool: { max: 1 }, isolation: { inFlightMax: 8 } });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    await asA(async () => {
      const insert = 'insert into project (name) values ($1)';
      const unencodable = () => outcomeOf(() => pool.query('select $1::json', [circular]));
      const outcomes = await Promise.all([
        outcomeOf(() => pool.query('select pg_sleep(0.1)')),
        unencodable(),
        pool.query(insert, ['one']),
        unencodable(),
        pool.query(insert, ['two']),
      ]);
      expect(outcomes[1]).toBeInstanceOf(TypeError);
      expect(outcomes[3]).toBeInstanceOf(TypeError);
      const count = `select count(*)::int as n from project where name in ('one', 'two')`;
      expect((await pool.query(count)).rows).toEqual([{ n: 2 }]);

      const client = await pool.connect();
      let calls = 0;
      client.query('select $1::json', [circular], () => {
        calls += 1;
      });
      // Answered behind the one that failed, so a second call would have come by now.
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
      client.release();
      expect({ calls, connections: pool.totalCount }).toEqual({ calls: 1, connections: 1 });
    });
  });

  it('what was acknowledged before the backend was killed is committed, the rest fails clearly', async () => {
    const { pool, asA, admin } = await createArena({
      pool: { max: 2 },
      isolation: { inFlightMax: 16 },
    });
    const acknowledged: string[] = [];
    const failures: unknown[] = [];
    await asA(async () => {
      const work = Array.from({ length: 200 }, async (_, index) => {
        const name = `k${index}`;
        const outcome = await outcomeOf(() =>
          pool.query('insert into project (name) select $1 from pg_sleep(0.001) returning name', [
            name,
          ]),
        );
        if (outcome instanceof Error) failures.push(outcome);
        else acknowledged.push(name);
      });
      // In the middle of the work, however long connecting took.
      while (acknowledged.length < 20) await sleep(1);
      await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_app' and datname = current_database()`,
      );
      await Promise.all(work);
    });
    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'isolation.database_unavailable', status: 503 });
    }
    const { rows } = await admin.query(`select name from project where name ~ '^k\\d'`);
    const committed = new Set(rows.map((row) => row.name));
    expect(acknowledged.filter((name) => !committed.has(name))).toEqual([]);
    await asA(async () => expect((await pool.query('select 1 as x')).rows).toEqual([{ x: 1 }]));
  });

  it('share a connection only within one tenant', async () => {
    const arena = await createArena({ pool: { max: 1 }, isolation: { inFlightMax: 8 } });
    const log: string[] = [];
    const run = (as: Arena['asA'], name: string) =>
      as(async () => {
        const { rows } = await arena.pool.query(
          `select tenant_id::text, pg_sleep(0.01), clock_timestamp() as at from project limit 1`,
        );
        log.push(`${name}:${rows[0].tenant_id.slice(0, 2)}`);
      });
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? run(arena.asA, 'A') : run(arena.asB, 'B'),
      ),
    );
    expect(new Set(log)).toEqual(new Set(['A:0a', 'B:0b']));
  });
});

describe('when things break', () => {
  it('a backend killed under a checked-out client leaves Node alive and the pool usable', async () => {
    const { pool, asA, admin } = await createArena({ pool: { max: 2 } });
    await asA(async () => {
      const client = await pool.connect();
      await client.query('begin');
      await client.query(`insert into project (name) values ('lost')`);
      const { rows } = await client.query('select pg_backend_pid() as pid');
      await admin.query('select pg_terminate_backend($1)', [rows[0].pid]);
      await sleep(50);
      await expect(client.query('commit')).rejects.toThrow();
      client.release();
      expect((await pool.query(`select * from project where name = 'lost'`)).rows).toEqual([]);
    });
  });

  it('a server that speaks another language costs no connection for each error', async () => {
    const { asA, pool, admin } = await createArena({ pool: { max: 1 } });
    pool.on('connect', (client) => {
      const connection = connectionOf(client);
      const { emit } = connection;
      // What lc_messages = 'de_DE.UTF-8' makes of it, where the server has that locale.
      connection.emit = (name: string | symbol, ...given: unknown[]) => {
        if (name === 'errorMessage') Object.assign(given[0] as object, { severity: 'FEHLER' });
        return emit.call(connection, name, ...given);
      };
    });
    await asA(async () => {
      const pid = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid;
      const before = await pid();
      expect(await outcomeOf(() => pool.query('select 1/0'))).toMatchObject({ code: '22012' });
      expect(await pid()).toBe(before);
      const read = () => pool.query('select * from project');
      for (let round = 0; round < 3; round += 1) await read();
      await admin.query('alter table project add column colour text');
      expect((await read()).rows[0]).toHaveProperty('colour');
      expect(await pid()).toBe(before);
    });
  });

  it('a statement time-out and a client time-out fail that statement alone', async () => {
    const { pool, asA, asB } = await createArena({
      pool: { max: 1, statement_timeout: 200, query_timeout: 1_500 },
    });
    await asA(async () => {
      await expect(pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
    });
    await asB(async () => {
      expect((await pool.query('select count(*)::int as n from note')).rows).toEqual([{ n: 20 }]);
    });
    const late = await createArena({ pool: { max: 1, query_timeout: 100 } });
    await late.asA(async () => {
      await expect(late.pool.query('select pg_sleep(1)')).rejects.toThrow('timeout');
    });
    await late.asB(async () => {
      expect((await late.pool.query('select count(*)::int as n from note')).rows).toEqual([
        { n: 20 },
      ]);
    });
  });

  it('a client that dies before the end of its group commits nothing and leaves no context', async () => {
    const { pool, asA, admin } = await createArena({ pool: { max: 1 } });
    const connections: PgConnection[] = [];
    pool.on('connect', (client) => connections.push(connectionOf(client)));
    await asA(async () => {
      await pool.query('select 1');
      const connection = connections[0] as PgConnection;
      // Everything of the group has left but the Sync when the process ends.
      connection.sync = () => void connection.stream.end();
      const dying = await outcomeOf(() => pool.query(`insert into project (name) values ('half')`));
      expect(dying).toMatchObject({ code: 'isolation.database_unavailable' });
    });
    await sleep(100);
    expect((await admin.query(`select * from project where name = 'half'`)).rows).toEqual([]);
    await asA(async () => expect((await pool.query('select * from note')).rowCount).toBe(20));
  });

  it('an exhausted pool says so instead of waiting for ever', async () => {
    const { pool, asA } = await createArena({ pool: { max: 1, connectionTimeoutMillis: 100 } });
    await asA(async () => {
      const holder = await pool.connect();
      await expect(pool.query('select 1')).rejects.toMatchObject({
        code: 'isolation.pool_exhausted',
        status: 503,
      });
      holder.release();
      expect((await pool.query('select 1 as x')).rows).toEqual([{ x: 1 }]);
    });
  });

  it('a server that cannot be reached is named as such', async () => {
    const { isolation } = await createArena();
    const pool = isolation.protect(
      new pg.Pool({ connectionString: 'postgres://nobody:x@127.0.0.1:1/none' }),
    );
    await isolation.enterTenant({ id: TENANTS[0] as string }, async () => {
      await expect(pool.query('select 1')).rejects.toMatchObject({
        code: 'isolation.database_unavailable',
        status: 503,
      });
    });
  });
});
