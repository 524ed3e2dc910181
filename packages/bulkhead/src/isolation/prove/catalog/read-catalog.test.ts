/** What the prover reads is what is there: hostile names, hidden parts, a database that changes meanwhile. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { prove } from '../prove.ts';
import { readCatalog } from './read-catalog.ts';

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function database(): Promise<TestDatabase & { admin: pg.Client }> {
  const made = await createTestDatabase({ migrated: false });
  onTestFinished(() => made.drop());
  const admin = await connected(made.superuserUrl);
  await admin.query('grant usage on schema public to test_app');
  return { ...made, admin };
}

const TABLE = `create table notes (id int primary key, tenant_id uuid not null, body text);
  alter table notes enable row level security; alter table notes force row level security;
  create policy own on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
  grant select, insert on notes to test_app;`;

describe('hostile names', () => {
  it.each([
    ['quotes', `we"ird'; drop table x --`],
    ['a newline', 'two\nlines'],
    ['a dot', 'a.b'],
    ['63 bytes', 'é'.repeat(31)],
    ['a keyword', 'select'],
    ['a backslash', 'back\\slash'],
    ['a bidirectional mark', 'left\u202eright'],
  ])('with %s are reported raw, and their fix closes the leak', async (_what, name) => {
    const { admin } = await database();
    const table = admin.escapeIdentifier(name);
    await admin.query(
      `create table ${table} (${table} uuid primary key default gen_random_uuid(), tenant_id uuid not null, body text); grant select, insert on ${table} to test_app`,
    );
    const before = await prove(admin, { role: 'test_app' });
    const leak = before.objects.find(({ object }) => object === `public.${name}`);
    expect(leak).toMatchObject({ verdict: 'leak' });
    const [finding] = leak?.findings ?? [];
    expect(finding).toMatchObject({ kind: 'rls-not-enabled', confirmed: true });
    await admin.query(finding?.fix ?? '');
    const after = await prove(admin, { role: 'test_app' });
    expect(after.objects.find(({ object }) => object === `public.${name}`)?.verdict).toBe('proven');
  });
});

describe('a reader that is shown too little', () => {
  it('proves nothing, names what was hidden, and still sees the leaks', async () => {
    const { admin, superuserUrl } = await database();
    await admin.query(
      `${TABLE} create table open (tenant_id uuid); grant select on open to test_app`,
    );
    const reader = `r_${randomBytes(4).toString('hex')}`;
    await admin.query(`create role ${reader} login password 'reader'`);
    await admin.query('revoke select on pg_catalog.pg_policy from public');
    onTestFinished(async () => {
      await admin.query(`drop owned by ${reader}; drop role ${reader}`);
    });
    const url = new URL(superuserUrl);
    url.username = reader;
    url.password = 'reader';
    const proof = await prove(await connected(url.href), { role: 'test_app' });
    const verdicts = Object.fromEntries(proof.objects.map((one) => [one.object, one.verdict]));
    expect(verdicts).toMatchObject({ 'public.open': 'leak', 'public.notes': 'unknown' });
    expect(proof.summary.proven).toBe(0);
    expect(proof.notSeen.join('\n')).toContain('policies: permission denied for table pg_policy');
  });
});

describe('a proof', () => {
  it('leaves neither a row, a number nor an object behind', async () => {
    const { admin } = await database();
    await admin.query(`${TABLE} create table counted (id bigserial, tenant_id uuid, body text);
      grant all on counted, counted_id_seq to test_app; insert into counted (body) values ('x')`);
    const state = async () =>
      (
        await admin.query(`select (select count(*) from pg_class) as relations, (select count(*) from pg_proc) as routines,
          (select last_value from counted_id_seq) as drawn, (select count(*) from counted) as counted, (select count(*) from notes) as notes,
          (select string_agg(rolname, ',' order by rolname) from pg_roles where rolname like 'test_%') as roles, current_setting('search_path') as path, current_user as me`)
      ).rows[0];
    const before = await state();
    const proof = await prove(admin, { role: 'test_app' });
    expect(proof.objects.find(({ object }) => object === 'public.counted')?.verdict).toBe('leak');
    expect(await state()).toEqual(before);
  });

  it('says the same twice, byte for byte', async () => {
    const { admin } = await database();
    await admin.query(`${TABLE} create table open (tenant_id uuid); grant all on open to test_app`);
    const [one, two] = [
      await prove(admin, { role: 'test_app' }),
      await prove(admin, { role: 'test_app' }),
    ];
    expect(JSON.stringify(one)).toBe(JSON.stringify(two));
  });

  it('is made while tables come and go', async () => {
    const { admin, superuserUrl } = await database();
    await admin.query(TABLE);
    const other = await connected(superuserUrl);
    let isDone = false;
    onTestFinished(async () => {
      isDone = true;
      await churn;
    });
    const churn = (async () => {
      for (let at = 0; !isDone; at += 1) {
        await other.query(`create table t${at} (tenant_id uuid, check (tenant_id is not null)); create view v${at} as select * from t${at};
          create policy p on t${at} using (tenant_id is null); grant select on t${at} to test_app`);
        await other.query(`drop table t${at} cascade`);
      }
    })();
    for (let at = 0; at < 5; at += 1) {
      const catalog = await readCatalog(admin);
      expect([...catalog.relations.values()].some(({ name }) => name === 'notes')).toBe(true);
      const proof = await prove(admin, { role: 'test_app' });
      expect(proof.objects.find(({ object }) => object === 'public.notes')?.verdict).toBe('proven');
    }
  });
});
