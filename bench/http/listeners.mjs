/**
 * How much memory the listeners of the live stream take in one process:
 *
 * `npm run build && node --expose-gc bench/http/listeners.mjs [--listeners 500] [--json]`
 *
 * A control plane in a process of its own; each listener is a connection, and every one of them is told of a notice
 * at the end. The process's own memory is read before and while they listen, after a collection.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, get } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createBulkhead } from '../../packages/bulkhead/dist/index.js';
import { startEmbeddedPostgres } from '../../packages/bulkhead/dist/kernel/embedded/index.js';
import { migrated, pg, settle } from './ground.mjs';

const TARGET_MB = 200;
const TENANT = randomUUID();

async function serve({ config, appUrl, tenant }) {
  let handle;
  const server = createServer((request, response) => handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const bulkhead = createBulkhead({
    ...config,
    identity: {
      authenticate: () => ({ actor: { type: 'user', id: 'listener' }, tenants: [tenant] }),
    },
    http: {
      publicUrl: `http://127.0.0.1:${port}`,
      requestsPerMinute: 100_000,
      streamsPerActor: 10_000,
    },
  });
  bulkhead.protect(new pg.Pool({ connectionString: appUrl, max: 4 }));
  handle = bulkhead.controlPlane().node;
  process.on('message', (message) => {
    if (message !== 'memory') return;
    globalThis.gc?.();
    process.send({ rssMB: Math.round(process.memoryUsage.rss() / 1e6) });
  });
  process.send({ port });
}

async function main() {
  const { values } = parseArgs({
    options: {
      listeners: { type: 'string', default: '500' },
      json: { type: 'boolean', default: false },
    },
  });
  const count = Number(values.listeners);
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: { fsync: 'off' },
  });
  const { admin, urlOf, database, isolation, audit } = await migrated(server);
  const tenant = { id: TENANT, slug: 'acme' };
  await settle(admin, [tenant], { member: 'listener', role: 'auditor' });
  const config = {
    database,
    isolation: { ...isolation, operatorUrl: urlOf('operator'), pooler: 'none' },
    audit,
  };
  const child = fork(fileURLToPath(import.meta.url), ['app'], { execArgv: ['--expose-gc'] });
  child.send({ config, appUrl: urlOf('app'), tenant: TENANT });
  const [{ port }] = await once(child, 'message');
  const memory = async () => {
    child.send('memory');
    const [{ rssMB }] = await once(child, 'message');
    return rssMB;
  };
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  let told = 0;
  const listen = () =>
    new Promise((resolve, reject) => {
      get(
        { host: '127.0.0.1', port, path: `/api/v1/stream?tenant=${TENANT}`, agent },
        (response) => {
          if (response.statusCode !== 200) reject(new Error(`${response.statusCode}`));
          response.setEncoding('utf8');
          response.on('data', (piece) => {
            if (piece.includes('event: change')) told += 1;
            else resolve();
          });
          response.on('error', () => undefined);
        },
      ).on('error', () => undefined);
    });
  try {
    await listen();
    const beforeMB = await memory();
    for (let at = 1; at < count; at += 1) await listen();
    const listeningMB = await memory();
    const startedMs = performance.now();
    await admin.query(
      `select bulkhead.live_announce(array[$1::uuid], array['change'], array['{"action":"bench"}'::jsonb])`,
      [TENANT],
    );
    while (told < count && performance.now() - startedMs < 30_000) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const toldMs = Math.round(performance.now() - startedMs);
    const report = {
      listeners: count,
      told,
      toldMs,
      beforeMB,
      rssMB: Math.max(listeningMB, await memory()),
      load: loadavg()[0],
    };
    report.met = report.rssMB <= TARGET_MB && told === count;
    console.log(
      values.json
        ? JSON.stringify(report)
        : `${count} listeners: ${report.rssMB} MB, ${beforeMB} with one; all told after ${toldMs} ms. ${report.met ? 'Met' : 'Missed'}: all within ${TARGET_MB} MB. Load ${report.load.toFixed(1)}.`,
    );
  } finally {
    agent.destroy();
    child.disconnect();
    await once(child, 'exit');
    await admin.end();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

if (process.argv[2] === 'app') {
  process.on('disconnect', () => process.exit());
  process.once('message', (order) => serve(order));
} else await main();
