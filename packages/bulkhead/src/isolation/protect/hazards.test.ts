import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Client } from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { applyProtection, renderMigration } from './index.ts';
import { generatedName, quoteIdent } from './quote.ts';
import {
  ACME,
  APP_ROLE,
  GLOBEX,
  openSandbox,
  planFor,
  protect,
  TYPICAL,
  TYPICAL_REQUEST,
  TYPICAL_TABLES,
} from './testdata/typical.ts';

async function refusals(sql: string, tables: string[], request = {}): Promise<string[]> {
  const { admin } = await openSandbox(sql);
  const plan = await planFor(admin, tables, request);
  expect(plan.steps).toEqual(plan.refusals.length > 0 ? [] : plan.steps);
  // Every refusal says what to do about it.
  for (const { code, fix } of plan.refusals) expect(fix, code).toMatch(/\w+ \w+/);
  return plan.refusals.map((refusal) => refusal.code);
}

const ROOT = `create table p (id int primary key, tenant_id uuid not null); insert into p values (1, '${ACME}'), (2, '${GLOBEX}')`;

describe('refused, with nothing changed', () => {
  const cases: [string, string, string[], object, string[]][] = [
    ['a table that is not there', ROOT, ['nowhere'], {}, ['table_missing']],
    ['no primary key', 'create table t (tenant_id uuid not null)', ['t'], {}, ['no_primary_key']],
    [
      'a tenant column of text',
      'create table t (id int primary key, tenant_id text)',
      ['t'],
      {},
      ['tenant_column_not_uuid'],
    ],
    ['no way to a tenant', 'create table t (id int primary key)', ['t'], {}, ['no_backfill_path']],
    [
      'two ways to a tenant',
      `${ROOT}; create table t (id int primary key, a int not null references p, b int not null references p)`,
      ['p', 't'],
      {},
      ['ambiguous_path'],
    ],
    [
      'rows whose parent is null',
      `${ROOT}; create table t (id int primary key, a int references p); insert into t values (1, 1), (2, null)`,
      ['p', 't'],
      {},
      ['rows_without_tenant'],
    ],
    [
      'rows that cross tenants',
      `${ROOT}; create table t (id int primary key, tenant_id uuid not null, a int references p); insert into t values (1, '${ACME}', 2)`,
      ['p', 't'],
      {},
      ['rows_across_tenants'],
    ],
    [
      'a child that is not listed',
      `${ROOT}; create table t (id int primary key, a int references p)`,
      ['p'],
      {},
      ['foreign_key_unlisted'],
    ],
    [
      'an exclusion without btree_gist',
      'create table t (id int primary key, tenant_id uuid not null, during tstzrange, exclude using gist (during with &&))',
      ['t'],
      {},
      ['exclusion_needs_btree_gist'],
    ],
    [
      'a view, when views may not be altered',
      `${ROOT}; create view v as select * from p`,
      ['p'],
      { alterViews: false },
      ['view_without_invoker'],
    ],
    [
      'a materialized view the app reads',
      `${ROOT}; create materialized view v as select * from p; grant select on v to ${APP_ROLE}`,
      ['p'],
      {},
      ['materialized_view'],
    ],
    ['a rule', `${ROOT}; create rule r as on delete to p do instead nothing`, ['p'], {}, ['rule']],
    ['inheritance', `${ROOT}; create table child () inherits (p)`, ['p'], {}, ['inheritance']],
    [
      'a view named as a table',
      `${ROOT}; create view v as select * from p`,
      ['v'],
      {},
      ['kind_unsupported'],
    ],
    [
      'on update set null',
      `${ROOT}; create table t (id int primary key, tenant_id uuid not null, a int references p on update set null)`,
      ['p', 't'],
      {},
      ['foreign_key_unsupported'],
    ],
    [
      'a key a view groups by',
      `${ROOT}; create view v as select id, tenant_id from p group by id`,
      ['p'],
      {},
      ['key_in_use'],
    ],
  ];
  test.each(cases)('%s', async (_name, sql, tables, request, codes) => {
    expect(await refusals(sql, tables, request)).toEqual(codes);
  });

  test('a table that is not there, with those that may have been meant', async () => {
    const { admin } = await openSandbox(
      'create schema billing; create table billing.invoices (id int primary key); create table "Orders" (id int primary key)',
    );
    const fixOf = async (name: string) => (await planFor(admin, [name])).refusals[0]?.fix;
    expect(await fixOf('invoice')).toBe('did you mean billing.invoices?');
    expect(await fixOf('sales.Invoices')).toBe('did you mean billing.invoices?');
    expect(await fixOf('order')).toBe('did you mean "Orders"?');
    expect(await fixOf('nowhere')).toContain('--schema');
    expect(await fixOf('pg_clas')).toContain('--schema');
  });

  test('a table the app owns', async () => {
    const { admin } = await openSandbox(ROOT);
    await admin.query(`alter table p owner to ${APP_ROLE}`);
    expect((await planFor(admin, ['p'])).refusals.map((r) => r.code)).toEqual(['owned_by_app']);
  });
});

