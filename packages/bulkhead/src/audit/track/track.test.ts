import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ACME, BORA, createAuditApp } from '#test/audit-app';
import { prove } from '../../isolation/prove/index.ts';
import { defineActions } from '../catalogue/define-actions.ts';
import { OPERATORS_LOG } from '../event.ts';

const actions = defineActions({ 'note.created': { description: 'A note was written.' } });

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An app with tables of every sort, all tracked as the owner of the tables does it. */
async function createTracked(ddl = '', track = `select bulkhead.audit_track('note')`) {
  const app = await createAuditApp(actions);
  await app.admin.query(
    `grant execute on function bulkhead.audit_track(regclass, jsonb), bulkhead.audit_untrack(regclass),
       bulkhead.audit_row(), bulkhead.audit_truncate() to test_owner;
     set role test_owner; ${ddl}; ${track}; reset role`,
  );
  return app;
}

test('a tracked row tells what was and what became of it, by whom, in the transaction of the change', async () => {
  const app = await createTracked();
  const id = await app.asAcme(async () => {
    const { rows } = await app.pool.query(`insert into note (title) values ('one') returning id`);
    await app.pool.query(`update note set title = 'two'`);
    await app.pool.query(`update note set title = title`);
    await app.pool.query('delete from note');
    const client = await app.pool.connect();
    await client.query('begin');
    await client.query(`insert into note (title) values ('never')`);
    await client.query('rollback');
    client.release();
    return rows[0].id;
  });
  const common = {
    tenant: ACME,
    actor: { type: 'user', id: 'alice' },
    source: 'row',
    targets: [{ type: 'note', id }],
  };
  expect(await app.events()).toMatchObject([
    { ...common, action: 'row.inserted', after: { id, tenant_id: ACME, title: 'one' } },
    { ...common, action: 'row.updated', before: { title: 'one' }, after: { title: 'two' } },
    { ...common, action: 'row.deleted', before: { id, title: 'two' } },
  ]);
  const [, updated] = await app.events();
  expect(Object.keys(updated?.after ?? {})).toEqual(['title']);
});

test('excluded columns are left out, masked ones say only that they changed, personal ones are sealed', async () => {
  const app = await createTracked(
    `create table person (tenant_id uuid not null default bulkhead.tenant_id(), id text, email text, pin text,
       seen timestamptz, remark text, primary key (tenant_id, id));
     select bulkhead.protect_table('person'); grant select, insert, update, delete on person to test_app`,
    `select bulkhead.audit_track('person', '{"as": "user", "exclude": ["seen"], "mask": ["pin"],
       "personal": {"email": {"type": "user", "id": "id"}, "remark": {"type": "actor"}}}')`,
  );
  await app.asAcme(async () => {
    await app.pool.query(
      `insert into person values (default, 'p1', 'grace@example.com', '1234', now(), 'met on Monday')`,
    );
    await app.pool.query(`update person set seen = now()`);
    await app.pool.query(`update person set pin = '9999', email = null`);
  });
  const leaves = await app.leaves();
  expect(leaves).toHaveLength(2);
  for (const secret of ['grace', '1234', '9999', 'Monday', '"p1"']) {
    for (const { bytes } of leaves) {
      expect(bytes.toString()).not.toContain(secret);
    }
  }
  expect(await app.events()).toMatchObject([
    {
      targets: [{ type: 'user', id: 'p1' }],
      after: { email: 'grace@example.com', pin: { $masked: true }, remark: 'met on Monday' },
    },
    {
      before: { email: 'grace@example.com', pin: { $masked: true } },
      after: { email: null, pin: { $masked: true } },
    },
  ]);
  expect(leaves[0]?.json.commitments).toMatchObject({
    '/after/email': expect.any(String),
    '/after/remark': expect.any(String),
  });
});

test('values come out exactly: great numbers, NaN, arrays, JSON, bytes, times', async () => {
  const app = await createTracked(
    `create table odd (tenant_id uuid not null default bulkhead.tenant_id(), id int, big bigint, money numeric, nan float8,
       list int[], doc jsonb, trap jsonb, deep jsonb, raw bytea, at timestamptz, primary key (tenant_id, id));
     select bulkhead.protect_table('odd'); grant select, insert on odd to test_app`,
    `select bulkhead.audit_track('odd')`,
  );
  const deep = `${'['.repeat(50)}${']'.repeat(50)}`;
  await app.asAcme(() =>
    app.pool.query(
      `insert into odd values (default, 1, 9007199254740993, 12345678901234567890.1234, 'NaN', '{1,2}', '{"a": {"b": [1]}}', '{"__proto__": {"x": 1}}', $1, '\\x00ff', '2026-01-02T03:04:05Z')`,
      [deep],
    ),
  );
  expect(await app.events()).toMatchObject([
    {
      after: {
        big: '9007199254740993',
        money: '12345678901234567890.1234',
        nan: 'NaN',
        list: [1, 2],
        doc: { a: { b: [1] } },
        trap: '{"__proto__": {"x": 1}}',
        deep,
        raw: '\\x00ff',
        at: expect.stringContaining('2026-01-02T'),
      },
    },
  ]);
});

