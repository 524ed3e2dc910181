import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { applyProtection, renderMigration } from './index.ts';
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

const psql = (() => {
  try {
    return execFileSync('psql', ['--version'], { encoding: 'utf8' }) !== '';
  } catch {
    return false;
  }
})();

describe('a typical three-level schema', () => {
  test('a tenant sees its own rows only, and no context sees none', async () => {
    const { admin, asTenant } = await openSandbox(TYPICAL);
    await protect(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
    for (const table of TYPICAL_TABLES) {
      const of = async (tenant: string | null) =>
        (await asTenant(tenant, `select * from ${table}`)).length;
      const all = Number((await admin.query(`select count(*) from ${table}`)).rows[0].count);
      expect([await of(ACME), await of(GLOBEX), await of(null)]).toEqual([all / 2, all / 2, 0]);
    }
    const seen = await asTenant(ACME, 'select title from open_tasks');
    expect(seen.map((row) => row.title)).toEqual(expect.arrayContaining(['Rocket task 1']));
    expect(seen).toHaveLength(3);
  });

  test('a reference to another tenant fails exactly like one to nothing', async () => {
    const { admin, asTenant } = await openSandbox(TYPICAL);
    await protect(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
    const failure = (project: number) =>
      asTenant(ACME, `insert into tasks (project_id, title) values (${project}, 'x')`).then(
        () => 'inserted',
        (error: { code: string; constraint: string; message: string }) =>
          `${error.code} ${error.constraint} ${error.message}`,
      );
    expect(await failure(2)).toBe(await failure(999));
    expect(await failure(2)).toContain('23503 tasks_project_id_fkey');
    await asTenant(ACME, "insert into tasks (project_id, title) values (1, 'mine')");
  });

  test('on delete set null leaves the tenant, cascades still cascade, keys keep their names', async () => {
    const { admin, asTenant } = await openSandbox(TYPICAL);
    await protect(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
    await asTenant(ACME, 'delete from members');
    expect(await asTenant(ACME, 'select distinct tenant_id, assignee_id from tasks')).toEqual([
      { tenant_id: ACME, assignee_id: null },
    ]);
    await asTenant(ACME, 'delete from projects');
    expect((await admin.query('select distinct tenant_id from comments')).rows).toEqual([
      { tenant_id: GLOBEX },
    ]);
    const keys = await admin.query(
      "select conname, pg_get_constraintdef(oid) as def from pg_constraint where conrelid = 'comments'::regclass and contype in ('p','f') order by 1",
    );
    expect(keys.rows).toEqual([
      {
        conname: 'comments_parent_id_fkey',
        def: 'FOREIGN KEY (tenant_id, parent_id) REFERENCES comments(tenant_id, id)',
      },
      { conname: 'comments_pkey', def: 'PRIMARY KEY (tenant_id, id)' },
      {
        conname: 'comments_task_id_fkey',
        def: 'FOREIGN KEY (tenant_id, task_id) REFERENCES tasks(tenant_id, id) ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
      },
    ]);
  });

  test('uniques hold per tenant and every index is led by the tenant', async () => {
    const { admin, asTenant } = await openSandbox(TYPICAL);
    const plan = await protect(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
    expect(
      plan.notes.some(
        (note) =>
          note.level === 'warning' &&
          note.message.startsWith('projects_slug_key becomes unique per tenant'),
      ),
    ).toBe(true);
    await asTenant(
      GLOBEX,
      "insert into projects (org_id, slug, name) values (bulkhead.tenant_id(), 'rocket', 'x')",
    );
    await asTenant(
      GLOBEX,
      "insert into projects (slug, name) values ('rocket2', 'the default names the tenant')",
    );
    await expect(
      asTenant(ACME, "insert into projects (slug, name) values ('rocket', 'x')"),
    ).rejects.toMatchObject({ code: '23505', constraint: 'projects_slug_key' });
    const loose =
      await admin.query(`select indexrelid::regclass::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = any(array['members','projects','tasks','comments']::regclass[]) and a.attname not in ('tenant_id', 'org_id')`);
    expect(loose.rows).toEqual([]);
    const partial = await admin.query("select pg_get_indexdef('projects_name'::regclass) as def");
    expect(partial.rows[0].def).toContain("(org_id, lower(name) DESC) WHERE (name <> ''::text)");
  });

  test('the app holds no right that row-level security does not cover', async () => {
    const { admin, app } = await openSandbox(
      `${TYPICAL}; grant all on tasks to public; grant truncate, trigger on projects to ${APP_ROLE}`,
    );
    await protect(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
    for (const table of TYPICAL_TABLES) {
      await expect(app.query(`truncate ${table} cascade`)).rejects.toMatchObject({ code: '42501' });
    }
    const left = await admin.query(
      "select grantee, privilege_type from information_schema.role_table_grants where table_name = 'tasks' and grantee in ('PUBLIC', $1) order by 2",
      [APP_ROLE],
    );
    expect(left.rows.map((row) => `${row.grantee} ${row.privilege_type}`)).toEqual(
      ['DELETE', 'INSERT', 'SELECT', 'UPDATE'].map((p) => `${APP_ROLE} ${p}`),
    );
  });

  test('run again it has nothing to do', async () => {
    const { admin } = await openSandbox(TYPICAL);
    await protect(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
    const again = await planFor(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
    expect(again).toMatchObject({ steps: [], refusals: [], alreadyProtected: TYPICAL_TABLES });
  });

  test('cut off after any step, the next run completes it', { timeout: 120_000 }, async () => {
    const count = (
      await planFor((await openSandbox(TYPICAL)).admin, TYPICAL_TABLES, TYPICAL_REQUEST)
    ).steps.length;
    for (let stop = 1; stop < count; stop += 5) {
      const { admin, asTenant } = await openSandbox(TYPICAL);
      const plan = await planFor(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
      await applyProtection(
        admin,
        { ...plan, steps: plan.steps.slice(0, stop) },
        { pauseRatio: 0 },
      );
      await protect(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
      expect(await asTenant(ACME, 'select * from comments'), plan.steps[stop]?.id).toHaveLength(6);
      expect((await planFor(admin, TYPICAL_TABLES, TYPICAL_REQUEST)).steps).toEqual([]);
    }
  });

  test.skipIf(!psql)(
    'the written file does the same by psql, also when run twice',
    { timeout: 60_000 },
    async () => {
      const { admin, asTenant, database } = await openSandbox(TYPICAL);
      const plan = await planFor(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
      const folder = mkdtempSync(join(tmpdir(), 'protect-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, 'protect.sql');
      writeFileSync(file, renderMigration(plan));
      const run = (...more: string[]) =>
        execFileSync(
          'psql',
          ['-X', '-v', 'ON_ERROR_STOP=1', ...more, '-f', file, database.superuserUrl],
          { encoding: 'utf8', stdio: 'pipe' },
        );
      run('-v', 'prepare=1');
      expect(
        (await admin.query("select relrowsecurity from pg_class where relname = 'tasks'")).rows[0]
          .relrowsecurity,
      ).toBe(false);
      run();
      run();
      expect(await asTenant(ACME, 'select * from comments')).toHaveLength(6);
      expect((await planFor(admin, TYPICAL_TABLES, TYPICAL_REQUEST)).steps).toEqual([]);
    },
  );
});

test('an app with integer ids: a uuid on its register of tenants is carried down the foreign keys it has', async () => {
  const { admin, asTenant } = await openSandbox(`
    create table organizations (id serial primary key, slug text not null unique);
    create table projects (id serial primary key, organization_id int not null references organizations, name text not null);
    create table tasks (id serial primary key, project_id int not null references projects on delete cascade, title text not null);
    insert into organizations (slug) values ('acme'), ('globex');
    insert into projects (organization_id, name) select 1 + n % 2, 'p' || n from generate_series(1, 6) n;
    insert into tasks (project_id, title) select 1 + n % 6, 't' || n from generate_series(1, 60) n;
    alter table organizations add column tenant_id uuid not null default gen_random_uuid() unique;
    grant usage on all sequences in schema public to ${APP_ROLE};
    grant select, insert, update, delete on organizations, projects, tasks to ${APP_ROLE}`);
  await protect(admin, ['organizations', 'projects', 'tasks']);
  const { rows } = await admin.query<{ id: number; slug: string; tenant_id: string }>(
    'select * from organizations order by id',
  );
  for (const { id, slug, tenant_id } of rows) {
    expect(await asTenant(tenant_id, 'select id, slug from organizations')).toEqual([{ id, slug }]);
    expect(
      await asTenant(tenant_id, 'select distinct organization_id from projects order by 1'),
    ).toEqual([{ organization_id: id }]);
    expect(await asTenant(tenant_id, 'select from tasks')).toHaveLength(30);
    // The app goes on naming its own integers, and can name nobody else's.
    const add = (organization: number) =>
      asTenant(
        tenant_id,
        `insert into projects (organization_id, name) values (${organization}, 'new') returning tenant_id`,
      );
    expect(await add(id)).toEqual([{ tenant_id }]);
    await expect(add(id === 1 ? 2 : 1)).rejects.toMatchObject({ code: '23503' });
  }
});
