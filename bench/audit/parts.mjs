/**
 * What an event costs in each part of its way, in processor time, which says more than a clock where others use the
 * machine: recording it, reading and sealing and appending it, signing, indexing.
 *
 * `npm run build && node bench/audit/parts.mjs [--rounds 5] [--events 50000] [--tenants 50] [--batch 500] [--product DIR] [--profile PART] [--json]`
 *
 * One part runs after the other on what the one before left, each alone on a connection of its own, all in this
 * process. Figures are the least and the median over rounds. `--product` takes another build of the package, to hold one
 * against the other in turns; `--profile sequencer` writes a CPU profile of that part beside it.
 */

import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    events: { type: 'string', default: '50000' },
    tenants: { type: 'string', default: '50' },
    batch: { type: 'string', default: '500' },
    product: { type: 'string', default: join(import.meta.dirname, '../../packages/bulkhead') },
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const ROUNDS = Number(values.rounds);
const EVENTS = Number(values.events);
const TENANTS = Number(values.tenants);
const BATCH = Number(values.batch);
const product = resolve(values.product);
const load = (path) => import(pathToFileURL(join(product, 'dist', path)).href);
const pg = createRequire(join(product, 'package.json'))('pg');

const { Sequencer } = await load('audit/sequencer/sequencer.js');
const { Signer } = await load('audit/signer/signer.js');
const { generateSigningKey, parseSigningKey } = await load('audit/signer/signing-key.js');
const { indexSearchBlocks } = await load('audit/search/index-blocks.js');
const { createLocalKeyWrapper } = await load('audit/vault/key-wrapper.js');
const { createVault } = await load('audit/vault/vault.js');
const { generateVaultKey } = await load('audit/vault/vault-key.js');
const { preparing } = await load('audit/worker/run-loop.js');
const { capabilities } = await load('capabilities.js');
const { createBulkhead, defineActions } = await load('index.js');
const { generateContextKey, publishContextKey } = await load('isolation/index.js');
const { startEmbeddedPostgres } = await load('kernel/embedded/index.js');
const { migrate } = await load('kernel/migrations/index.js');

const ORIGIN = 'audit.bench.example';
const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const TITLES = ['Quarterly plan', 'Minutes of the board', 'Hiring loop', 'Budget draft'];

