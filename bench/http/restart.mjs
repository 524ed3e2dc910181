/**
 * Whether a restart of PostgreSQL under load costs anybody more than a wait:
 *
 * `npm run build && node bench/http/restart.mjs [--rate 1000] [--seconds 60] [--processes 2] [--write-every 20]
 * [--reads app|plane] [--no-restart] [--cpu-prof DIR] [--json]`
 *
 * Requests are sent by the clock, whatever became of those before (reads, and one write in twenty under an
 * Idempotency-Key of its own), to processes of their own, while PostgreSQL is stopped and started
 * at half. Writes go to the control plane. Reads go the whole way in an Express app that has it mounted, each with an
 * event of its own that is acknowledged once it is committed; with `--reads plane` they go to `bulkhead serve`. What is told to try again is sent again after Retry-After, under the same key. Held: every answer is
 * success or 503 with Retry-After, every request succeeds in the end, and each write is there exactly once.
 * Latencies are from when a request was due to its success; a server slower than the rate shows as waiting.
 */
import { fork, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, createServer, request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  createBulkhead,
  defineActions,
  definePermissions,
} from '../../packages/bulkhead/dist/index.js';
import { startEmbeddedPostgres } from '../../packages/bulkhead/dist/kernel/embedded/index.js';
import { watchCpu } from './cpu.mjs';
import { createIssuer, migrated, own, pg, settle } from './ground.mjs';

const MAIN = fileURLToPath(new URL('../../packages/bulkhead/dist/cli/main.js', import.meta.url));
const TENANTS = 20;
const PUBLIC_HOST = '127.0.0.1:4600';
const NOTES = 50;
const TICK_MS = 10;
const READS = ['', '/groups', '/members', '/roles'];
/** Whatever is not answered by then is told of. */
const PATIENCE_MS = 120_000;

const permissions = definePermissions({
  'note:read': { description: 'Read notes.', roles: ['admin', 'member', 'viewer'] },
});
const actions = defineActions({ 'note.read': { description: 'A note was read.' } });

