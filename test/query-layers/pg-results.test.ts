/** Values go in and come out of the protected pool as they do with `pg` itself. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { twoTenants } from './two-tenants.ts';

test('parameters of every kind arrive as they were sent', async () => {
  const { pool, asAcme } = await twoTenants();
  const bytes = Buffer.from([0, 1, 2, 253, 254, 255]);
  const when = new Date('2026-02-03T04:05:06.789Z');
  const awkward = `it's "quoted" \\ $1 -- ; select 1 /* ☃ 𝄞 */`;
  await asAcme(async () => {
    const { rows } = await pool.query(
      `select $1::int as int, $2::bigint as bigint, $3::float8 as float, $4::boolean as boolean,
              $5::text as text, $6::timestamptz as when, $7::bytea as bytes, $8::text[] as list,
              $9::jsonb as json, $10::text as nothing, $11::uuid as uuid, $12::int[] as numbers,
              $13::numeric as numeric, $14::jsonb as many`,
      [
        42,
        9007199254740993n,
        1.5,
        true,
        awkward,
        when,
        bytes,
        ['a', 'b"c', 'd,{}', null],
        { deep: [1, { x: null }] },
        null,
        '0a000000-0000-4000-8000-00000000000a',
        [1, 2, 3],
        '1.10',
        JSON.stringify([1, 'two']),
      ],
    );
    expect(rows[0]).toEqual({
      int: 42,
      bigint: '9007199254740993',
      float: 1.5,
      boolean: true,
      text: awkward,
      when,
      bytes,
      list: ['a', 'b"c', 'd,{}', null],
      json: { deep: [1, { x: null }] },
      nothing: null,
      uuid: '0a000000-0000-4000-8000-00000000000a',
      numbers: [1, 2, 3],
      numeric: '1.10',
      many: [1, 'two'],
    });
  });
});

test('an object with toPostgres and an undefined parameter behave as in pg', async () => {
  const { pool, asAcme } = await twoTenants();
  const point = { toPostgres: () => '(1,2)' };
  const { rows } = await asAcme(() =>
    pool.query('select $1::point as p, $2::text as u', [point, undefined]),
  );
  expect(rows).toEqual([{ p: { x: 1, y: 2 }, u: null }]);
});

test('a value that cannot be encoded fails its own query and leaves the connection usable', async () => {
  const { pool, asAcme } = await twoTenants({ pool: { max: 1 } });
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  await asAcme(async () => {
    await expect(pool.query('select $1::jsonb', [circular])).rejects.toThrow(/circular/);
    const { rows } = await pool.query('select body from note where title = $1', ['first']);
    expect(rows).toEqual([{ body: 'acme' }]);
  });
});

test('a wrong number of parameters and values that are no array are errors', async () => {
  const { pool, asAcme } = await twoTenants({ pool: { max: 1 } });
  await asAcme(async () => {
    await expect(pool.query('select $1::int, $2::int', [1])).rejects.toMatchObject({
      code: '08P01',
    });
    // @ts-expect-error: what a caller without types may pass
    await expect(pool.query('select $1::int', 1)).rejects.toThrow(/must be an array/);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

test('rows, fields, rowCount and command are those of the caller’s statement alone', async () => {
  const { pool, asAcme } = await twoTenants();
  await asAcme(async () => {
    const read = await pool.query('select title, priority from note order by title');
    expect(read).toMatchObject({ command: 'SELECT', rowCount: 2 });
    expect(read.fields.map((field) => field.name)).toEqual(['title', 'priority']);
    expect(read).not.toBeInstanceOf(Array);
    const written = await pool.query("insert into note (title) values ('x'), ('y')");
    expect(written).toMatchObject({ command: 'INSERT', rowCount: 2, rows: [] });
    const none = await pool.query("update note set body = '' where title = 'absent' returning id");
    expect(none).toMatchObject({ command: 'UPDATE', rowCount: 0, rows: [] });
    const many = await pool.query('select n from generate_series(1, 20000) n');
    expect(many.rows.length).toBe(20_000);
    expect(many.rows.at(-1)).toEqual({ n: 20_000 });
  });
});

test('an empty query is no error', async () => {
  const { pool, asAcme } = await twoTenants({ pool: { max: 1 } });
  await asAcme(async () => {
    for (const text of ['', ' ', '-- nothing']) {
      expect(await pool.query(text), JSON.stringify(text)).toMatchObject({ rows: [] });
    }
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });
});

test('rowMode array gives arrays', async () => {
  const { pool, asAcme } = await twoTenants();
  const { rows } = await asAcme(() =>
    pool.query({ text: 'select title, body from note order by 1', rowMode: 'array' }),
  );
  expect(rows).toEqual([
    ['first', 'acme'],
    ['second', 'acme'],
  ]);
});

test('custom type parsers work for a query, for a pool and on a client', async () => {
  const types: pg.CustomTypesConfig = {
    getTypeParser: (() => (text: string) =>
      `parsed ${text}`) as pg.CustomTypesConfig['getTypeParser'],
  };
  const one = await twoTenants();
  const { rows } = await one.asAcme(() => one.pool.query({ text: 'select 1 as n', types }));
  expect(rows).toEqual([{ n: 'parsed 1' }]);

  const all = await twoTenants({ pool: { types } });
  await all.asAcme(async () => {
    expect((await all.pool.query('select 2 as n')).rows).toEqual([{ n: 'parsed 2' }]);
  });

  await one.asAcme(async () => {
    const client = await one.pool.connect();
    client.setTypeParser(pg.types.builtins.INT8, (text) => BigInt(text));
    expect((await client.query('select 3::bigint as n')).rows).toEqual([{ n: 3n }]);
    client.release();
  });
});

test('named statements keep to their text and to the tenant of each call', async () => {
  const { pool, asAcme, asGlobex } = await twoTenants({ pool: { max: 1 } });
  const byTitle = { name: 'by-title', text: 'select body from note where title = $1' };
  for (let round = 0; round < 8; round += 1) {
    const acme = await asAcme(() => pool.query({ ...byTitle, values: ['first'] }));
    const globex = await asGlobex(() => pool.query(byTitle, ['first']));
    expect([acme.rows, globex.rows]).toEqual([[{ body: 'acme' }], [{ body: 'globex' }]]);
  }
});

test('a name alone, without its text, is refused', async () => {
  const { pool, asAcme } = await twoTenants();
  await asAcme(async () => {
    await pool.query({ name: 'n', text: 'select body from note' });
    await expect(pool.query({ name: 'n' } as pg.QueryConfig)).rejects.toMatchObject({
      code: 'isolation.statement_refused',
    });
  });
});

test('a statement survives a change of its table', async () => {
  const { pool, database, asAcme } = await twoTenants({ pool: { max: 1 } });
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await asAcme(async () => {
    for (let round = 0; round < 3; round += 1) await pool.query('select * from project');
    await owner.query('alter table project add column colour text');
    const { rows } = await pool.query('select * from project');
    expect(rows[0]).toHaveProperty('colour', null);
  });
  await owner.end();
});

test('a pg.Query object emits its rows, in the context of whoever listens', async () => {
  const { pool, bulkhead, asGlobex } = await twoTenants();
  await asGlobex(async () => {
    const client = await pool.connect();
    const query = client.query(new pg.Query('select body from note where title = $1', ['first']));
    const rows: unknown[] = [];
    const tenants: unknown[] = [];
    query.on('row', (row) => {
      rows.push(row);
      tenants.push(bulkhead.context().tenant.slug);
    });
    await new Promise<void>((resolve, reject) => {
      query.on('end', () => resolve());
      query.on('error', reject);
    });
    expect([rows, tenants]).toEqual([[{ body: 'globex' }], ['globex']]);

    const called = await new Promise<pg.QueryResult>((resolve, reject) => {
      const withCallback = new pg.Query('select body from note limit 1');
      // pg takes the callback beside the object; its types do not say so.
      (client.query as (...given: unknown[]) => unknown).call(
        client,
        withCallback,
        (error: Error | null, result: pg.QueryResult) => (error ? reject(error) : resolve(result)),
      );
    });
    expect(called.rows).toEqual([{ body: 'globex' }]);

    const failing = client.query(new pg.Query('select 1 / 0'));
    const error = await new Promise((resolve) => failing.on('error', resolve));
    expect(error).toMatchObject({ code: '22012' });
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    client.release();
  });
});

test('a statement that comes again describes its rows as it did the first time', async () => {
  const { pool, asAcme } = await twoTenants();
  await asAcme(async () => {
    const text = 'select n, n::text as "as text" from generate_series(1, $1::int) n';
    const first = await pool.query(text, [2]);
    for (let again = 0; again < 8; again += 1) {
      const { rows, fields } = await pool.query(text, [2]);
      expect(rows).toEqual(first.rows);
      expect(fields).toEqual(first.fields);
    }
    const none = await pool.query(text, [0]);
    expect(none.rows).toEqual([]);
    expect(none.fields).toEqual(first.fields);
    const lists = await pool.query({ text, values: [1], rowMode: 'array' });
    expect(lists.rows).toEqual([[1, '1']]);
  });
});

test('the same text asked for in binary and in text answers each as asked', async () => {
  const { pool, asAcme } = await twoTenants();
  await asAcme(async () => {
    const text = 'select $1::int as n';
    for (let again = 0; again < 8; again += 1) {
      // pg's types leave `binary` out.
      const asked = { text, values: [7], binary: true } as pg.QueryConfig;
      expect((await pool.query(asked)).rows).toEqual([{ n: 7 }]);
      expect((await pool.query({ text, values: [7] })).rows).toEqual([{ n: 7 }]);
    }
  });
});
