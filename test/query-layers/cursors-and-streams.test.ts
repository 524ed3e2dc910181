/** pg-cursor, pg-query-stream and pg-copy-streams on clients of the protected pool. */
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { expect, test } from 'vitest';
import { type TwoTenants, twoTenants } from './two-tenants.ts';

/** Gives each tenant so many notes that no batch holds them all. */
async function withManyNotes(): Promise<TwoTenants> {
  const app = await twoTenants({ pool: { max: 2 } });
  for (const enter of [app.asAcme, app.asGlobex]) {
    await enter(() =>
      app.pool.query(
        `insert into note (title, body)
         select 'n' || n, (select body from note where title = 'first') from generate_series(1, 500) n`,
      ),
    );
  }
  return app;
}

async function onClient<T>(app: TwoTenants, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await app.pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

async function bodiesOf(stream: AsyncIterable<unknown>): Promise<Map<unknown, number>> {
  const seen = new Map<unknown, number>();
  for await (const row of stream) {
    const { body } = row as { body: unknown };
    seen.set(body, (seen.get(body) ?? 0) + 1);
  }
  return seen;
}

test('a cursor reads the tenant’s rows batch by batch', async () => {
  const app = await withManyNotes();
  await app.asGlobex(() =>
    onClient(app, async (client) => {
      const cursor = client.query(new Cursor('select body from note where priority = $1', [0]));
      const bodies: unknown[] = [];
      for (;;) {
        const rows = await cursor.read(120);
        if (rows.length === 0) break;
        bodies.push(...rows.map((row) => row.body));
      }
      await cursor.close();
      expect(bodies).toHaveLength(502);
      expect(new Set(bodies)).toEqual(new Set(['globex']));
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    }),
  );
  expect(app.pool.idleCount).toBe(app.pool.totalCount);
});

test('a cursor closed early leaves the client usable and its portal gone', async () => {
  const app = await withManyNotes();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      const cursor = client.query(new Cursor('select body from note'));
      expect(await cursor.read(3)).toHaveLength(3);
      await cursor.close();
      expect((await client.query('select count(*)::int as n from note')).rows).toEqual([
        { n: 502 },
      ]);
    }),
  );
  expect((await app.asGlobex(() => app.pool.query('select 1 as one'))).rows).toEqual([{ one: 1 }]);
});

test('the callback of a cursor runs in the context of its caller', async () => {
  const app = await withManyNotes();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      const cursor = client.query(new Cursor('select body from note'));
      const slug = await new Promise((resolve, reject) =>
        cursor.read(5, (error) =>
          error ? reject(error) : resolve(app.bulkhead.context().tenant.slug),
        ),
      );
      expect(slug).toBe('acme');
      await cursor.close();
    }),
  );
});

test('an error in a cursor reaches its reader, and the client goes on', async () => {
  const app = await twoTenants();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      const cursor = client.query(new Cursor('select 1 / (2 - n) from generate_series(1, 3) n'));
      await expect(cursor.read(10)).rejects.toMatchObject({ code: '22012' });
      await cursor.close();
      expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    }),
  );
});

test('a stream yields every row of the tenant, with for await', async () => {
  const app = await withManyNotes();
  await app.asGlobex(() =>
    onClient(app, async (client) => {
      const stream = client.query(new QueryStream('select body from note', [], { batchSize: 50 }));
      expect(await bodiesOf(stream)).toEqual(new Map([['globex', 502]]));
    }),
  );
});

test('two tenants stream at once on two clients', async () => {
  const app = await withManyNotes();
  const read = () =>
    onClient(app, (client) =>
      bodiesOf(client.query(new QueryStream('select body from note', [], { batchSize: 7 }))),
    );
  const [acme, globex] = await Promise.all([app.asAcme(read), app.asGlobex(read)]);
  expect(acme).toEqual(new Map([['acme', 502]]));
  expect(globex).toEqual(new Map([['globex', 502]]));
});