if (process.argv[2] === 'app') {
  process.once('message', (order) => serveApp(order));
  await once(process, 'disconnect');
  process.exit();
}

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    processes: { type: 'string', default: '2' },
    'write-every': { type: 'string', default: '20' },
    reads: { type: 'string', default: 'app' },
    'no-restart': { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const writeEvery = Number(values['write-every']);
const isApp = values.reads === 'app';
const base = isApp ? '/bulkhead' : '';

const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
// Durable: what was acknowledged has to be there again.
const postgres = { dataDir, settings: { max_connections: '200' } };
let server = await startEmbeddedPostgres(postgres);
const children = [];
const agents = [];
try {
  const ground = await prepare();
  for (let n = 0; n < Number(values.processes); n += 1)
    children.push(await (isApp ? startApp(ground, n) : serve(ground.folder)));
  const report = await run(ground);
  if (values.json) console.log(JSON.stringify(report));
  else console.log(report);
  process.exitCode = report.held ? 0 : 1;
} finally {
  for (const agent of agents) agent.destroy();
  for (const { child, ended } of children) {
    child.kill('SIGTERM');
    await ended;
  }
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Roles, tenants with an administrator each, and the configuration that `bulkhead serve` reads. */
async function prepare() {
  const { admin, urlOf, database, isolation, audit } = await migrated(server, {
    access: { permissions },
  });
  const tenants = Array.from({ length: TENANTS }, (_, n) => ({
    id: randomUUID(),
    slug: `tenant-${n}`,
  }));
  await settle(admin, tenants, { member: 'admin', role: 'admin' });
  await admin.query(`
    create table note (tenant_id uuid not null default bulkhead.tenant_id(), id uuid not null default gen_random_uuid(),
      title text not null, body text not null, primary key (tenant_id, id));
    insert into note (tenant_id, title, body)
      select t.id, 'Note ' || n, repeat('words ', 40) from bulkhead.tenant t, generate_series(1, ${NOTES}) n
       where t.slug like 'tenant-%';
    select bulkhead.protect_table('note');
    grant select on note to bench_app;
    analyze`);
  const { rows } = await admin.query(
    'select tenant_id, array_agg(id::text) as ids from note group by 1',
  );
  const notes = Object.fromEntries(rows.map(({ tenant_id, ids }) => [tenant_id, ids]));
  await admin.end();
  const issuer = await createIssuer();
  const passes = await Promise.all(
    tenants.map(async ({ id, slug }) => ({
      id,
      slug,
      authorization: await issuer.authorization('admin', id),
    })),
  );
  const folder = await mkdtemp(join(dataDir, 'serve-'));
  const config = {
    database,
    isolation: { ...isolation, operatorUrl: urlOf('operator') },
    identity: { accountsUrl: urlOf('identity'), jwt: issuer.jwt },
    audit,
    http: {
      publicUrl: `http://${PUBLIC_HOST}${base}`,
      requestsPerMinute: 1_000_000,
      proveEveryMinutes: 0,
      verifyEveryMinutes: 0,
    },
  };
  const appUrl = urlOf('app');
  await writeFile(
    join(folder, 'bulkhead.config.json'),
    JSON.stringify({ ...config, http: { ...config.http, databaseUrl: appUrl } }),
  );
  return { folder, passes, config, appUrl, notes };
}

/** One of them also sequences and signs. */
async function startApp({ config, appUrl, notes }, nth) {
  const profile = values['cpu-prof'];
  const child = fork(fileURLToPath(import.meta.url), ['app'], {
    execArgv: profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile],
  });
  const ended = once(child, 'exit');
  child.send({ config, appUrl, notes, works: nth === 0 });
  const [{ port }] = await once(child, 'message');
  return { child, ended, port };
}

async function serveApp({ config, appUrl, notes, works }) {
  const bulkhead = createBulkhead({
    ...config,
    identity: { ...config.identity, tenantFrom: [{ from: 'header', name: 'x-tenant' }] },
    audit: { ...config.audit, actions },
    access: { permissions },
  });
  const pool = bulkhead.protect(new pg.Pool({ connectionString: appUrl, max: 10 }));
  const plane = bulkhead.controlPlane();
  const app = own('express')();
  app.use('/bulkhead', plane.node);
  app.use(bulkhead.express());
  let turn = 0;
  app.get('/notes', async (_request, response) => {
    const tenant = bulkhead.context().tenant.id;
    await bulkhead.access.authorize('note:read');
    turn += 1;
    const id = notes[tenant][turn % NOTES];
    const { rows } = await pool.query(
      'select id, title, body from note where tenant_id = $1 and id = $2',
      [tenant, id],
    );
    const event = await bulkhead.audit.enqueue({
      action: 'note.read',
      targets: [{ type: 'note', id }],
    });
    response.json({ event, notes: rows });
  });
  app.use(bulkhead.expressErrors());
  if (works) bulkhead.audit.start();
  await plane.start();
  const http = createServer(app).listen(0, '127.0.0.1');
  await once(http, 'listening');
  process.send({ port: http.address().port });
}

async function serve(folder) {
  const profile = values['cpu-prof'];
  const flags = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile];
  const child = spawn(process.execPath, [...flags, MAIN, 'serve', '--json', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const port = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      const found = /"port": (\d+)/.exec(text)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    void ended.then((code) => reject(new Error(`bulkhead serve ended with ${code}`)));
  });
  return { child, ended, port };
}