test('a huge row is recorded with the hashes of what was cut', async () => {
  const app = await createTracked(
    `create table wide (tenant_id uuid not null default bulkhead.tenant_id(), id int, body text, more text, primary key (tenant_id, id));
     create table many (tenant_id uuid not null default bulkhead.tenant_id(), ${Array.from({ length: 1200 }, (_, n) => `one_of_many_columns_${n} int`).join(', ')});
     select bulkhead.protect_table('wide'); select bulkhead.protect_table('many'); grant insert on wide, many to test_app`,
    `select bulkhead.audit_track('wide'); select bulkhead.audit_track('many')`,
  );
  await app.asAcme(async () => {
    await app.pool.query('insert into wide values (default, 1, $1, $2)', [
      'x'.repeat(10_000_000),
      'short',
    ]);
    await app.pool.query('insert into wide values (default, 2, $1, $2)', [
      'y'.repeat(4_000),
      'ü'.repeat(2_000),
    ]);
    const numbers = Array.from({ length: 1200 }, (_, n) => n);
    await app.pool.query(
      `insert into many (${numbers.map((n) => `one_of_many_columns_${n}`).join(', ')}) values (${numbers.join(', ')})`,
    );
  });
  const events = await app.events();
  expect(events).toMatchObject([
    {
      after: {
        body: { $cut: { bytes: 10_000_000, sha256: sha256('x'.repeat(10_000_000)) } },
        more: 'short',
      },
    },
    { after: { body: 'y'.repeat(4_000), more: 'ü'.repeat(2_000) } },
    {
      action: 'row.inserted',
      after: { $cut: { bytes: expect.any(Number), sha256: expect.any(String) } },
    },
  ]);
});

test('COPY, partitions, upserts, cascades and TRUNCATE are seen; TRUNCATE goes to the operators', async () => {
  const app = await createTracked(
    `create table log (tenant_id uuid not null, at date not null, n int not null, primary key (tenant_id, at, n)) partition by range (at);
     create table log_old partition of log for values from ('2000-01-01') to ('2020-01-01');
     create table child (tenant_id uuid, id int, note_id uuid, primary key (tenant_id, id),
       foreign key (tenant_id, note_id) references note (tenant_id, id) on delete cascade)`,
    `select bulkhead.audit_track('log'); select bulkhead.audit_track('child'); select bulkhead.audit_track('log');
     create table log_new partition of log for values from ('2020-01-01') to ('2100-01-01')`,
  );
  const { admin } = app;
  await admin.query(
    `copy log from program 'printf "${ACME}\\t2010-01-01\\t1\\n${BORA}\\t2025-01-01\\t2\\n"'`,
  );
  await admin.query(
    `insert into log values ('${ACME}', '2010-01-01', 1) on conflict (tenant_id, at, n) do update set n = 3`,
  );
  await admin.query(`insert into log_new values ('${ACME}', '2026-01-01', 4)`);
  const note = `insert into note (tenant_id, title) values ('${ACME}', 'parent') returning id`;
  await admin
    .query(`with p as (${note}) select id from p`)
    .then(({ rows }) => admin.query(`insert into child values ('${ACME}', 1, $1)`, [rows[0].id]));
  await admin.query(`delete from note where tenant_id = '${ACME}'`);
  await admin.query('truncate log');
  const acme = await app.events();
  expect(
    acme.map(({ action, targets }) => `${action} ${targets[0]?.type} ${targets[0]?.id}`),
  ).toEqual([
    'row.inserted log 2010-01-01,1',
    'row.updated log 2010-01-01,3',
    'row.inserted log 2026-01-01,4',
    'row.inserted child 1',
    'row.deleted child 1',
  ]);
  expect(acme[0]?.actor).toMatchObject({ type: 'database', id: expect.any(String) });
  expect(await app.events(BORA)).toMatchObject([
    { action: 'row.inserted', targets: [{ id: '2025-01-01,2' }] },
  ]);
  const operators = await app.events(OPERATORS_LOG);
  expect(operators.map(({ action, targets }) => `${action} ${targets[0]?.id}`).sort()).toEqual([
    // A partition made since has no trigger of its own, and its parent's tells of it.
    'table.truncated public.log',
    'table.truncated public.log_old',
  ]);
});

test("in a context a row is recorded in the context's log, even where no policy holds the table", async () => {
  const app = await createTracked(
    `create table loose (tenant_id uuid, id int primary key); grant insert on loose to test_app`,
    `select bulkhead.audit_track('loose')`,
  );
  await app.asAcme(() => app.pool.query(`insert into loose values ($1, 1)`, [BORA]));
  expect(await app.events(BORA)).toEqual([]);
  expect(await app.events(ACME)).toMatchObject([{ tenant: ACME, after: { tenant_id: BORA } }]);
});

