/**
 * What the decision costs inside row-level security, on a table of 100,000 rows:
 *
 * `npm run build && node bench/access/permits.mjs [--rows 100000] [--projects 1000] [--rounds 7] [--json]`
 *
 * A member who was granted a fifth of the projects counts all rows of the tenant: behind the tenant's policy alone,
 * with a plain list of the same projects in the statement, with `bulkhead.permitted_nodes` as a policy, and with
 * `bulkhead.permits` for every row, of which only the first 2,000 are counted. Times are the server's own
 * (`explain analyze`), in rounds that take turns.
 */
import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { openGround } from './ground.mjs';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    projects: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const count = Number(values.projects);
/** How many are asked about one by one. */
const fewRows = Math.min(rows, 2 * count);
const ground = await openGround();
const { admin } = ground;
try {
  const tenant = randomUUID();
  const projects = Array.from({ length: count }, () => randomUUID());
  const granted = projects.filter((_, at) => at % 5 === 0);
  const reader = { key: 'reader', permissions: ['invoice:read'] };
  await ground.store({
    tenant,
    permissions: ['invoice:read'],
    nodes: [
      { id: tenant, parent: null, kind: 'tenant', path: [tenant] },
      ...projects.map((id) => ({ id, parent: tenant, kind: 'project', path: [tenant, id] })),
    ],
    roles: [reader],
    people: [{ id: 'ada', grants: granted.map((node) => ({ role: reader, node })) }],
  });
  const tables = {
    'the tenant alone': null,
    'permitted_nodes, once a statement': `project in (select bulkhead.permitted_nodes('invoice:read', 'project'))`,
    'permits, for every row': `bulkhead.permits('invoice:read', project)`,
  };
  const ways = [];
  for (const [at, [name, condition]] of Object.entries(tables).entries()) {
    const table = `invoice_${at}`;
    await admin.query(`create table public.${table} (tenant_id uuid not null default bulkhead.tenant_id(),
      id bigint generated always as identity, project uuid not null, primary key (tenant_id, id))`);
    await admin.query(
      `insert into public.${table} (tenant_id, project)
       select $1, ($2::uuid[])[n % $3 + 1] from generate_series(1, $4::int) n`,
      [tenant, projects, count, rows],
    );
    await admin.query(`select bulkhead.protect_table('public.${table}')`);
    if (condition !== null)
      await admin.query(
        `create policy may_read on public.${table} as restrictive for select using (${condition})`,
      );
    await admin.query(`grant select on public.${table} to bench_app`);
    const each = condition?.startsWith('bulkhead.permits') === true;
    ways.push({
      name,
      table,
      where: each ? 'where id <= $1' : '',
      values: each ? [fewRows] : [],
      asked: each ? fewRows : rows,
      times: [],
      found: 0,
    });
  }
  const [first] = ways;
  ways.splice(1, 0, {
    ...first,
    name: 'the tenant, and the same projects listed in the statement',
    where: 'where project = any ($1::uuid[])',
    values: [granted],
    times: [],
  });
  await admin.query('vacuum analyze');
  await admin.query('grant usage on schema public to bench_app');
  const enter = () =>
    admin.query(`select set_config('bulkhead.context', $1, false)`, [
      ground.tokenOf(tenant, 'ada'),
    ]);
  await admin.query('set role bench_app');
  for (const way of ways) {
    await enter();
    const { rows: answer } = await admin.query(
      `select count(*)::int as found from public.${way.table} ${way.where}`,
      way.values,
    );
    way.found = answer[0].found;
  }
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const way of ways) {
      await enter();
      const { rows: plan } = await admin.query(
        `explain (analyze, timing off, format json) select count(*) from public.${way.table} ${way.where}`,
        way.values,
      );
      const [{ 'Planning Time': planMs, 'Execution Time': runMs }] = plan[0]['QUERY PLAN'];
      way.times.push(planMs + runMs);
    }
  }
  const report = {
    rows,
    projects: count,
    granted: granted.length,
    load: loadavg()[0],
    ways: ways.map(({ name, found, asked, times }) => {
      const ms = times.sort((a, b) => a - b)[times.length >> 1];
      return {
        name,
        rowsAsked: asked,
        rowsSeen: found,
        ms: Number(ms.toFixed(1)),
        usARow: Number(((ms * 1_000) / asked).toFixed(2)),
      };
    }),
  };
  const share = granted.length / count;
  const agree = report.ways
    .slice(1)
    .every(({ rowsSeen, rowsAsked }) => rowsSeen === rowsAsked * share);
  if (values.json) console.log(JSON.stringify({ ...report, agree }));
  else {
    for (const way of report.ways)
      console.log(
        `${way.ms} ms, ${way.usARow} µs a row: ${way.name}, ${way.rowsSeen.toLocaleString('en')} of ${way.rowsAsked.toLocaleString('en')} rows seen`,
      );
    console.log(`Load ${report.load.toFixed(1)}.`);
  }
  if (!agree) {
    console.error('The ways disagree on which rows may be seen.');
    process.exitCode = 1;
  }
} finally {
  await ground.close();
}
