/** The walls as they stand, each promise in a sentence. */
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import {
  A,
  B,
  createArena,
  everythingIn,
  outcomeOf,
  SECRET_A,
  SECRET_B,
} from '../support/arena.ts';

describe('without a context', () => {
  it('no query of any kind runs', async () => {
    const { pool } = await createArena();
    await expect(pool.query('select 1')).rejects.toMatchObject({
      code: 'isolation.context_missing',
    });
    await expect(pool.connect()).rejects.toMatchObject({ code: 'isolation.context_missing' });
  });

  it('nor in one whose end is not a number', async () => {
    const { pool, isolation } = await createArena();
    const lifetimeMs = Number.NaN;
    await expect(
      isolation.enterTenant({ id: A }, () => pool.query('select 1'), { lifetimeMs }),
    ).rejects.toMatchObject({ code: 'isolation.context_expired' });
  });

  it('a session of the app role sees no rows and writes none', async () => {
    const { database } = await createArena();
    const raw = new pg.Client({ connectionString: database.appUrl });
    await raw.connect();
    try {
      for (const table of ['project', 'note', 'event', 'note_list']) {
        expect((await raw.query(`select * from ${table}`)).rows).toEqual([]);
      }
      await expect(
        raw.query('insert into project (tenant_id, name) values ($1, $2)', [A, 'x']),
      ).rejects.toMatchObject({ code: '42501' });
      expect((await raw.query('update note set body = $1', ['x'])).rowCount).toBe(0);
      expect((await raw.query('delete from note')).rowCount).toBe(0);
    } finally {
      await raw.end();
    }
  });
});

describe('with a context', () => {
  it('a tenant reads, writes, changes and deletes its own rows and no others', async () => {
    const { pool, asA, asB, admin } = await createArena();
    await asA(async () => {
      const notes = await pool.query('select * from note');
      expect(notes.rows).toHaveLength(20);
      expect(everythingIn(notes.rows)).not.toContain(SECRET_B);
      await pool.query('update note set n = n + 1000');
      await pool.query('delete from event');
      await pool.query(`insert into project (name) values ('mine')`);
    });
    await asB(async () => {
      expect((await pool.query('select max(n) from note')).rows[0].max).toBe(20);
      expect((await pool.query('select * from event')).rowCount).toBe(2);
      expect((await pool.query(`select * from project where name = 'mine'`)).rowCount).toBe(0);
    });
    const mine = await admin.query(`select tenant_id from project where name = 'mine'`);
    expect(mine.rows).toEqual([{ tenant_id: A }]);
  });

  it('no row can be written for, or moved to, another tenant', async () => {
    const { pool, asB } = await createArena();
    await asB(async () => {
      await expect(
        pool.query(`insert into project (tenant_id, name) values ($1, 'x')`, [A]),
      ).rejects.toMatchObject({ code: '42501' });
      await expect(pool.query('update project set tenant_id = $1', [A])).rejects.toMatchObject({
        code: '42501',
      });
    });
  });

  it('a foreign key to another tenant’s row fails as one to an absent row does', async () => {
    const { pool, asB, admin } = await createArena();
    const { rows } = await admin.query('select id from project where tenant_id = $1', [A]);
    const refer = (id: string) =>
      outcomeOf(() => pool.query('insert into note (project_id, body) values ($1, $2)', [id, 'x']));
    await asB(async () => {
      const foreign = (await refer(rows[0].id)) as pg.DatabaseError;
      const absent = (await refer('00000000-0000-4000-8000-000000000000')) as pg.DatabaseError;
      expect(foreign.code).toBe('23503');
      expect(foreign.message).toBe(absent.message);
    });
  });

  it('a partition or another table the role was not granted cannot be read around the parent', async () => {
    const { pool, asB } = await createArena();
    await asB(async () => {
      for (const table of [
        'event_old',
        'event_new',
        'bulkhead.context_key',
        'bulkhead.operator_crossing',
      ]) {
        const outcome = await outcomeOf(() => pool.query(`select * from ${table}`));
        expect(outcome).toBeInstanceOf(Error);
      }
    });
  });

  it('an error never carries a token or another tenant’s data', async () => {
    const { pool, asB } = await createArena();
    await asB(async () => {
      for (const text of [
        'select 1/0',
        'select body::integer from note',
        `insert into project (name) values ('${SECRET_B} project')`,
        'select no_such_column from note',
        `select current_setting('bulkhead.context')::integer`,
      ]) {
        const outcome = everythingIn(await outcomeOf(() => pool.query(text)));
        expect(outcome).not.toMatch(/v1\.[0-9a-f]{8}\./);
        expect(outcome).not.toContain(SECRET_A);
      }
    });
  });
});

