/**
 * How much memory the grants of 100,000 tenants take in one process:
 *
 * `npm run build && node bench/access/memory.mjs [--tenants 100000] [--cache-mb 350] [--json]`
 *
 * Each tenant has twelve nodes, a role of its own, and two members with three grants. One of them asks in every
 * tenant, then again in the last thousand, and every answer is looked at. The process's own memory is read before
 * and at the end, after a collection where there is one (`--expose-gc`).
 */
import { randomUUID } from 'node:crypto';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { openGround } from './ground.mjs';

const { values } = parseArgs({
  options: {
    tenants: { type: 'string', default: '100000' },
    'cache-mb': { type: 'string', default: '350' },
    json: { type: 'boolean', default: false },
  },
});
const count = Number(values.tenants);
const AT_ONCE = 8;
const TARGET_MB = 512;
const ground = await openGround({ cacheBytes: Number(values['cache-mb']) * 1_000_000 });
const { admin, authorizer } = ground;
const tenants = Array.from({ length: count }, () => randomUUID());
try {
  await ground.publish(['invoice:read', 'invoice:write']);
  for (let from = 0; from < count; from += 5_000) await store(tenants.slice(from, from + 5_000));
  await admin.query('analyze');
  globalThis.gc?.();
  const beforeMB = rssMB();
  const startedMs = performance.now();
  let at = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (at < count) await ask(tenants[at++]);
    }),
  );
  const loadMs = (performance.now() - startedMs) / count;
  for (const tenant of tenants.slice(-1_000)) await ask(tenant);
  globalThis.gc?.();
  const report = {
    tenants: count,
    load: loadavg()[0],
    held: authorizer.state.actors,
    estimatedMB: Math.round(authorizer.state.bytes / 1e6),
    beforeMB,
    rssMB: rssMB(),
    peakMB: Math.round(process.resourceUsage().maxRSS / 1024),
    msEach: Number(loadMs.toFixed(2)),
  };
  report.met = report.peakMB <= TARGET_MB && report.held >= count;
  console.log(
    values.json
      ? JSON.stringify(report)
      : `${report.held.toLocaleString('en')} of ${count.toLocaleString('en')} tenants held, estimated ${report.estimatedMB} MB; the process ${report.rssMB} MB, ${report.beforeMB} before, ${report.peakMB} at its peak; ${report.msEach} ms a tenant, ${AT_ONCE} at once. ${report.met ? 'Met' : 'Missed'}: all held within ${TARGET_MB} MB. Load ${report.load.toFixed(1)}.`,
  );
} finally {
  await ground.close();
}

async function ask(tenant) {
  const checker = await ground.checkerOf(tenant, 'ann');
  if (!checker.can('invoice:read') || checker.can('invoice:write')) {
    throw new Error(`a wrong answer in ${tenant}`);
  }
}

function rssMB() {
  return Math.round(process.memoryUsage.rss() / 1e6);
}

async function store(ids) {
  const run = (text) => admin.query(text, [ids]);
  await run(`insert into bulkhead.access_epoch (tenant_id, epoch) select unnest($1::uuid[]), 1`);
  await run(`insert into bulkhead.node (tenant_id, id, kind, name, ancestors)
    select t, t, 'tenant', 'root', '{}' from unnest($1::uuid[]) as t`);
  await run(`insert into bulkhead.node (tenant_id, id, parent, kind, name, ancestors)
    select t, gen_random_uuid(), t, 'project', 'project', array[t] from unnest($1::uuid[]) as t, generate_series(1, 11)`);
  await run(`insert into bulkhead.membership (tenant_id, type, id, name)
    select t, 'user', name, name from unnest($1::uuid[]) as t, unnest(array['ann', 'bob']) as name`);
  await run(
    `insert into bulkhead.role (tenant_id, key, name) select unnest($1::uuid[]), 'reader', 'Reader'`,
  );
  await run(
    `insert into bulkhead.role_permission (tenant_id, role, permission) select unnest($1::uuid[]), 'reader', 'invoice:read'`,
  );
  await run(`insert into bulkhead.access_grant (tenant_id, holder_type, holder_id, role, node, granted_by)
    select t, 'user', name, 'reader', t, 'system:bench' from unnest($1::uuid[]) as t, unnest(array['ann', 'bob']) as name`);
  await run(`insert into bulkhead.access_grant (tenant_id, holder_type, holder_id, role, node, granted_by)
    select n.tenant_id, 'user', 'ann', role, n.id, 'system:bench'
      from unnest($1::uuid[]) as t
     cross join lateral (select * from bulkhead.node o where o.tenant_id = t and o.parent is not null order by o.id limit 1) as n
     cross join unnest(array['viewer', 'billing']) as role`);
}
