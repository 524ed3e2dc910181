/** What goes wrong is told as `pg` tells it, and nothing of the signed context travels with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { twoTenants } from './two-tenants.ts';

test('a database error keeps its class, code, constraint and detail', async () => {
  const { pool, asAcme } = await twoTenants();
  await asAcme(async () => {
    const failed = pool.query("insert into note (title) values ('first')");
    await expect(failed).rejects.toBeInstanceOf(pg.DatabaseError);
    await expect(failed).rejects.toMatchObject({
      code: '23505',
      schema: 'public',
      table: 'note',
      constraint: 'note_tenant_id_title_key',
      severity: 'ERROR',
    });
    await expect(pool.query("select '{'::json")).rejects.toMatchObject({
      code: '22P02',
      detail: expect.stringContaining('ended unexpectedly'),
    });
    await expect(pool.query("insert into note (title) values ('')")).rejects.toMatchObject({
      code: '23514',
      constraint: 'note_title_present',
    });
    await expect(pool.query('select absent from note')).rejects.toMatchObject({
      code: '42703',
      position: '8',
    });
  });
});

test('an error about a row of a protected table says no value of it', async () => {
  // PostgreSQL itself withholds the detail under row-level security; nothing here puts it back.
  const { pool, asAcme } = await twoTenants();
  const error = await asAcme(() =>
    pool.query("insert into note (title) values ('first')").catch((failure: unknown) => failure),
  );
  expect(error).toMatchObject({ code: '23505', detail: undefined });
});

test('no part of the signed context is in an error, wherever it arose', async () => {
  const { pool, asAcme } = await twoTenants();
  const faults = [
    'select 1 / 0',
    'select bulkhead.tenant_id()::text::int',
    "insert into note (title) values ('first')",
    "select ('{' || current_setting('bulkhead.context'))::jsonb",
  ];
  await asAcme(async () => {
    for (const text of faults) {
      const client = await pool.connect();
      for (const ask of [() => pool.query(text), () => client.query(text)]) {
        const error = await ask().then(
          () => undefined,
          (failure: unknown) => failure,
        );
        expect(error, text).toBeInstanceOf(Error);
        const told = JSON.stringify({ ...(error as Error), message: (error as Error).message });
        expect(told).not.toMatch(/v1\.[0-9a-f]{8}\./);
        expect(error).not.toHaveProperty('where');
      }
      client.release();
    }
  });
});

test('the stack of an error points at the caller', async () => {
  const { pool, asAcme } = await twoTenants();
  async function sendBrokenInvoice(): Promise<void> {
    await pool.query('select 1 / 0');
  }
  async function sendOnClient(): Promise<void> {
    const client = await pool.connect();
    try {
      await client.query('select 1 / 0');
    } finally {
      client.release();
    }
  }
  await asAcme(async () => {
    const stackOf = (work: () => Promise<void>) => work().catch((error: Error) => error.stack);
    expect(await stackOf(sendBrokenInvoice)).toContain('sendBrokenInvoice');
    expect(await stackOf(sendOnClient)).toContain('sendOnClient');
  });
});

test('statement_timeout ends the statement and keeps the connection', async () => {
  const { pool, asAcme } = await twoTenants({ pool: { max: 1, statement_timeout: 60 } });
  await asAcme(async () => {
    const pid = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid;
    const before = await pid();
    await expect(pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
    expect(await pid()).toBe(before);
    // RESET ALL between statements goes back to this setting, not to none.
    await expect(pool.query('select pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
  });
});

test('query_timeout gives up on the query, and nobody gets its late answer', async () => {
  const { pool, asAcme, asGlobex } = await twoTenants({ pool: { max: 1 } });
  const slow = "select 'late' as body from pg_sleep(0.3)";
  await asAcme(async () => {
    const config = { text: slow, query_timeout: 50 };
    await expect(pool.query(config)).rejects.toThrow(/timeout/i);
  });
  const { rows } = await asGlobex(() => pool.query('select body from note order by title limit 1'));
  expect(rows).toEqual([{ body: 'globex' }]);
});

test('query_timeout of the whole pool holds on the pool and on a client', async () => {
  const { pool, asAcme } = await twoTenants({ pool: { max: 2, query_timeout: 80 } });
  await asAcme(async () => {
    await expect(pool.query('select pg_sleep(0.4)')).rejects.toThrow(/timeout/i);
    const client = await pool.connect();
    await expect(client.query('select pg_sleep(0.4)')).rejects.toThrow(/timeout/i);
    client.release();
    await expect.poll(() => pool.idleCount).toBe(0);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

test('a backend that is killed under a statement fails that statement alone', async () => {
  const { pool, asAcme, everything } = await twoTenants({ pool: { max: 1 } });
  const kill =
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'test_app' and datname = current_database()";
  await asAcme(async () => {
    const unavailable = { code: 'isolation.database_unavailable', status: 503 };
    const onPool = expect(pool.query('select pg_sleep(5)')).rejects.toMatchObject(unavailable);
    await sleep(50);
    await everything(kill);
    await onPool;
    const client = await pool.connect();
    const onClient = expect(client.query('select pg_sleep(5)')).rejects.toMatchObject(unavailable);
    await sleep(50);
    await everything(kill);
    await onClient;
    client.release();
    expect((await pool.query('select body from note limit 1')).rows).toEqual([{ body: 'acme' }]);
  });
});

test('an unhandled rejection does not follow a handled one', async () => {
  const { pool, asAcme } = await twoTenants();
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  await asAcme(() => pool.query('select 1 / 0').catch(() => undefined));
  await sleep(20);
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