test('a partitioned table is closed from the parent and from each partition', async () => {
  const { admin, asTenant } = await openSandbox(`${ROOT};
    create table e (id int generated always as identity, at date not null, p_id int not null references p, primary key (id, at)) partition by range (at);
    create table e1 partition of e for values from ('2025-01-01') to ('2026-01-01');
    create table e2 partition of e for values from ('2026-01-01') to ('2027-01-01');
    create index e_at on e (at);
    grant select, insert, update, delete on p, e, e1, e2 to ${APP_ROLE};
    insert into e (at, p_id) select date '2025-06-01' + n, 1 + n % 2 from generate_series(1, 400) n`);
  await protect(admin, ['p', 'e']);
  expect(await asTenant(ACME, 'select * from e')).toHaveLength(200);
  expect(await asTenant(null, 'select * from e')).toHaveLength(0);
  await asTenant(ACME, "insert into e (at, p_id) values ('2026-03-01', 1)");
  await expect(
    asTenant(ACME, "insert into e (at, p_id) values ('2026-03-01', 2)"),
  ).rejects.toMatchObject({ code: '23503' });
  await expect(asTenant(ACME, 'select * from e1')).rejects.toMatchObject({ code: '42501' });
  const keys = await admin.query(
    "select indisvalid, pg_get_indexdef(indexrelid) as def from pg_index where indrelid = 'e'::regclass",
  );
  expect(keys.rows.every((row) => row.indisvalid && /\(tenant_id, /.test(row.def))).toBe(true);
  expect((await planFor(admin, ['p', 'e'])).steps).toEqual([]);
});

test('an exclusion constraint holds per tenant once btree_gist is there', async () => {
  const { admin, asTenant } = await openSandbox('select 1');
  await admin.query(`create extension btree_gist; create table t (id serial primary key, tenant_id uuid not null, during int4range, exclude using gist (during with &&));
    alter table t owner to test_owner; grant select, insert on t to ${APP_ROLE}`);
  await protect(admin, ['t']);
  await asTenant(ACME, "insert into t (during) values ('[1,5)')");
  await asTenant(GLOBEX, "insert into t (during) values ('[1,5)')");
  await expect(asTenant(ACME, "insert into t (during) values ('[2,3)')")).rejects.toMatchObject({
    code: '23P01',
  });
});

test('a big table that was never analysed does not pass for a small one', async () => {
  const { admin } = await openSandbox('select 1');
  await admin.query(
    `create extension btree_gist; create table t (id int primary key, tenant_id uuid not null, during int4range, exclude using gist (during with &&)) with (autovacuum_enabled = off);
     insert into t select n, '${ACME}', int4range(n, n + 1) from generate_series(1, 12000) n`,
  );
  const plan = await planFor(admin, ['t']);
  expect(plan.refusals.map((refusal) => refusal.code)).toEqual(['exclusion_blocks']);
});

test('the register of tenants keeps its global slug and shows a tenant its own row only', async () => {
  const { admin, asTenant } = await openSandbox(TYPICAL);
  await protect(admin, ['organizations', ...TYPICAL_TABLES], {
    ...TYPICAL_REQUEST,
    tenantColumns: ['organizations.id', 'org_id'],
  });
  expect(await asTenant(ACME, 'select slug from organizations')).toEqual([{ slug: 'acme' }]);
});

test("the app's own finer policies stay in force", async () => {
  const { admin, asTenant } = await openSandbox(
    `${ROOT}; alter table p enable row level security; create policy odd on p using (id % 2 = 1); grant select on p to ${APP_ROLE}`,
  );
  await protect(admin, ['p']);
  expect(await asTenant(ACME, 'select id from p')).toEqual([{ id: 1 }]);
  expect(await asTenant(GLOBEX, 'select id from p')).toEqual([]);
});

test('hostile names stay names', { timeout: 60_000 }, async () => {
  const name = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 15 })
    .filter((text) => !/[\0\p{Surrogate}]/u.test(text));
  const odd = fc.oneof(
    name,
    fc.constantFrom(
      'a"; drop table x; --',
      "it's",
      'new\nline; select 1',
      '$bulkhead$',
      'x'.repeat(63),
      '\\"\\',
      ':name',
      'ü'.repeat(31),
    ),
  );
  const { admin } = await openSandbox('select 1');
  await admin.query(`create schema "s"";\n--"; grant usage on schema "s"";\n--" to ${APP_ROLE}`);
  await fc.assert(
    fc.asyncProperty(odd, odd, odd, async (table, column, index) => {
      const schema = 's";\n--';
      const q = `${quoteIdent(schema)}.${quoteIdent(table)}`;
      await admin.query(`drop table if exists ${q}; create table ${q} (id int primary key, ${quoteIdent(column === 'id' || column === 'tenant_id' ? 'other' : column)} text);
        insert into ${q} values (1, 'a'); create unique index ${quoteIdent(index === table ? `${index.slice(0, 10)}_i` : index)} on ${q} (id desc)`);
      try {
        const plan = await protect(admin, [`${schema}.${table}`], { allTo: ACME });
        const comments = renderMigration({ ...plan, steps: [] }).split('\n');
        for (const line of comments) expect(line).toMatch(/^$|^--|^\\set |^set /);
        expect((await admin.query(`select tenant_id from ${q}`)).rows).toEqual([
          { tenant_id: ACME },
        ]);
      } finally {
        await admin.query(`drop table ${q}`);
      }
    }),
    { numRuns: 25 },
  );
});

