/**
 * What a request costs that goes the whole way: token, context, authorize, scoped query, event; beside the same
 * handler without any of it, on the same server and in the same run.
 *
 * `npm run build && node bench/http/read.mjs [--rounds 7] [--slot-s 2] [--callers 16] [--json]`
 *
 * In each round either app gets one slot, in turns. Load, apps and server are processes of their own; `by CPU` is
 * the ratio of processor time for a request, of app and server together, which is what counts where others use
 * the machine. Figures are medians over rounds.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, get } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  createBulkhead,
  defineActions,
  definePermissions,
} from '../../packages/bulkhead/dist/index.js';
import { startEmbeddedPostgres } from '../../packages/bulkhead/dist/kernel/embedded/index.js';
import { createIssuer, migrated, own, pg, settle } from './ground.mjs';

const express = own('express');

const TARGET = 0.6;
const TENANTS = 20;
const NOTES = 200;
const READ = 'select id, title, body from note where tenant_id = $1 and id = $2';

const permissions = definePermissions({
  'note:read': { description: 'Read notes.', roles: ['member', 'viewer'] },
});
const actions = defineActions({ 'note.read': { description: 'A note was read.' } });

/** One app in a process of its own. */
async function serve({ guarded, appUrl, config, notes }) {
  const app = express();
  let turn = 0;
  const next = (tenant) => {
    turn += 1;
    return notes[tenant][turn % NOTES];
  };
  const pool = new pg.Pool({ connectionString: appUrl, max: 10 });
  if (guarded) {
    const bulkhead = createBulkhead({
      ...config,
      audit: { ...config.audit, actions },
      access: { permissions },
    });
    const scoped = bulkhead.protect(pool);
    app.use(bulkhead.express());
    app.get('/notes', async (_request, response) => {
      const tenant = bulkhead.context().tenant.id;
      await bulkhead.access.authorize('note:read');
      const id = next(tenant);
      const { rows } = await scoped.query(READ, [tenant, id]);
      await bulkhead.audit.enqueue({ action: 'note.read', targets: [{ type: 'note', id }] });
      response.json({ notes: rows });
    });
  } else {
    app.get('/notes', async (request, response) => {
      const tenant = request.headers['x-tenant'];
      const { rows } = await pool.query(READ, [tenant, next(tenant)]);
      response.json({ notes: rows });
    });
  }
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send({ port: server.address().port });
}

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      'slot-s': { type: 'string', default: '2' },
      callers: { type: 'string', default: '16' },
      json: { type: 'boolean', default: false },
    },
  });
  const ground = await openGround();
  try {
    const slotMs = 1000 * Number(values['slot-s']);
    const callers = Number(values.callers);
    for (const app of ground.apps) await load(app, ground.passes, callers, 1_000);
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round += 1) {
      const order = round % 2 === 0 ? ground.apps : [...ground.apps].reverse();
      const measured = {};
      for (const app of order) {
        measured[app.name] = await slot(app, ground, callers, slotMs);
      }
      rounds.push(measured);
    }
    const ratios = rounds.map(({ plain, guarded }) => guarded.perSecond / plain.perSecond);
    const byCpu = rounds.map(({ plain, guarded }) => plain.cpuUs / guarded.cpuUs);
    const report = {
      load: loadavg()[0],
      ratio: round2(median(ratios)),
      byCpu: round2(median(byCpu)),
      ...Object.fromEntries(
        ['plain', 'guarded'].map((name) => [
          name,
          Object.fromEntries(
            ['perSecond', 'p50Ms', 'p99Ms', 'appCpuUs', 'serverCpuUs'].map((figure) => [
              figure,
              round2(median(rounds.map((each) => each[name][figure]))),
            ]),
          ),
        ]),
      ),
    };
    report.met = report.byCpu >= TARGET;
    if (values.json) console.log(JSON.stringify(report));
    else {
      console.table({ plain: report.plain, guarded: report.guarded });
      console.log(
        `ratio ${report.ratio}, by CPU ${report.byCpu}; ${report.met ? 'met' : 'missed'}: at least ${TARGET}. Load ${report.load.toFixed(1)}.`,
      );
    }
  } finally {
    await ground.close();
  }
}