async function run({ passes }) {
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  agents.push(agent);
  const total = rate * seconds;
  const outcomes = {};
  const odd = {};
  const times = { quiet: [], all: [] };
  const made = [];
  const events = [];
  let done = 0;
  let again = 0;
  let downMs = 0;
  const half = Math.floor(total / 2);
  let restarted;

  async function ask(n, dueMs) {
    const pass = passes[n % passes.length];
    const isWrite = n % writeEvery === 0;
    const name = isWrite ? `group ${n}` : undefined;
    const tenant = `${base}/api/v1/tenants/${pass.slug}`;
    const path = isWrite ? `${tenant}/groups` : isApp ? '/notes' : tenant + READS[n % READS.length];
    const headers = {
      host: PUBLIC_HOST,
      authorization: pass.authorization,
      ...(!isWrite && isApp && { 'x-tenant': pass.id }),
      ...(isWrite && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    };
    let process = n;
    while (performance.now() - dueMs < PATIENCE_MS) {
      process += 1;
      const { port } = children[process % children.length];
      const answer = await send(agent, port, path, headers, name);
      outcomes[answer.status] = (outcomes[answer.status] ?? 0) + 1;
      if (answer.status === 200 || answer.status === 201) {
        if (isWrite) made.push(`${pass.slug} ${name}`);
        else if (isApp) events.push(JSON.parse(answer.text).event);
        done += 1;
        const tookMs = performance.now() - dueMs;
        times.all.push(tookMs);
        if (n < half || n > total * 0.75) times.quiet.push(tookMs);
        return;
      }
      if (answer.status !== 503 || answer.retryAfter === undefined) {
        const what = `${answer.status} ${/"code":"([^"]*)/.exec(answer.text)?.[1] ?? answer.text.slice(0, 100)}`;
        odd[what] = (odd[what] ?? 0) + 1;
        if (answer.status < 500 && answer.status !== 409) return;
        if (/outcome_unknown/.test(what)) return;
      }
      again += 1;
      await sleep(1_000 * (answer.retryAfter ?? 1) * (1 + Math.random()));
    }
    odd['never answered'] = (odd['never answered'] ?? 0) + 1;
  }

  const cpu = watchCpu(children.map(({ child }) => child.pid));
  const startedMs = performance.now();
  const pending = [];
  let sent = 0;
  while (sent < total) {
    const due = Math.min(total, 1 + Math.floor(((performance.now() - startedMs) / 1_000) * rate));
    for (; sent < due; sent += 1) {
      pending.push(ask(sent, startedMs + (sent / rate) * 1_000));
      if (sent === half && !values['no-restart']) restarted = restart();
    }
    await sleep(TICK_MS);
  }
  async function restart() {
    const fromMs = performance.now();
    await server.stop();
    server = await startEmbeddedPostgres({ ...postgres, port: server.port });
    downMs = performance.now() - fromMs;
  }
  const sendingS = (performance.now() - startedMs) / 1_000;
  await restarted;
  await Promise.all(pending);
  const used = cpu.stop();
  const admin = new pg.Client({ connectionString: server.superuserUrl });
  await admin.connect();
  const { rows } = await admin.query(
    `select t.slug || ' ' || g.name as name, count(*)::int as times
       from bulkhead.actor_group g join bulkhead.tenant t on t.id = g.tenant_id group by 1`,
  );
  const eventsFound = await found(admin, events);
  await admin.end();
  const stored = new Map(rows.map(({ name, times: count }) => [name, count]));
  const writes = Math.ceil(total / writeEvery);
  const report = {
    load: Math.round(loadavg()[0] * 10) / 10,
    sent: total,
    perSecond: Math.round(total / sendingS),
    downMs: Math.round(downMs),
    succeeded: done,
    sentAgain: again,
    byStatus: outcomes,
    odd,
    writes,
    writesStored: stored.size,
    writesLost: made.filter((name) => !stored.has(name)).length,
    ...(isApp && { events: events.length, eventsLost: events.length - eventsFound }),
    writesTwice: [...stored.values()].filter((count) => count > 1).length,
    cpuUsPerRequest: Object.fromEntries(
      Object.entries(used).map(([part, us]) => [part, Math.round(us / total)]),
    ),
    latencyMs: { beforeAndAfter: percentiles(times.quiet), all: percentiles(times.all) },
  };
  report.held =
    Object.keys(odd).length === 0 &&
    done === total &&
    report.writesLost === 0 &&
    (report.eventsLost ?? 0) === 0 &&
    report.writesTwice === 0 &&
    stored.size === writes;
  return report;
}

/** How many of them are in their logs, each once, when the last has left the outbox. */
async function found(admin, events) {
  for (;;) {
    const { rowCount } = await admin.query('select from bulkhead.audit_pending limit 1');
    if (rowCount === 0) break;
    await sleep(200);
  }
  const { rows } = await admin.query(
    `select count(*)::int as found from (
       select id from bulkhead.audit_event where id = any($1::uuid[]) group by id having count(*) = 1) as once`,
    [events],
  );
  return rows[0].found;
}

function percentiles(given) {
  const sorted = [...given].sort((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: Math.round(sorted.at(-1) ?? 0) };
}

function send(agent, port, path, headers, name) {
  return new Promise((resolve) => {
    const failed = (error) => resolve({ status: 0, text: error.code ?? error.message });
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        agent,
        headers,
        method: name === undefined ? 'GET' : 'POST',
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('error', failed);
        response.on('end', () => {
          const retryAfter = response.headers['retry-after'];
          resolve({
            status: response.statusCode,
            text,
            retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
          });
        });
      },
    );
    asked.on('error', failed);
    asked.end(name === undefined ? undefined : JSON.stringify({ name }));
  });
}
