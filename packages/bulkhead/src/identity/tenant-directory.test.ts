import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { createTenantCache } from './tenant-cache.ts';
import { createTenantDirectory, type TenantDirectory } from './tenant-directory.ts';
import { createTenantLookup } from './tenant-lookup.ts';

let database: TestDatabase;
let admin: pg.Pool;
let app: pg.Pool;
let operator: pg.Pool;
let directory: TenantDirectory;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Pool({ connectionString: database.superuserUrl, max: 2 });
  // An idle connection of it may still be closing when the database is dropped.
  admin.on('error', () => undefined);
  app = new pg.Pool({ connectionString: database.appUrl, max: 2 });
  operator = new pg.Pool({ connectionString: database.operatorUrl, max: 1 });
  directory = createTenantDirectory(admin, 'cli:test');
});
afterAll(async () => {
  await Promise.all([admin.end(), app.end(), operator.end()]);
  await database.drop();
});

const coded = (code: string) => expect.objectContaining({ code });

describe('the directory', () => {
  it('registers, finds, renames, disables and enables a tenant', async () => {
    const made = await directory.create({ slug: 'acme', name: 'Acme', externalId: 'org_Acme' });
    expect(made).toMatchObject({
      slug: 'acme',
      name: 'Acme',
      externalId: 'org_Acme',
      status: 'active',
      domains: [],
    });
    expect(await directory.disable('ACME')).toMatchObject({ id: made.id, status: 'disabled' });
    expect(await directory.rename(made.id, 'Acme Inc')).toMatchObject({
      name: 'Acme Inc',
      status: 'disabled',
    });
    expect(await directory.enable('acme')).toMatchObject({ status: 'active' });
  });

  it('leads custom domains to one tenant, in one spelling', async () => {
    await directory.create({ slug: 'globex' });
    expect(await directory.addDomain('acme', 'Notizen.München.example')).toMatchObject({
      domains: ['notizen.xn--mnchen-3ya.example'],
    });
    const again = directory.addDomain('globex', 'notizen.xn--mnchen-3ya.example.');
    await expect(again).rejects.toEqual(coded('identity.domain_taken'));
    await expect(directory.removeDomain('globex', 'notizen.münchen.example')).rejects.toEqual(
      coded('identity.domain_absent'),
    );
    expect(await directory.removeDomain('acme', 'notizen.münchen.example')).toMatchObject({
      domains: [],
    });
  });

  it.each([
    '',
    'UPPER',
    'a_b',
    '-a',
    'a-',
    'a'.repeat(64),
    'a.b',
    '00000000-0000-4000-8000-000000000001',
    "a'b",
  ])('refuses the slug %j, and so does the table', async (slug) => {
    await expect(directory.create({ slug })).rejects.toEqual(
      coded('identity.tenant_fields_invalid'),
    );
    const raw = admin.query('insert into bulkhead.tenant (slug, name) values ($1, $2)', [
      slug,
      'x',
    ]);
    await expect(raw).rejects.toMatchObject({ code: '23514' });
  });

  it.each(['acme', 'ACME', '00000000-0000-4000-8000-00000000000A', '*', 'a b'])(
    'refuses the external id %j, which reads as another name or as none',
    async (externalId) => {
      const made = directory.create({ slug: 'ext', externalId });
      await expect(made).rejects.toEqual(coded('identity.tenant_fields_invalid'));
      const raw = admin.query(
        `insert into bulkhead.tenant (slug, name, external_id) values ('ext', 'x', $1)`,
        [externalId],
      );
      await expect(raw).rejects.toMatchObject({ code: '23514' });
    },
  );

  it('refuses a second tenant of the same slug and an unknown one', async () => {
    await expect(directory.create({ slug: 'acme' })).rejects.toEqual(
      coded('identity.tenant_exists'),
    );
    await expect(directory.disable('nobody')).rejects.toEqual(coded('identity.tenant_absent'));
    await expect(directory.disable("' or true --")).rejects.toEqual(
      coded('identity.tenant_absent'),
    );
  });

  it('lists in pages', async () => {
    const first = await directory.list({ limit: 1 });
    expect(first).toMatchObject({ tenants: [{ slug: 'acme' }], next: 'acme' });
    expect((await directory.list({ after: 'acme', limit: 1 })).tenants[0]?.slug).toBe('globex');
    expect((await directory.list({ after: 'zzz' })).next).toBeNull();
  });

  it('records every change once, and nothing where nothing changed', async () => {
    await directory.create({ slug: 'recorded' });
    await directory.disable('recorded');
    await directory.disable('recorded');
    const { rows } = await admin.query(
      `select c.action, c.actor, c.before->>'status' as before, c.after->>'status' as after
         from bulkhead.tenant_change c join bulkhead.tenant t on t.id = c.tenant_id
        where t.slug = 'recorded' order by c.id`,
    );
    expect(rows).toEqual([
      { action: 'create', actor: 'cli:test', before: null, after: 'active' },
      { action: 'disable', actor: 'cli:test', before: 'active', after: 'disabled' },
    ]);
  });
});

