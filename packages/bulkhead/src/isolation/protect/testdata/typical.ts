/** The three-level schema of most tests, unprotected, and ways to look at it as the app's role. */

import { Client } from 'pg';
import { onTestFinished } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { parseContextKey } from '../../context-key.ts';
import { createContextSigner } from '../../signed-context.ts';
import { parseTenantId } from '../../tenant-context.ts';
import {
  type ApplyOptions,
  applyProtection,
  type ProtectRequest,
  planProtection,
  probeData,
  readTables,
  type Stage,
} from '../index.ts';

export const ACME = '11111111-1111-4111-8111-111111111111';
export const GLOBEX = '22222222-2222-4222-8222-222222222222';
export const APP_ROLE = 'test_app';

export interface Sandbox {
  readonly database: TestDatabase;
  readonly admin: Client;
  readonly app: Client;
  /** Runs `sql` as the app, under a signed context of the tenant (or none). */
  asTenant(tenant: string | null, sql: string): Promise<Record<string, unknown>[]>;
}

export async function openSandbox(sql: string): Promise<Sandbox> {
  const database = await createTestDatabase();
  const admin = new Client({ connectionString: database.superuserUrl });
  const app = new Client({ connectionString: database.appUrl });
  admin.on('error', () => {});
  app.on('error', () => {});
  await Promise.all([admin.connect(), app.connect()]);
  onTestFinished(async () => {
    await Promise.all([admin.end(), app.end()]);
    await database.drop();
  });
  await admin.query(
    `grant usage on schema public to ${APP_ROLE}; set role test_owner; ${sql}; reset role`,
  );
  const signer = createContextSigner(parseContextKey(database.contextKey), 300);
  return {
    database,
    admin,
    app,
    asTenant: async (tenant, text) => {
      await app.query('begin');
      try {
        if (tenant !== null) {
          const { token } = signer.sign(
            {
              kind: 'tenant',
              tenant: { id: parseTenantId(tenant) },
              actor: { type: 'system', id: 'test' },
              expiresAtMs: Date.now() + 600_000,
            },
            Date.now(),
          );
          await app.query("select set_config('bulkhead.context', $1, true)", [token]);
        }
        const result = await app.query<Record<string, unknown>>(text);
        await app.query('commit');
        return result.rows;
      } catch (error) {
        await app.query('rollback');
        throw error;
      }
    },
  };
}

export async function planFor(admin: Client, tables: string[], request: ProtectRequest = {}) {
  const catalog = await readTables(admin, tables, { appRole: APP_ROLE });
  return probeData(admin, planProtection(catalog, request));
}

export async function protect(
  admin: Client,
  tables: string[],
  request: ProtectRequest = {},
  until: Stage = 'contract',
  options: ApplyOptions = { pauseRatio: 0 },
) {
  const plan = await planFor(admin, tables, request);
  if (plan.refusals.length > 0) throw new Error(JSON.stringify(plan.refusals, null, 1));
  await applyProtection(admin, plan, { until, ...options });
  return plan;
}

/** organizations > projects > tasks > comments, with every kind of reference that matters. */
export const TYPICAL = `
create table organizations (id uuid primary key, slug text not null unique);
create table members (id serial primary key, org_id uuid not null references organizations, email text not null unique);
create table projects (id bigint generated always as identity primary key, org_id uuid not null references organizations,
  slug text not null, name text not null, constraint projects_slug_key unique (slug));
create index projects_name on projects (lower(name) desc) where name <> '';
create table tasks (id uuid primary key default gen_random_uuid(), project_id bigint not null references projects on delete cascade,
  assignee_id int references members on delete set null, title text not null);
create index tasks_project on tasks (project_id);
create table comments (id uuid primary key default gen_random_uuid(), task_id uuid not null references tasks on delete cascade on update cascade deferrable initially deferred,
  parent_id uuid references comments, body text not null);
create view open_tasks as select t.id, t.title, p.name from tasks t join projects p on p.id = t.project_id;
insert into organizations values ('${ACME}', 'acme'), ('${GLOBEX}', 'globex');
insert into members (org_id, email) values ('${ACME}', 'a@acme.test'), ('${GLOBEX}', 'g@globex.test');
insert into projects (org_id, slug, name) values ('${ACME}', 'rocket', 'Rocket'), ('${GLOBEX}', 'doom', 'Doom');
insert into tasks (project_id, assignee_id, title) select p.id, m.id, p.name || ' task ' || n
  from projects p join members m using (org_id), generate_series(1, 3) n;
insert into comments (task_id, body) select id, 'about ' || title from tasks;
insert into comments (task_id, parent_id, body) select task_id, id, 're: ' || body from comments;
grant select, insert, update, delete on organizations, members, projects, tasks, comments to ${APP_ROLE};
grant select on open_tasks to ${APP_ROLE};
grant usage on sequence members_id_seq to ${APP_ROLE}`;

export const TYPICAL_TABLES = ['members', 'projects', 'tasks', 'comments'];
export const TYPICAL_REQUEST = {
  tenantColumns: ['org_id'],
  via: ['project_id', 'task_id'],
} satisfies ProtectRequest;
