/** Lists and row-level security: the same decision, asked once for a whole statement. */
import { describe, expect, it } from 'vitest';
import { ACME, type AccessApp, createStaffedApp } from '#test/access-app';

const workspace = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const project = (n: number) => `00000000-0000-4000-9000-${String(n).padStart(12, '0')}`;

/** Workspaces with projects below them, and a table of invoices, one a project, behind a policy. */
async function withInvoices(app: AccessApp, workspaces: number, projects: number): Promise<void> {
  await app.admin.query(
    `insert into bulkhead.node (tenant_id, id, parent, kind, name, ancestors)
     select $1::uuid, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, $1::uuid, 'workspace', 'w', array[$1::uuid]
       from generate_series(1, $2::int) n`,
    [ACME, workspaces],
  );
  await app.admin.query(
    `insert into bulkhead.node (tenant_id, id, parent, kind, name, ancestors)
     select $1::uuid, ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, w.id, 'project', 'p', array[$1::uuid, w.id]
       from generate_series(1, $3::int) n
      cross join lateral (select ('00000000-0000-4000-8000-' || lpad((n % $2::int + 1)::text, 12, '0'))::uuid as id) w`,
    [ACME, workspaces, projects],
  );
  await app.admin.query(`
    create table public.invoice (
      tenant_id uuid not null default bulkhead.tenant_id(),
      id bigint generated always as identity,
      project uuid not null,
      primary key (tenant_id, id)
    );
    select bulkhead.protect_table('public.invoice');
    create policy may_read on public.invoice as restrictive for select
      using (project in (select bulkhead.permitted_nodes('invoice:read', 'project')));
    grant usage on schema public to test_app;
    grant select on public.invoice to test_app;`);
  await app.admin.query(
    `insert into public.invoice (tenant_id, project)
     select $1, ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid from generate_series(1, $2::int) n`,
    [ACME, projects],
  );
  await app.admin.query('analyze');
}

const count = (app: AccessApp, who: string, text: string, values: unknown[] = []) =>
  app.as(who, async () => Number((await app.pool.query(text, values)).rows[0]?.count));

describe('listPermitted and the policy of a table', () => {
  it('give exactly the rows for which the decision is yes', async () => {
    const app = await createStaffedApp();
    await withInvoices(app, 4, 40);
    const { access } = app;
    await app.as('owner', async () => {
      const nobody = { type: 'user', id: 'nobody' } as const;
      await access.grants.create({ holder: nobody, role: 'member', node: workspace(2) });
      await access.grants.create({ holder: nobody, role: 'viewer', node: project(3) });
      await access.grants.create({ holder: nobody, role: 'billing', node: workspace(4) });
    });
    for (const who of ['owner', 'member', 'billing', 'nobody']) {
      const allowed = await app.as(who, async () => {
        const checks = Array.from({ length: 40 }, (_, n) => ({
          permission: 'invoice:read',
          node: project(n + 1),
        }));
        const answers = await access.canAll(checks);
        return checks.filter((_, n) => answers[n]).map(({ node }) => node);
      });
      const byPolicy = await app.as(who, () =>
        app.pool.query('select project from invoice order by 1'),
      );
      expect(
        byPolicy.rows.map((row) => row.project),
        who,
      ).toEqual(allowed);
      const mine = access.listPermitted('invoice:read', 'project');
      const byList = await app.as(who, () =>
        app.pool.query(`select n from unnest($3::uuid[]) n where n in (${mine.text}) order by 1`, [
          ...mine.values,
          Array.from({ length: 40 }, (_, n) => project(n + 1)),
        ]),
      );
      expect(
        byList.rows.map(({ n }) => n),
        who,
      ).toEqual(allowed);
      // The owner asks about others, and each about themself, page by page.
      for (const [asker, about] of [
        ['owner', { actorType: 'user', actorId: who } as const],
        [who, {}],
      ] as const) {
        const listed: string[] = [];
        let after: string | undefined;
        do {
          const page = await app.as(asker, () =>
            access.permitted({
              permission: 'invoice:read',
              kind: 'project',
              limit: 15,
              ...about,
              ...(after !== undefined && { after }),
            }),
          );
          listed.push(...page.items.map(({ id }) => id));
          after = page.next ?? undefined;
        } while (after !== undefined);
        expect(listed, `${who}, says ${asker}`).toEqual(allowed);
      }
      const below = await app.as(who, () =>
        access.permitted({ permission: 'invoice:read', kind: 'project', node: workspace(1) }),
      );
      const permitted = new Set(allowed);
      expect(below.items.every(({ id }) => permitted.has(id))).toBe(true);
    }
    await expect(
      app.as('nobody', () =>
        access.permitted({ permission: 'invoice:read', actorType: 'user', actorId: 'owner' }),
      ),
    ).rejects.toMatchObject({ code: 'access.denied' });
    expect(access.listPermitted('invoice:read').at(3)).toBe(
      'select bulkhead.permitted_nodes($3::text, $4::text)',
    );
  });

  it('take a key’s limits into account', async () => {
    const app = await createStaffedApp();
    await withInvoices(app, 4, 40);
    await app.admin.query(
      `select bulkhead.access_delegate($1, 'user:owner', 'k', 'user', 'owner', '{invoice:read}', $2, null)`,
      [ACME, [workspace(1)]],
    );
    const rows = await app.as({ type: 'api_key', id: 'k' }, () =>
      app.pool.query('select project from invoice'),
    );
    expect(rows.rowCount).toBe(10);
  });

  it('ask once for a statement, also over a hundred thousand nodes and rows', async () => {
    const app = await createStaffedApp();
    await withInvoices(app, 100, 100_000);
    await app.as('owner', async () => {
      for (const n of [1, 2, 3]) {
        await app.access.grants.create({
          holder: { type: 'user', id: 'nobody' },
          role: 'member',
          node: workspace(n),
        });
      }
    });
    expect(await count(app, 'nobody', 'select count(*) from invoice')).toBe(3_000);
    expect(await count(app, 'member', 'select count(*) from invoice')).toBe(100_000);
    const startedMs = performance.now();
    await count(app, 'nobody', 'select count(*) from invoice');
    // A fifth of a second on a quiet machine; a question a row would take half a minute.
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    // The plan hashes what was asked once.
    await app.admin.query(`set role test_app`);
    const { rows } = await app.admin.query('explain select * from public.invoice');
    await app.admin.query('reset role');
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
      /hashed SubPlan|Hash (Semi )?Join/,
    );
  }, 60_000);

  it('refuse what is no permission before it reaches the database', async () => {
    const app = await createStaffedApp();
    expect(() => app.access.listPermitted(`x') or true --`)).toThrow(
      expect.objectContaining({ code: 'kernel.input_invalid' }),
    );
    expect(() => app.access.listPermitted('invoice:read', 'projects')).toThrow(
      expect.objectContaining({ code: 'kernel.input_invalid' }),
    );
    await expect(
      app.as('owner', () => {
        const made = app.access.listPermitted('invoice:nope');
        return app.pool.query(made.text, [...made.values]);
      }),
    ).rejects.toMatchObject({ message: 'access.permission_unknown' });
  });
});
