/** What docs/guides/jobs.md shows, run. */
import { expect, test } from 'vitest';
import { twoTenants } from '../query-layers/two-tenants.ts';

test('a job works as the tenant it carries, and an operator counts across all', async () => {
  const { bulkhead, pool, everything } = await twoTenants();
  const queue: { tenant: string; title: string }[] = [];
  const enqueue = (job: { tenant: string; title: string }) => queue.push(job);
  await bulkhead.asTenant('globex', async () => {
    // #region enqueue
    enqueue({ tenant: bulkhead.context().tenant.id, title: 'Monthly report' });
    // #endregion
  });
  // #region work
  async function work(job: { tenant: string; title: string }): Promise<void> {
    await bulkhead.asTenant(
      job.tenant,
      async () => {
        await pool.query('insert into note (title) values ($1)', [job.title]);
      },
      { actor: { type: 'system', id: 'report-worker' } },
    );
  }
  // #endregion
  for (const job of queue) await work(job);
  expect(
    await everything(
      "select t.slug from note n join bulkhead.tenant t on t.id = n.tenant_id where title = 'Monthly report'",
    ),
  ).toEqual([{ slug: 'globex' }]);
  // #region operator
  const perTenant = await bulkhead.asOperator(
    { reason: 'Invoice run for November', actor: { type: 'operator', id: 'dana' } },
    async () => {
      const { rows } = await pool.query(
        'select tenant_id, count(*)::int as notes from note group by tenant_id order by tenant_id',
      );
      return rows;
    },
  );
  // #endregion
  expect(perTenant.map((row) => row.notes)).toEqual([2, 3]);
  expect(await everything('select actor, reason, outcome from bulkhead.operator_crossing')).toEqual(
    [{ actor: 'operator:dana', reason: 'Invoice run for November', outcome: 'completed' }],
  );
});