const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
const server = await startEmbeddedPostgres({
  dataDir,
  durable: true,
  settings: { shared_buffers: '256MB', max_wal_size: '8GB', checkpoint_timeout: '30min' },
});
async function main() {
  const admin = new pg.Client({ connectionString: server.superuserUrl });
  admin.on('error', () => undefined);
  await admin.connect();
  const password = randomBytes(12).toString('hex');
  await admin.query('create role bulkhead nologin');
  for (const role of ['bench_app', 'bench_audit', 'bench_signer']) {
    await admin.query(`create role ${role} login password '${password}'`);
  }
  await migrate({
    connectionString: server.superuserUrl,
    capabilities,
    appRole: 'bench_app',
    auditRole: 'bench_audit',
    signerRole: 'bench_signer',
  });
  const contextKey = generateContextKey();
  await publishContextKey(admin, contextKey);
  const tenants = Array.from({ length: TENANTS }, () => randomUUID());
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name) select t, 'tenant-' || n, 'Tenant ' || n
       from unnest($1::uuid[]) with ordinality as u (t, n)`,
    [tenants],
  );
  const urlOf = (user) => server.url({ user, password });
  const vaultKeys = [generateVaultKey()];
  const actions = defineActions({ 'note.created': { description: 'A note was created.' } });
  const bulkhead = createBulkhead({
    database: { appRole: 'bench_app' },
    isolation: { contextKeys: [contextKey], pooler: 'none' },
    identity: {},
    audit: { origin: ORIGIN, vaultKeys, actions },
  });
  const pool = bulkhead.protect(new pg.Pool({ connectionString: urlOf('bench_app'), max: 1 }));
  const wrapper = createLocalKeyWrapper(vaultKeys);
  const parts = [
    await partOf('sequencer', urlOf('bench_audit'), async (query) => {
      const sequencer = new Sequencer({
        vault: createVault(wrapper),
        originBase: ORIGIN,
        onFault: ({ error }) => console.error(error),
      });
      return async () => {
        let did = 0;
        for (;;) {
          const { consumed, isDrained } = await sequencer.next(query);
          did += consumed;
          if (isDrained) return did;
        }
      };
    }),
    await partOf('signer', urlOf('bench_signer'), async (query) => {
      const signer = new Signer({ keys: [parseSigningKey(generateSigningKey())] });
      return async () => {
        while (!(await signer.next(query)).isDrained);
        return EVENTS;
      };
    }),
    await partOf('indexer', urlOf('bench_audit'), async (query) => async () => {
      let blocks = 0;
      for (;;) {
        const did = await indexSearchBlocks(query, wrapper, { blocksMax: 16 });
        blocks += did;
        if (did < 16) return blocks * 1024;
      }
    }),
  ];
  let serial = 0;
  const taken = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const figures = {
      recorded: await measure(await backendOf(pool, tenants[0], bulkhead), record),
    };
    for (const { name, pid, run } of parts) {
      const isProfiled = values.profile === name && round === ROUNDS;
      figures[name] = await measure(pid, run, isProfiled && name);
    }
    // The first warms up.
    if (round > 0) taken.push(figures);
  }
  report(taken);
  for (const { client } of parts) await client.end();
  await bulkhead.close();
  await pool.end().catch(() => undefined);
  await admin.end();

  async function record() {
    const until = serial + EVENTS / BATCH;
    const writer = async () => {
      while (serial < until) {
        const n = serial++;
        const actor = { type: 'user', id: `u-${n % 20}`, name: `Person ${n % 20}` };
        const events = Array.from({ length: BATCH }, (_, at) => eventOf(n * BATCH + at));
        await bulkhead.asTenant(
          tenants[(n * 7919) % tenants.length],
          () =>
            BATCH === 1
              ? bulkhead.audit.record(events[0], pool)
              : bulkhead.audit.recordAll(events, pool),
          { actor },
        );
      }
    };
    await Promise.all(Array.from({ length: BATCH === 1 ? 16 : 1 }, writer));
    return EVENTS;
  }
}

/** An event of a signed-in person's request; their name, address and browser are personal. */
const eventOf = (n) => ({
  action: 'note.created',
  targets: [{ type: 'note', id: `note-${n % 50_000}` }],
  ip: `203.0.113.${n % 256}`,
  userAgent: AGENT,
  requestId: randomUUID(),
  metadata: { title: `${TITLES[n % TITLES.length]} ${n % 1000}`, folder: 'inbox' },
});

async function partOf(name, url, prepare) {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query('select pg_backend_pid() as pid');
  return { name, client, pid: rows[0].pid, run: await prepare(preparing(client)) };
}

async function backendOf(pool, tenant, bulkhead) {
  const { rows } = await bulkhead.asTenant(tenant, () =>
    pool.query('select pg_backend_pid() as pid'),
  );
  return rows[0].pid;
}

async function measure(pid, run, profiled) {
  const session = new Session();
  if (profiled) {
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
  }
  const before = { own: process.cpuUsage(), backend: backendUs(pid) };
  const startedMs = performance.now();
  const events = await run();
  const elapsedMs = performance.now() - startedMs;
  const own = process.cpuUsage(before.own);
  const backend = backendUs(pid) - before.backend;
  if (profiled) {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    writeFileSync(`${profiled}.cpuprofile`, JSON.stringify(profile));
  }
  return {
    node: (own.user + own.system) / events,
    backend: backend / events,
    perSecond: (events / elapsedMs) * 1000,
  };
}

/** Processor time of a process so far, to the nanosecond. */
function backendUs(pid) {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1000;
}

function report(taken) {
  const names = Object.keys(taken[0]);
  const figures = Object.fromEntries(
    names.map((name) => {
      const of = (what) => taken.map((figures) => figures[name][what]).sort((a, b) => a - b);
      return [
        name,
        Object.fromEntries(
          ['node', 'backend'].map((what) => {
            const all = of(what);
            return [what, { least: all[0], median: all[Math.floor(all.length / 2)] }];
          }),
        ),
      ];
    }),
  );
  if (values.json) return console.log(JSON.stringify({ load: loadavg()[0], figures }));
  console.log(
    `CPU µs an event, least (median) of ${ROUNDS} rounds of ${EVENTS} events, ${TENANTS} tenants, load ${loadavg()[0].toFixed(1)}`,
  );
  for (const [name, { node, backend }] of Object.entries(figures)) {
    const text = ({ least, median }) => `${least.toFixed(1)} (${median.toFixed(1)})`.padStart(14);
    console.log(`${name.padEnd(10)} Node ${text(node)}   server ${text(backend)}`);
  }
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 70;
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
