/**
 * Whether a restart of PostgreSQL under load costs anybody more than a wait:
 *
 * `npm run build && node bench/http/restart.mjs [--rate 1000] [--seconds 60] [--processes 2] [--write-every 20]
 * [--no-restart] [--cpu-prof DIR] [--json]`
 *
 * Requests are sent by the clock, whatever became of those before (reads, and one write in twenty under an
 * Idempotency-Key of its own), to `bulkhead serve` in processes of its own, while PostgreSQL is stopped and started
 * at half. What is told to try again is sent again after Retry-After, under the same key. Held: every answer is
 * success or 503 with Retry-After, every request succeeds in the end, and each write is there exactly once.
 * Latencies are from when a request was due to its success; a server slower than the rate shows as waiting.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../../packages/bulkhead/dist/kernel/embedded/index.js';
import { watchCpu } from './cpu.mjs';
import { createIssuer, migrated, pg, settle } from './ground.mjs';

const MAIN = fileURLToPath(new URL('../../packages/bulkhead/dist/cli/main.js', import.meta.url));
const TENANTS = 20;
const PUBLIC_URL = 'http://127.0.0.1:4600';
const TICK_MS = 10;
const READS = ['', '/groups', '/members', '/roles'];
/** Whatever is not answered by then is told of. */
const PATIENCE_MS = 120_000;

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    processes: { type: 'string', default: '2' },
    'write-every': { type: 'string', default: '20' },
    'no-restart': { type: 'boolean', default: false },
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const writeEvery = Number(values['write-every']);

const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
// Durable: what was acknowledged has to be there again.
const postgres = { dataDir, settings: { max_connections: '200' } };
let server = await startEmbeddedPostgres(postgres);
const children = [];
const agents = [];
try {
  const ground = await prepare();
  for (let n = 0; n < Number(values.processes); n += 1) children.push(await serve(ground.folder));
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
  const { admin, urlOf, database, isolation, audit } = await migrated(server);
  const tenants = Array.from({ length: TENANTS }, (_, n) => ({
    id: randomUUID(),
    slug: `tenant-${n}`,
  }));
  await settle(admin, tenants, { member: 'admin', role: 'admin' });
  await admin.end();
  const issuer = await createIssuer();
  const passes = await Promise.all(
    tenants.map(async ({ id, slug }) => ({
      slug,
      authorization: await issuer.authorization('admin', id),
    })),
  );
  const folder = await mkdtemp(join(dataDir, 'serve-'));
  await writeFile(
    join(folder, 'bulkhead.config.json'),
    JSON.stringify({
      database,
      isolation: { ...isolation, operatorUrl: urlOf('operator') },
      identity: { accountsUrl: urlOf('identity'), jwt: issuer.jwt },
      audit,
      http: {
        publicUrl: PUBLIC_URL,
        databaseUrl: urlOf('app'),
        requestsPerMinute: 1_000_000,
        proveEveryMinutes: 0,
        verifyEveryMinutes: 0,
      },
    }),
  );
  return { folder, passes };
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
  let done = 0;
  let again = 0;
  let downMs = 0;
  const half = Math.floor(total / 2);
  let restarted;

  async function ask(n, dueMs) {
    const pass = passes[n % passes.length];
    const isWrite = n % writeEvery === 0;
    const name = isWrite ? `group ${n}` : undefined;
    const path = `/api/v1/tenants/${pass.slug}${isWrite ? '/groups' : READS[n % READS.length]}`;
    const headers = {
      host: new URL(PUBLIC_URL).host,
      authorization: pass.authorization,
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
    report.writesTwice === 0 &&
    stored.size === writes;
  return report;
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