test('rows of tables that inherit are seen, by whichever table they are changed, and no more once it is untracked', async () => {
  const app = await createTracked(
    `create table thing (tenant_id uuid, id int primary key, n int); create table gadget () inherits (thing)`,
    `select bulkhead.audit_track('thing')`,
  );
  await app.admin.query(`insert into gadget values ('${ACME}', 1, 1); update thing set n = 2`);
  const targets = [{ type: 'thing', id: '1' }];
  expect(await app.events()).toMatchObject([
    { action: 'row.inserted', targets },
    { action: 'row.updated', targets, after: { n: 2 } },
  ]);
  await app.admin.query(`select bulkhead.audit_untrack('thing'); delete from thing`);
  expect(await app.pending()).toEqual([]);
});

test('a column that is renamed after it was masked is not shown', async () => {
  const app = await createTracked(
    `create table vault (tenant_id uuid, id int primary key, pin text, title text)`,
    `select bulkhead.audit_track('vault', '{"mask": ["pin"]}')`,
  );
  await app.admin.query(
    `alter table vault rename pin to code; insert into vault values ('${ACME}', 1, '4711', 'Safe')`,
  );
  const [inserted] = await app.events();
  expect(inserted?.after).toEqual({
    tenant_id: ACME,
    id: 1,
    code: { $masked: true },
    title: 'Safe',
  });
});

test('rows of a table that is called as people are do not say whose pseudonym they have', async () => {
  const app = await createTracked(
    `create table "User" (tenant_id uuid, id text primary key, plan text)`,
    `select bulkhead.audit_track('"User"')`,
  );
  await app.admin.query(`insert into "User" values ('${ACME}', 'ada-lovelace', 'free')`);
  const [leaf] = await app.leaves();
  expect(leaf?.json).toMatchObject({ pseudonyms: ['/targets/0/id'] });
  expect(leaf?.bytes.toString()).not.toContain('ada-lovelace');
  expect(await app.events()).toMatchObject([
    { targets: [{ type: 'user', id: 'ada-lovelace' }], after: { id: 'ada-lovelace' } },
  ]);
});

test('no table but the app’s own is tracked: in a log, keys of ours could be read', async () => {
  const app = await createTracked();
  for (const table of ['bulkhead.context_key', 'pg_class', 'information_schema.sql_features']) {
    await expect(app.admin.query('select bulkhead.audit_track($1)', [table])).rejects.toMatchObject(
      { code: '42809' },
    );
  }
});

test('a column of another type is nobody’s tenant: changes in no context succeed, and are the operators’', async () => {
  const app = await createTracked(
    `create table ledger (tenant_id bigint, id int primary key); grant insert on ledger to test_app`,
    `select bulkhead.audit_track('ledger')`,
  );
  await app.admin.query('insert into ledger values (7, 1)');
  expect(await app.events(OPERATORS_LOG)).toMatchObject([{ after: { id: 1, tenant_id: 7 } }]);
  await expect(
    app.admin.query(`select bulkhead.audit_track('ledger', '{"tenant": "id"}')`),
  ).rejects.toMatchObject({ code: '42804', message: expect.stringContaining('ledger.id') });
});

test('what PostgreSQL computes when it is read stands in no event as null', async (context) => {
  const app = await createTracked();
  const { rows } = await app.admin.query('show server_version_num');
  context.skip(Number(rows[0]?.server_version_num) < 180_000, 'no virtual columns before 18');
  await app.admin.query(`
    create table sum (tenant_id uuid, id int primary key, a int,
      doubled int generated always as (a * 2) virtual, tripled int generated always as (a * 3) stored);
    select bulkhead.audit_track('sum')`);
  await app.admin.query('insert into sum values ($1, 1, 5)', [ACME]);
  const [inserted] = await app.events();
  expect(inserted?.after).toEqual({ a: 5, id: 1, tenant_id: ACME, tripled: 15 });
});

test('settings that fit no column are refused, and untracking ends it', async () => {
  const app = await createTracked();
  for (const settings of [
    '{"exclude": ["nope"]}',
    '{"colour": 1}',
    '{"class": "No"}',
    '{"personal": {"title": {"type": "user"}}}',
    '{"personal": {"title": {}}}',
    '{"personal": {"title": "actor"}}',
  ]) {
    await expect(
      app.admin.query('select bulkhead.audit_track($1, $2)', ['note', settings]),
    ).rejects.toMatchObject({
      message: expect.stringContaining('bulkhead:'),
    });
  }
  await app.admin.query(`select bulkhead.audit_untrack('note')`);
  await app.asAcme(() => app.pool.query(`insert into note (title) values ('unseen')`));
  expect(await app.pending()).toEqual([]);
});

// Reads and tries the whole schema.
const PROVER_MS = 60_000;

test(
  'the prover still holds every object of an app whose tables are tracked',
  async () => {
    const app = await createTracked();
    const proof = await prove(app.admin, { role: 'test_app' });
    const open = proof.objects.filter(({ verdict }) => verdict !== 'proven');
    expect(open.map(({ object, verdict, findings }) => ({ object, verdict, findings }))).toEqual(
      [],
    );
  },
  PROVER_MS,
);