describe('an operator’s crossing', () => {
  it('sees every tenant and is on record before its first query', async () => {
    const { pool, isolation, admin } = await createArena();
    const recorded = await isolation.enterOperator({ reason: 'ticket 4711' }, async () => {
      const tenants = await pool.query('select distinct tenant_id from note order by 1');
      expect(tenants.rows.map((row) => row.tenant_id)).toEqual([A, B]);
      return (await admin.query('select * from bulkhead.operator_crossing')).rows;
    });
    expect(recorded).toMatchObject([{ reason: 'ticket 4711', finished_at: null }]);
    const after = await admin.query('select outcome from bulkhead.operator_crossing');
    expect(after.rows).toEqual([{ outcome: 'completed' }]);
  });

  it('needs a reason, and a failed one is recorded as failed', async () => {
    const { isolation, admin } = await createArena();
    await expect(isolation.enterOperator({ reason: ' ' }, () => 1)).rejects.toMatchObject({
      code: 'isolation.reason_missing',
    });
    await expect(
      isolation.enterOperator({ reason: 'why' }, () => {
        throw new Error('work failed');
      }),
    ).rejects.toThrow('work failed');
    const { rows } = await admin.query('select outcome from bulkhead.operator_crossing');
    expect(rows).toEqual([{ outcome: 'failed' }]);
  });

  it('is over when its work is: what was left running sends no more statements', async () => {
    const { pool, isolation } = await createArena();
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    let left: Promise<unknown>[] = [];
    const client = await isolation.enterOperator({ reason: 'ticket 4711' }, async () => {
      left = [
        opened.then(() => pool.query('select * from note')),
        opened.then(() => pool.connect()),
      ];
      return pool.connect();
    });
    open();
    const ended = { status: 'rejected', reason: { code: 'isolation.context_expired' } };
    expect(await Promise.allSettled(left)).toMatchObject([ended, ended]);
    await expect(client.query('select * from note')).rejects.toMatchObject(ended.reason);
    client.release();
  });

  it('cannot be closed or changed by the app’s role, nor opened by it', async () => {
    const { pool, asB } = await createArena();
    await asB(async () => {
      for (const text of [
        `select bulkhead.begin_crossing('operator:x', 'x')`,
        `select bulkhead.end_crossing(gen_random_uuid(), 'completed')`,
        'select * from bulkhead.operator_crossing',
      ]) {
        expect(await outcomeOf(() => pool.query(text))).toBeInstanceOf(Error);
      }
    });
  });
});

describe('a connection', () => {
  it('as a role above row-level security is refused', async () => {
    const { database, isolation, admin } = await createArena();
    for (const url of [database.superuserUrl, database.operatorUrl, database.ownerUrl]) {
      const pool = isolation.protect(new pg.Pool({ connectionString: url }));
      await isolation.enterTenant({ id: A }, async () => {
        await expect(pool.query('select 1')).rejects.toMatchObject({
          code: 'isolation.role_unsafe',
        });
      });
    }
    await admin.query('create role arena_group; create role arena_member login');
    try {
      await admin.query('grant arena_group to arena_member');
      const url = new URL(database.superuserUrl);
      await admin.query(`alter role arena_member password 'x'`);
      url.username = 'arena_member';
      url.password = 'x';
      const pool = isolation.protect(new pg.Pool({ connectionString: url.href }));
      await isolation.enterTenant({ id: A }, async () => {
        await expect(pool.query('select 1')).rejects.toMatchObject({
          code: 'isolation.role_unsafe',
        });
      });
      await pool.end();
    } finally {
      await admin.query('drop role arena_member; drop role arena_group');
    }
  });
});