async function openGround() {
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: { fsync: 'off', synchronous_commit: 'off', max_connections: '100' },
  });
  const { admin, password, urlOf, isolation, audit } = await migrated(server, {
    access: { permissions },
  });
  const tenants = Array.from({ length: TENANTS }, (_, n) => ({
    id: randomUUID(),
    slug: `tenant-${n}`,
  }));
  await settle(admin, tenants, { member: 'reader', role: 'viewer' });
  await admin.query(`
    create table note (tenant_id uuid not null default bulkhead.tenant_id(), id uuid not null default gen_random_uuid(),
      title text not null, body text not null, primary key (tenant_id, id));
    insert into note (tenant_id, title, body)
      select t.id, 'Note ' || n, repeat('words ', 40) from bulkhead.tenant t, generate_series(1, ${NOTES}) n
       where t.slug like 'tenant-%';
    create role bench_plain login password '${password}';
    create table note_plain as table note;
    alter table note_plain add primary key (tenant_id, id);
    create schema plain;
    create view plain.note as table note_plain;
    grant usage on schema plain to bench_plain;
    grant select on plain.note to bench_plain;
    alter role bench_plain set search_path = plain;
    select bulkhead.protect_table('note');
    grant select on note to bench_app;
    analyze`);
  const { rows } = await admin.query(
    'select tenant_id, array_agg(id::text) as ids from note_plain group by 1',
  );
  const notes = Object.fromEntries(rows.map(({ tenant_id, ids }) => [tenant_id, ids]));
  const issuer = await createIssuer();
  const passes = await Promise.all(
    tenants.map(async ({ id }) => ({
      'x-tenant': id,
      authorization: await issuer.authorization('reader', id),
    })),
  );
  const config = {
    database: { appRole: 'bench_app', identityRole: 'bench_identity' },
    isolation: { ...isolation, pooler: 'none' },
    identity: { tenantFrom: [{ from: 'header', name: 'x-tenant' }], jwt: issuer.jwt },
    audit,
  };
  const apps = [];
  for (const [name, part] of [
    ['plain', 'plain'],
    ['guarded', 'app'],
  ]) {
    const child = fork(fileURLToPath(import.meta.url), ['app']);
    child.send({ guarded: name === 'guarded', appUrl: urlOf(part), config, notes });
    const [{ port }] = await once(child, 'message');
    apps.push({
      name,
      child,
      port,
      user: `bench_${part}`,
      agent: new Agent({ keepAlive: true, maxSockets: 64 }),
    });
  }
  return {
    admin,
    apps,
    passes,
    async close() {
      for (const { child, agent } of apps) {
        agent.destroy();
        child.disconnect();
        await once(child, 'exit');
      }
      await admin.end();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Backends of a role stay: their processor time is the server's share. */
async function serverTicks({ admin }, user) {
  const { rows } = await admin.query('select pid from pg_stat_activity where usename = $1', [user]);
  return rows.reduce((sum, { pid }) => sum + ticksOf(pid), 0);
}

function ticksOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

const US_PER_TICK = 10_000;

async function slot(app, ground, callers, slotMs) {
  const before = { app: ticksOf(app.child.pid), server: await serverTicks(ground, app.user) };
  const measured = await load(app, ground.passes, callers, slotMs);
  const each = (ticks) => (ticks * US_PER_TICK) / measured.count;
  const appCpuUs = each(ticksOf(app.child.pid) - before.app);
  const serverCpuUs = each((await serverTicks(ground, app.user)) - before.server);
  return { ...measured, appCpuUs, serverCpuUs, cpuUs: appCpuUs + serverCpuUs };
}

async function load({ port, agent }, passes, callers, slotMs) {
  const times = [];
  const startedMs = performance.now();
  let turn = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() - startedMs < slotMs) {
        const askedMs = performance.now();
        turn += 1;
        await ask(port, agent, passes[turn % passes.length]);
        times.push(performance.now() - askedMs);
      }
    }),
  );
  const seconds = (performance.now() - startedMs) / 1_000;
  times.sort((a, b) => a - b);
  return {
    count: times.length,
    perSecond: times.length / seconds,
    p50Ms: times[Math.floor(times.length / 2)],
    p99Ms: times[Math.floor(times.length * 0.99)],
  };
}

function ask(port, agent, headers) {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/notes', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => {
        if (response.statusCode === 200 && text.startsWith('{"notes":[{"id":')) resolve();
        else reject(new Error(`${response.statusCode} ${text}`));
      });
    }).on('error', reject);
  });
}

const round2 = (number) => Math.round(number * 100) / 100;
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

if (process.argv[2] === 'app') {
  process.on('disconnect', () => process.exit());
  process.once('message', (order) => serve(order));
} else await main();
