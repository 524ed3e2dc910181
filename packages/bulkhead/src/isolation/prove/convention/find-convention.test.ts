/** Role and convention are found without being named, and never guessed where a guess could hide a leak. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestDatabase } from '#test/database';
import { readCatalog } from '../catalog/read-catalog.ts';
import { prove } from '../prove.ts';
import { findConvention } from './find-convention.ts';
import { findRole } from './find-role.ts';
import { findTenancy } from './find-tenancy.ts';

const suffix = randomBytes(4).toString('hex');
const app = `c_app_${suffix}`;

/** A database with `sql` in it; `app` stands for a role of the test's own. */
async function databaseWith(sql: string): Promise<pg.Client> {
  const database = await createTestDatabase({ migrated: false });
  const client = new pg.Client(database.superuserUrl);
  await client.connect();
  await client.query(`create role ${app} login`);
  onTestFinished(async () => {
    await client.query(`drop owned by ${app} cascade; drop role ${app}`);
    await client.end();
    await database.drop();
  });
  await client.query(`grant usage on schema public to ${app}`);
  await client.query(sql.replaceAll(/\bapp\b(?!\.)/g, app));
  return client;
}

const conventionOf = async (sql: string) => {
  const catalog = await readCatalog(await databaseWith(sql));
  const convention = findConvention(catalog, {});
  const tenancy = findTenancy(catalog, convention);
  const kinds = [...tenancy].map(([oid, { kind }]) => [catalog.relations.get(oid)?.name, kind]);
  return { ...convention, kinds: Object.fromEntries(kinds) as Record<string, string> };
};

const TWO_TABLES = `
  create table organizations (id uuid primary key, name text);
  create table projects (id uuid primary key, org_id uuid not null references organizations);
  create table tasks (id uuid primary key, project_id uuid not null references projects);
  create table countries (code text primary key);
  alter table projects enable row level security;`;

describe('the convention', () => {
  it('is the setting that policies compare the tenant column with', async () => {
    const found = await conventionOf(`${TWO_TABLES}
      create policy p on projects using (org_id = current_setting('App.Org', true)::uuid or current_setting('app.debug', true) = 'on')`);
    expect(found).toMatchObject({ kind: 'setting', setting: 'app.org', tenantType: 'uuid' });
    expect(found.tenantColumns[0]).toBe('org_id');
    expect(found.trustedSettings).toEqual(['app.org']);
  });

  it('is found behind wrappers of wrappers', async () => {
    const found = await conventionOf(`${TWO_TABLES}
      create function inner_tenant() returns uuid language sql stable as $$ select current_setting('x.tenant', true)::uuid $$;
      create function outer_tenant() returns uuid language plpgsql stable as $$ begin return inner_tenant(); end $$;
      create policy p on projects using (org_id = (select outer_tenant()))`);
    expect(found).toMatchObject({ kind: 'setting', setting: 'x.tenant' });
  });

  it('is the token of Supabase, trusted whole', async () => {
    const found = await conventionOf(`${TWO_TABLES}
      create schema auth;
      create function auth.uid() returns uuid language sql stable as $$ select (current_setting('request.jwt.claims', true)::json ->> 'sub')::uuid $$;
      create table members (user_id uuid, org_id uuid references organizations);
      create policy p on projects using (org_id in (select m.org_id from members m where m.user_id = auth.uid()))`);
    expect(found).toMatchObject({ kind: 'jwt-claims', setting: 'request.jwt.claims' });
    expect(found.memberships.size).toBe(1);
  });

  it('is what the user says, with every setting in it', async () => {
    const client = await databaseWith(TWO_TABLES);
    const catalog = await readCatalog(client);
    const found = findConvention(catalog, {
      tenantExpression:
        "coalesce(current_setting('a.tenant', true), current_setting('b.tenant', true))::uuid",
    });
    expect(found.kind).toBe('expression');
    expect(found.trustedSettings).toEqual(['a.tenant', 'b.tenant']);
    await expect(
      prove(client, { role: app, tenantExpression: '1); drop table projects; select (1' }),
    ).rejects.toMatchObject({ code: 'isolation.prove_expression_invalid' });
  });
});

describe('an expression of the user’s', () => {
  const hidden = `${TWO_TABLES}
    create schema api;
    create table api.sessions (pid int, org_id uuid);
    create function api.current_org() returns uuid language sql stable security definer set search_path = pg_catalog, pg_temp
      as $$ select s.org_id from api.sessions s where s.pid = pg_backend_pid() limit 1 $$;
    create policy p on projects using (org_id = (select api.current_org()));
    grant usage on schema api to app; grant select on projects to app;`;
  const verdicts = async (sql: string, ...expressions: (string | undefined)[]) => {
    const client = await databaseWith(sql);
    const found: (string | undefined)[] = [];
    for (const tenantExpression of expressions) {
      const { objects } = await prove(client, { role: app, tenantExpression });
      found.push(objects.find(({ object }) => object === 'public.projects')?.verdict);
    }
    return found;
  };

  it('is found again in policies, whatever it is made of', async () => {
    const [unnamed, ...named] = await verdicts(
      hidden,
      undefined,
      'api.current_org()',
      '(select api.current_org())',
      'current_org( )',
    );
    expect(unnamed).not.toBe('proven');
    expect(named).toEqual(['proven', 'proven', 'proven']);
  });

  it('is not found in another function of another schema', async () => {
    const other = hidden.replaceAll('api.current_org() returns', 'public.current_org() returns');
    const asked = other.replace('(select api.current_org())', '(select public.current_org())');
    expect(await verdicts(asked, 'api.current_org()')).not.toEqual(['proven']);
  });
});

describe('a table', () => {
  it('is a tenant’s by its column, a child by its foreign key, or shared', async () => {
    const { kinds } = await conventionOf(`${TWO_TABLES}
      create policy p on projects using (org_id = current_setting('app.org', true)::uuid)`);
    expect(kinds).toEqual({
      organizations: 'registry',
      projects: 'tenant',
      tasks: 'child',
      countries: 'shared',
    });
  });
});

describe('the role', () => {
  it('is the login that was granted tables, not their owner, a superuser or a stranger', async () => {
    const catalog = await readCatalog(
      await databaseWith(`${TWO_TABLES} grant select on projects to app`),
    );
    expect(findRole(catalog, undefined).name).toBe(app);
  });

  it('is refused when it does not exist', async () => {
    const client = await databaseWith(TWO_TABLES);
    await expect(prove(client, { role: 'no such role' })).rejects.toMatchObject({
      code: 'isolation.prove_role_absent',
    });
  });
});