test('generated names fit 63 bytes and differ where their sources differ', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ unit: 'grapheme', minLength: 1 }),
      (a, b) => {
        expect(Buffer.byteLength(generatedName(a, 'tenant'))).toBeLessThanOrEqual(63);
        if (a !== b) expect(generatedName(a, 'tenant')).not.toBe(generatedName(b, 'tenant'));
      },
    ),
  );
});

test('two runs at once exclude each other', async () => {
  const { admin, database } = await openSandbox(ROOT);
  const plan = await planFor(admin, ['p']);
  const connected = async () => {
    const client = new Client({ connectionString: database.superuserUrl });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  };
  const [other, holder] = [await connected(), await connected()];
  // The first is at work until the second was answered.
  await holder.query('begin; lock table p');
  let first: Promise<unknown> | undefined;
  await new Promise<void>((resolve) => {
    first = applyProtection(admin, plan, { onProgress: () => resolve() });
  });
  await expect(applyProtection(other, plan)).rejects.toMatchObject({
    code: 'isolation.protect_busy',
  });
  await holder.query('rollback');
  await first;
  expect((await planFor(admin, ['p'])).steps).toEqual([]);
});

test.skipIf(!hasPsql())(
  'the file keeps hostile names in their quotes',
  { timeout: 60_000 },
  async () => {
    const { admin, database } = await openSandbox('create table witness ()');
    const folder = mkdtempSync(join(tmpdir(), 'protect-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const names = [
      'a"; drop table witness; --',
      'n\ndrop table witness;\n\\! false\n--',
      "q'; drop table witness; --",
      '$bulkhead$; drop table witness; --',
      ':table',
      `${'ü'.repeat(31)}x`,
    ];
    for (const [at, name] of names.entries()) {
      await admin.query(
        `create table ${quoteIdent(name)} (id int primary key, ${quoteIdent(name)} text unique); insert into ${quoteIdent(name)} values (1, 'a')`,
      );
      const plan = await planFor(admin, [name], { allTo: ACME });
      const file = join(folder, `${at}.sql`);
      writeFileSync(file, renderMigration(plan, { command: `bulkhead protect ${name}` }));
      execFileSync('psql', ['-X', '-f', file, database.superuserUrl], { stdio: 'pipe' });
      expect((await planFor(admin, [name], { allTo: ACME })).steps).toEqual([]);
      expect((await admin.query(`select tenant_id from ${quoteIdent(name)}`)).rows).toEqual([
        { tenant_id: ACME },
      ]);
    }
    await admin.query('table witness');
  },
);

function hasPsql(): boolean {
  try {
    return execFileSync('psql', ['--version'], { encoding: 'utf8' }) !== '';
  } catch {
    return false;
  }
}