describe('importing', () => {
  beforeAll(() =>
    admin.query(`
      create table organizations (id uuid primary key, "Handle" text, title text);
      insert into organizations values
        ('00000000-0000-4000-8000-0000000000a1', 'Initech', 'Initech'),
        ('00000000-0000-4000-8000-0000000000a2', 'hooli', 'Hooli')`),
  );
  const source = { table: 'public.organizations', id: 'id', slug: 'Handle', name: 'title' };

  it('registers what is there, and on a second run only what is new', async () => {
    expect(await directory.importFrom(source)).toEqual({ imported: 2, present: 0 });
    expect(await directory.get('initech')).toMatchObject({
      id: '00000000-0000-4000-8000-0000000000a1',
    });
    expect(await directory.importFrom(source)).toEqual({ imported: 0, present: 2 });
  });

  it('imports nothing when one row can’t be a tenant, and names it', async () => {
    await admin.query(`insert into organizations values
      ('00000000-0000-4000-8000-0000000000a3', 'fine', 'Fine'),
      ('00000000-0000-4000-8000-0000000000a4', 'not fine', 'x')`);
    await expect(directory.importFrom(source)).rejects.toThrow(/0000000000a4 \(slug "not fine"\)/);
    await expect(directory.get('fine')).rejects.toEqual(coded('identity.tenant_absent'));
    await admin.query(
      `update organizations set "Handle" = 'turned', title = e'a\\u202eb' where id::text like '%a4'`,
    );
    await expect(directory.importFrom(source)).rejects.toThrow(/0000000000a4 \(slug "turned"\)/);
  });

  it('names no tenant by what breaks a line or turns text around', async () => {
    for (const name of ['a\nb', 'a\u202eb', 'a\ud800b', ' ']) {
      const refused = coded('identity.tenant_fields_invalid');
      await expect(directory.create({ slug: 'named', name })).rejects.toEqual(refused);
      await expect(directory.rename('acme', name)).rejects.toEqual(refused);
    }
  });

  it.each([{ table: 'nowhere' }, { table: 'a;drop table x' }, { id: 'x"y' }, { name: 'absent' }])(
    'refuses %j',
    async (changes) => {
      await expect(directory.importFrom({ ...source, ...changes })).rejects.toEqual(
        coded('identity.import_invalid'),
      );
    },
  );
});

describe('the app’s role', () => {
  it('finds one tenant by id, slug, external id and domain', async () => {
    const { id } = await directory.addDomain('acme', 'notes.acme.example');
    const find = createTenantLookup(app);
    const acme = { id, slug: 'acme', status: 'active', externalId: 'org_Acme' };
    expect(await find('id', id)).toEqual(acme);
    expect(await find('slug', 'acme')).toEqual(acme);
    expect(await find('external', 'org_Acme')).toEqual(acme);
    expect(await find('domain', 'notes.acme.example')).toEqual(acme);
    expect(await find('id', 'no uuid')).toBeNull();
    expect(await find('slug', '%')).toBeNull();
    expect(await find('anything' as 'slug', 'acme')).toBeNull();
  });

  it('can neither read nor write the directory', async () => {
    for (const sql of [
      'select * from bulkhead.tenant',
      'select * from bulkhead.tenant_domain',
      'select * from bulkhead.tenant_change',
      `update bulkhead.tenant set status = 'active'`,
      `insert into bulkhead.tenant (slug, name) values ('x', 'x')`,
      'delete from bulkhead.tenant_domain',
      'truncate bulkhead.tenant_change',
    ]) {
      await expect(app.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('would see no row even if someone granted it the tables', async () => {
    await admin.query('grant select on bulkhead.tenant, bulkhead.tenant_domain to test_app');
    expect((await app.query('select * from bulkhead.tenant')).rows).toEqual([]);
    expect((await app.query('select * from bulkhead.tenant_domain')).rows).toEqual([]);
  });

  it('is told of a disabled tenant when the short memory ends', async () => {
    let nowMs = Date.now();
    const finder = createTenantCache(createTenantLookup(app), { nowMs: () => nowMs });
    expect(await finder.find('slug', 'acme')).toMatchObject({ status: 'active' });
    await directory.disable('acme');
    nowMs += 5_000;
    expect(await finder.find('slug', 'acme')).toMatchObject({ status: 'disabled' });
    await directory.enable('acme');
  });
});

describe('the change log', () => {
  it('can’t be changed, not even by its owner', async () => {
    const client = await admin.connect();
    try {
      await client.query('begin; set local role bulkhead');
      expect((await client.query(`update bulkhead.tenant_change set actor = 'x'`)).rowCount).toBe(
        0,
      );
      expect((await client.query('delete from bulkhead.tenant_change')).rowCount).toBe(0);
      await client.query('rollback');
    } finally {
      client.release();
    }
  });

  it('names the operator’s login', async () => {
    await createTenantDirectory(operator, 'ada').rename('globex', 'Globex Corp');
    const { rows } = await admin.query(
      `select actor, database_user from bulkhead.tenant_change order by id desc limit 1`,
    );
    expect(rows).toEqual([{ actor: 'ada', database_user: 'test_operator' }]);
  });
});