test('a stream left half-way lets the next tenant have the connection', async () => {
  const app = await withManyNotes();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      const stream = client.query(new QueryStream('select body from note', [], { batchSize: 5 }));
      for await (const row of stream) {
        expect(row).toEqual({ body: 'acme' });
        break;
      }
    }),
  );
  const { rows } = await app.asGlobex(() => app.pool.query('select distinct body from note'));
  expect(rows).toEqual([{ body: 'globex' }]);
});

test('a client released while its stream is open is destroyed', async () => {
  const app = await withManyNotes();
  await app.asAcme(async () => {
    const client = await app.pool.connect();
    const stream = client.query(new QueryStream('select body from note', [], { batchSize: 5 }));
    stream.on('error', () => undefined);
    const before = app.pool.totalCount;
    await new Promise((resolve) => stream.once('data', resolve));
    client.release();
    expect(app.pool.totalCount).toBe(before - 1);
  });
});

test('a cursor inside a transaction sees what the transaction wrote, and does not end it', async () => {
  const app = await twoTenants();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      await client.query('begin');
      await client.query("insert into note (title) values ('uncommitted')");
      const stream = client.query(
        new QueryStream("select title from note where title = 'uncommitted'"),
      );
      const rows = [];
      for await (const row of stream) rows.push(row);
      expect(rows).toEqual([{ title: 'uncommitted' }]);
      await client.query('rollback');
      const { rows: after } = await client.query(
        "select title from note where title = 'uncommitted'",
      );
      expect(after).toEqual([]);
    }),
  );
});

test('a cursor or a stream is checked like any statement', async () => {
  const app = await twoTenants();
  await app.asAcme(() =>
    onClient(app, async (client) => {
      const text = "select set_config('bulkhead.context', 'x', false)";
      const refused = expect.objectContaining({ code: 'isolation.statement_refused' });
      expect(() => client.query(new Cursor(text))).toThrow(refused);
      expect(() => client.query(new QueryStream(text))).toThrow(refused);
      expect(() => client.query(copyTo(`copy (${text}) to stdout`))).toThrow(refused);
    }),
  );
  await app.asAcme(async () => {
    await expect(app.pool.query(new Cursor('select 1'))).rejects.toMatchObject({
      code: 'isolation.submittable_on_pool',
    });
  });
});

test('COPY … TO STDOUT yields the tenant’s rows only', async () => {
  const app = await withManyNotes();
  const copied = () =>
    onClient(app, async (client) => {
      const chunks: Buffer[] = [];
      const sink = new Writable({
        write(chunk, _encoding, done) {
          chunks.push(chunk);
          done();
        },
      });
      await pipeline(client.query(copyTo('copy (select body from note) to stdout')), sink);
      return Buffer.concat(chunks).toString().trim().split('\n');
    });
  const [acme, globex] = await Promise.all([app.asAcme(copied), app.asGlobex(copied)]);
  expect([acme.length, globex.length]).toEqual([502, 502]);
  expect([new Set(acme), new Set(globex)]).toEqual([new Set(['acme']), new Set(['globex'])]);
  expect((await app.asAcme(() => app.pool.query('select 1 as one'))).rows).toEqual([{ one: 1 }]);
});

test('COPY … FROM and COPY as a plain query say what to do instead', async () => {
  const app = await twoTenants();
  const refused = { code: 'isolation.copy_refused', next: expect.stringContaining('unnest') };
  await app.asAcme(() =>
    onClient(app, async (client) => {
      expect(() => client.query(copyFrom('copy note (title) from stdin'))).toThrow(
        expect.objectContaining(refused),
      );
      for (const text of ['copy note to stdout', 'copy note from stdin']) {
        await expect(client.query(text)).rejects.toMatchObject(refused);
        await expect(app.pool.query(text)).rejects.toMatchObject(refused);
      }
    }),
  );
});
