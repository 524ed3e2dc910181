/**
 * What recording costs: durable, sequenced and signed events a second, beside plain INSERTs into unsigned tables of the
 * same content, on the same server and in the same run.
 *
 * `npm run build && node bench/audit/write.mjs [--rounds 5] [--slot-s 3] [--heats regex] [--soak-s 0] [--no-fsync] [--json]`
 *
 * In each round every contender writes for one slot, and the log's slot ends when the last of its events is under
 * a signed checkpoint. Writers, worker (`audit run`) and server are processes of their own. Figures are medians
 * over rounds; `by CPU` is the ratio of processor time for an event, of all processes together, which is what
 * counts where others use the machine. What the log does later, when less is recorded, is bringing the events into the
 * search index, a block of 1,024 at a time: it does so before the next slot begins, so that nobody else pays for it, and
 * what it takes is told apart, and once more with the rest, because the searchable table pays for its indexes at once.
 */

import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseBundle } from 'bulkhead-verify';
import { generateSigningKey } from '../../packages/bulkhead/dist/audit/signer/signing-key.js';
import { generateVaultKey } from '../../packages/bulkhead/dist/audit/vault/vault-key.js';
import { startConfiguredWorker } from '../../packages/bulkhead/dist/audit/worker/configured-worker.js';
import { capabilities } from '../../packages/bulkhead/dist/capabilities.js';
import { resolveConfig } from '../../packages/bulkhead/dist/config.js';
import { createBulkhead, defineActions } from '../../packages/bulkhead/dist/index.js';
import {
  generateContextKey,
  publishContextKey,
} from '../../packages/bulkhead/dist/isolation/index.js';
import { startEmbeddedPostgres } from '../../packages/bulkhead/dist/kernel/embedded/index.js';
import { migrate } from '../../packages/bulkhead/dist/kernel/migrations/index.js';

// The product's own copy: the peers of the other benchmarks bring another one.
const pg = createRequire(new URL('../../packages/bulkhead/package.json', import.meta.url))('pg');

/** The worker's process: as `bulkhead audit run`. */
async function work(config) {
  const worker = startConfiguredWorker(resolveConfig(config).audit, {
    onError: (task, error) => console.error(task, error),
    onFault: (fault) => console.error('fault', fault),
    onRefusal: (refusal) => console.error('refusal', refusal),
  });
  process.on('disconnect', () => void worker.stop());
  await worker.stopped;
}

async function main() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      'slot-s': { type: 'string', default: '3' },
      heats: { type: 'string', default: '' },
      'soak-s': { type: 'string', default: '0' },
      'no-fsync': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const rounds = Number(values.rounds);
  const slotMs = 1000 * Number(values['slot-s']);
  const say = (text) => !values.json && console.log(text);
  const ground = await openGround(!values['no-fsync']);
  const report = { load: loadavg()[0], rounds, slotMs, fsync: !values['no-fsync'], heats: [] };
  try {
    say(
      `PostgreSQL ${ground.version}, fsync ${report.fsync ? 'on' : 'off'}, load ${report.load.toFixed(1)}; ${rounds} rounds of ${slotMs} ms\n`,
    );
    for (const heat of heatsOf(ground)) {
      if (!new RegExp(values.heats).test(heat.title)) continue;
      const measured = await runHeat(ground, heat, rounds, slotMs);
      report.heats.push(measured);
      say(describe(measured));
    }
    if (Number(values['soak-s']) > 0)
      report.soak = await soak(ground, Number(values['soak-s']), say);
    report.workerRssMB = ground.workerRss;
    say(
      `worker memory by heat, MB: ${ground.workerRss.join(' ')}; load at the end ${loadavg()[0].toFixed(1)}`,
    );
    if (values.json) console.log(JSON.stringify(report, null, 2));
  } finally {
    await ground.close();
  }
}

async function openGround(durable) {
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    durable,
    settings: {
      shared_buffers: '256MB',
      max_connections: '200',
      max_wal_size: '8GB',
      checkpoint_timeout: '30min',
      ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off' }),
    },
  });
  const admin = new pg.Client({ connectionString: server.superuserUrl });
  await admin.connect();
  const password = randomBytes(12).toString('hex');
  const roles = ['bench_app', 'bench_audit', 'bench_signer'];
  await admin.query('create role bulkhead nologin');
  for (const role of roles) await admin.query(`create role ${role} login password '${password}'`);
  const contextKey = generateContextKey();
  await migrate({
    connectionString: server.superuserUrl,
    capabilities,
    appRole: 'bench_app',
    auditRole: 'bench_audit',
    signerRole: 'bench_signer',
  });
  await publishContextKey(admin, contextKey);
  await admin.query(PLAIN_TABLES);
  const tenants = Array.from({ length: 1000 }, () => randomUUID());
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name) select t, 'tenant-' || n, 'Tenant ' || n
       from unnest($1::uuid[]) with ordinality as u (t, n)`,
    [tenants],
  );
  const urlOf = (user) => server.url({ user, password });
  const config = {
    database: { appRole: 'bench_app' },
    isolation: { contextKeys: [contextKey], pooler: 'none' },
    identity: {},
    audit: {
      origin: 'audit.bench.example',
      vaultKeys: [generateVaultKey()],
      signingKeys: [generateSigningKey()],
      sequencerUrl: urlOf('bench_audit'),
      signerUrl: urlOf('bench_signer'),
    },
  };
  const actions = defineActions({ 'note.created': { description: 'A note was created.' } });
  const bulkhead = createBulkhead({ ...config, audit: { ...config.audit, actions } });
  const protectedPool = bulkhead.protect(
    new pg.Pool({ connectionString: urlOf('bench_app'), max: 16 }),
  );
  const plainPool = new pg.Pool({ connectionString: urlOf('bench_app'), max: 16 });
  // A connection that the server ends while it stops is nobody's fault.
  plainPool.on('error', () => undefined);
  const worker = fork(fileURLToPath(import.meta.url), ['worker', JSON.stringify(config)]);
  const { rows } = await admin.query(
    `select current_setting('server_version') as version, pg_backend_pid() as pid`,
  );
  const ground = {
    admin,
    tenants,
    bulkhead,
    protectedPool,
    plainPool,
    version: rows[0].version,
    serverPid: statOf(rows[0].pid).parent,
    workerPid: worker.pid,
    workerRss: [],
    async close() {
      worker.disconnect();
      await new Promise((resolve) => worker.once('exit', resolve));
      try {
        await bulkhead.close();
        await plainPool.end();
        await admin.end();
        await server.stop();
      } finally {
        await rm(dataDir, { recursive: true, force: true });
      }
    },
  };
  await settled(ground);
  return ground;
}

/**
 * What an app would keep without us: the same content in columns, once with a key alone and once with the
 * indexes that answer what our search answers (time, action, actor, words). Never vacuumed, since that would fall into
 * the slots of the others.
 */
const COLUMNS = `(tenant_id uuid not null, id uuid not null, recorded timestamptz not null default clock_timestamp(),
  actor text not null, actor_name text, action text not null, outcome text not null, target_type text,
  target_id text, ip inet, user_agent text, request_id text, metadata jsonb, words text[] not null,
  primary key (tenant_id, id))`;
const PLAIN_TABLES = `
  create table plain_key ${COLUMNS} with (autovacuum_enabled = off);
  create table plain_search ${COLUMNS} with (autovacuum_enabled = off);
  create index on plain_search (tenant_id, recorded desc, id desc);
  create index on plain_search (tenant_id, action, recorded desc, id desc);
  create index on plain_search (tenant_id, actor, recorded desc, id desc);
  create index on plain_search using gin (words);
  create table changed (tenant_id uuid not null, id uuid not null primary key, title text not null);
  grant insert on plain_key, plain_search, changed to bench_app;`;

const AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const TITLES = [
  'Quarterly plan',
  'Minutes of the board',
  'Hiring loop',
  'Budget draft',
  'Release notes',
];

let serial = 0;
/** An event of a signed-in person's request; their name, address and browser are personal. */
function nextEvent() {
  const n = serial++;
  return {
    actor: `u-${n % 20}`,
    actorName: `Person ${n % 20}`,
    target: `note-${n % 50_000}`,
    ip: `203.0.113.${n % 256}`,
    requestId: randomUUID(),
    title: `${TITLES[n % TITLES.length]} ${n % 1000}`,
  };
}

const asInput = (event) => ({
  action: 'note.created',
  targets: [{ type: 'note', id: event.target }],
  ip: event.ip,
  userAgent: AGENT,
  requestId: event.requestId,
  metadata: { title: event.title, folder: 'inbox' },
});

const asRow = (tenant, event) => [
  tenant,
  randomUUID(),
  `user:${event.actor}`,
  event.actorName,
  'note.created',
  'success',
  'note',
  event.target,
  event.ip,
  AGENT,
  event.requestId,
  JSON.stringify({ title: event.title, folder: 'inbox' }),
  [
    ...event.title.toLowerCase().split(' '),
    ...event.actorName.toLowerCase().split(' '),
    'inbox',
    event.target,
    event.ip,
  ],
];

const NAMES =
  'tenant_id, id, actor, actor_name, action, outcome, target_type, target_id, ip, user_agent, request_id, metadata, words';
const TYPES = 'uuid uuid text text text text text text inet text text jsonb text[]'.split(' ');

function plainWriter({ plainPool }, table, batch) {
  const one = {
    name: `${table}_one`,
    text: `insert into ${table} (${NAMES}) values (${TYPES.map((_, at) => `$${at + 1}`).join(', ')})`,
  };
  const columns = TYPES.map((type, at) => `$${at + 1}::${type === 'text[]' ? 'text' : type}[]`);
  const many = {
    name: `${table}_many`,
    text: `insert into ${table} (${NAMES}) select ${NAMES.replace('words', 'words::text[]')}
             from unnest(${columns.join(', ')}) as t (${NAMES})`,
  };
  return async (tenant) => {
    if (batch === 1) {
      await plainPool.query({ ...one, values: asRow(tenant, nextEvent()) });
      return;
    }
    const rows = Array.from({ length: batch }, () => asRow(tenant, nextEvent()));
    const values = TYPES.map((type, at) =>
      rows.map((row) =>
        type === 'text[]' ? `{${row[at].map((w) => JSON.stringify(w)).join(',')}}` : row[at],
      ),
    );
    await plainPool.query({ ...many, values });
  };
}

function logWriter({ bulkhead, protectedPool }, batch) {
  return async (tenant) => {
    const event = nextEvent();
    const actor = { type: 'user', id: event.actor, name: event.actorName };
    await bulkhead.asTenant(
      tenant,
      () => {
        if (batch === 1) return bulkhead.audit.record(asInput(event), protectedPool);
        const events = [event, ...Array.from({ length: batch - 1 }, nextEvent)];
        return bulkhead.audit.recordAll(events.map(asInput), protectedPool);
      },
      { actor },
    );
  };
}

const CHANGE = 'insert into changed (tenant_id, id, title) values ($1, $2, $3)';

/** A change and its row or event, in one transaction. */
async function inTransaction(pool, tenant, event, write) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(CHANGE, [tenant, randomUUID(), event.title]);
    await write(client);
    await client.query('commit');
  } finally {
    client.release();
  }
}

function plainChange({ plainPool }, table) {
  const text = `insert into ${table} (${NAMES}) values (${TYPES.map((_, at) => `$${at + 1}`).join(', ')})`;
  return async (tenant) => {
    const event = nextEvent();
    await inTransaction(plainPool, tenant, event, (client) =>
      client.query({ name: `${table}_one`, text, values: asRow(tenant, event) }),
    );
  };
}

function loggedChange({ bulkhead, protectedPool }) {
  return async (tenant) => {
    const event = nextEvent();
    const actor = { type: 'user', id: event.actor, name: event.actorName };
    await bulkhead.asTenant(
      tenant,
      () =>
        inTransaction(protectedPool, tenant, event, (client) =>
          bulkhead.audit.record(asInput(event), client),
        ),
      { actor },
    );
  };
}

function heatsOf(ground) {
  const contenders = (batch) => [
    { key: 'plain, key alone', write: plainWriter(ground, 'plain_key', batch) },
    { key: 'plain, searchable', write: plainWriter(ground, 'plain_search', batch) },
    { key: 'audit log', write: logWriter(ground, batch), isLog: true },
  ];
  const changes = [
    { key: 'plain, key alone', write: plainChange(ground, 'plain_key') },
    { key: 'plain, searchable', write: plainChange(ground, 'plain_search') },
    { key: 'audit log', write: loggedChange(ground), isLog: true },
  ];
  const heat = (title, batch, writers, tenants, asked, isChange = false) => ({
    title,
    batch,
    writers,
    tenants: ground.tenants.slice(0, tenants),
    asked,
    contenders: isChange ? changes : contenders(batch),
  });
  return [
    heat('single events, 16 writers, 50 tenants', 1, 16, 50, { ofPlain: 0.7 }),
    heat(
      'single events, each with a change in one transaction, 16 writers',
      1,
      16,
      50,
      { ofPlain: 0.7 },
      true,
    ),
    heat('single events, 16 writers, 1,000 tenants', 1, 16, 1000, {}),
    // As many writers as the cores that are asked about: more would only wait for each other.
    heat('batches of 500, 2 writers, 50 tenants', 500, 2, 50, { perSecond: 20_000 }),
    heat('one hot tenant, batches of 100, 4 writers', 100, 4, 1, { perSecond: 10_000 }),
  ];
}

async function runHeat(ground, heat, rounds, slotMs) {
  for (const contender of heat.contenders) await slot(ground, heat, contender, slotMs / 3);
  const slots = heat.contenders.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    const order = heat.contenders.map((_, at) => (at + round) % heat.contenders.length);
    for (const at of order) slots[at].push(await slot(ground, heat, heat.contenders[at], slotMs));
  }
  const measured = heat.contenders.map(({ key, isLog }, at) => ({ key, isLog, slots: slots[at] }));
  const log = median(measured.at(-1).slots.map(({ perSecond }) => perSecond));
  const lag = await measureLag(ground, heat, log / 2, 2 * slotMs);
  ground.workerRss.push(rssMB(ground.workerPid));
  return { title: heat.title, asked: heat.asked, measured, lag };
}

/** Batches without a pause: the worker's memory every ten seconds, which must not go on rising. */
async function soak(ground, seconds, say) {
  const heat = heatsOf(ground).find(({ batch }) => batch === 500);
  const rss = [];
  const endMs = performance.now() + 1000 * seconds;
  while (performance.now() < endMs) {
    const { perSecond } = await slot(ground, heat, heat.contenders.at(-1), 10_000);
    rss.push(rssMB(ground.workerPid));
    say(`soak: ${Math.round(perSecond)}/s, worker ${rss.at(-1)} MB`);
  }
  return rss;
}

async function slot(ground, heat, { write, isLog }, lengthMs) {
  const before = cpuNow(ground);
  const startedMs = performance.now();
  const endMs = startedMs + lengthMs;
  let events = 0;
  const writer = async (at) => {
    for (let turn = at; performance.now() < endMs; turn += 1) {
      await write(heat.tenants[(turn * 7919) % heat.tenants.length]);
      events += heat.batch;
    }
  };
  await Promise.all(Array.from({ length: heat.writers }, (_, at) => writer(at)));
  const writtenMs = performance.now() - startedMs;
  if (isLog) await settled(ground);
  const elapsedMs = performance.now() - startedMs;
  const after = cpuNow(ground);
  const blocks = isLog ? await indexed(ground) : 0;
  const atRest = cpuNow(ground);
  const perEvent = (from, to) =>
    Object.fromEntries(Object.keys(to).map((key) => [key, (to[key] - from[key]) / events]));
  return {
    perSecond: (events / elapsedMs) * 1000,
    writtenPerSecond: (events / writtenMs) * 1000,
    cpuUs: perEvent(before, after),
    // Of what was indexed then, which in short slots over many tenants is little or nothing of what was written.
    indexingUs:
      blocks === 0 ? undefined : sum(perEvent(after, atRest)) * (events / (blocks * BLOCK_EVENTS)),
  };
}

/** Nothing waits to be sequenced or signed. */
async function settled({ admin }) {
  for (;;) {
    const { rows } = await admin.query(
      'select exists (select from bulkhead.audit_pending) or exists (select from bulkhead.audit_unsigned) as waits',
    );
    if (!rows[0].waits) return;
    // Each time it looks past the rows that were deleted: asked often, that would be the server's largest work.
    await sleep(50);
  }
}

const BLOCK_EVENTS = 1024;

/** Waits until no full block is left to be indexed; says how many were since the call. */
async function indexed({ admin }) {
  const { rows: due } = await admin.query(
    'select count(*)::integer as blocks from bulkhead.audit_search_due(100000)',
  );
  for (;;) {
    const { rows } = await admin.query('select from bulkhead.audit_search_due(1)');
    if (rows.length === 0) return due[0].blocks;
    await sleep(250);
  }
}

/** How long after it was recorded an event is in its log, and under a checkpoint, at a steady rate. */
async function measureLag(ground, heat, perSecond, lengthMs) {
  const { admin } = ground;
  const { write } = heat.contenders.at(-1);
  const { rows: begun } = await admin.query('select clock_timestamp() as at');
  const startedMs = performance.now();
  let calls = 0;
  const underWay = new Set();
  while (performance.now() - startedMs < lengthMs) {
    const due = ((performance.now() - startedMs) / 1000) * (perSecond / heat.batch);
    while (calls < due && underWay.size < 64) {
      const call = write(heat.tenants[(calls * 7919) % heat.tenants.length]).finally(() =>
        underWay.delete(call),
      );
      underWay.add(call);
      calls += 1;
    }
    await sleep(2);
  }
  await Promise.all(underWay);
  const written = (calls * heat.batch * 1000) / (performance.now() - startedMs);
  await settled(ground);
  const { rows } = await admin.query(
    `select c.entries, c.count, extract(epoch from c.sequenced_at) * 1000 as sequenced,
            extract(epoch from k.signed_at) * 1000 as signed
       from bulkhead.audit_chunk c
      cross join lateral (select signed_at from bulkhead.audit_checkpoint k
        where k.tenant_id = c.tenant_id and k.class = c.class and k.size > c.first order by k.size limit 1) k
      where c.sequenced_at > $1`,
    [begun[0].at],
  );
  const sequenced = [];
  const signed = [];
  for (const row of rows) {
    for (const entry of parseBundle(row.entries, row.count)) {
      const recorded = Date.parse(/"recorded":"([^"]+)"/.exec(Buffer.from(entry).toString())[1]);
      sequenced.push(Number(row.sequenced) - recorded);
      signed.push(Number(row.signed) - recorded);
    }
  }
  return {
    perSecond: written,
    sequencedMs: { p50: quantile(sequenced, 0.5), p99: quantile(sequenced, 0.99) },
    signedMs: { p50: quantile(signed, 0.5), p99: quantile(signed, 0.99) },
  };
}

const sum = ({ app, server, worker }) => app + server + worker;

function describeIndexing(measured) {
  const known = measured.at(-1).slots.filter(({ indexingUs }) => indexingUs !== undefined);
  if (known.length === 0) return 'no block of the index was filled';
  const indexing = median(known.map(({ indexingUs }) => indexingUs));
  const log = median(known.map(({ cpuUs }) => sum(cpuUs))) + indexing;
  const searchable = median(measured.at(-2).slots.map(({ cpuUs }) => sum(cpuUs)));
  return `indexed later for ${indexing.toFixed(0)} µs more, and with that by CPU ${(searchable / log).toFixed(2)} of the searchable`;
}

function describe({ title, asked, measured, lag }) {
  const of = (slots, what) => median(slots.map(what));
  const total = ({ cpuUs }) => sum(cpuUs);
  const log = measured.at(-1);
  const lines = measured.map(({ key, slots, isLog }) => {
    const ratio = of(
      slots.map((taken, at) => log.slots[at].perSecond / taken.perSecond),
      (value) => value,
    );
    const byCpu = of(slots, total) / of(log.slots, total);
    return [
      key.padEnd(18),
      `${Math.round(of(slots, (taken) => taken.perSecond))}/s`.padStart(9),
      isLog
        ? ''.padStart(30)
        : `log is ${ratio.toFixed(2)} of it, by CPU ${byCpu.toFixed(2)}`.padStart(30),
      `CPU µs: app ${of(slots, (t) => t.cpuUs.app).toFixed(0)}, server ${of(slots, (t) => t.cpuUs.server).toFixed(0)}, worker ${of(slots, (t) => t.cpuUs.worker).toFixed(0)}`,
    ].join('  ');
  });
  const cpu = of(log.slots, total);
  lines.push(
    `two free cores would do ${Math.round(2e6 / cpu)}/s; written at ${Math.round(of(log.slots, (taken) => taken.writtenPerSecond))}/s`,
    describeIndexing(measured),
    `at ${Math.round(lag.perSecond)}/s: sequenced after p50 ${lag.sequencedMs.p50.toFixed(0)} ms, p99 ${lag.sequencedMs.p99.toFixed(0)} ms; signed after p50 ${lag.signedMs.p50.toFixed(0)} ms, p99 ${lag.signedMs.p99.toFixed(0)} ms`,
  );
  const wanted = asked.ofPlain
    ? `≥ ${asked.ofPlain} of plain`
    : asked.perSecond
      ? `≥ ${asked.perSecond}/s`
      : 'nothing';
  return `${title} (asked: ${wanted})\n  ${lines.join('\n  ')}\n`;
}

/** Processor time so far, in microseconds, of the writers, the server with its backends, and the worker. */
function cpuNow({ serverPid, workerPid }) {
  const { user, system } = process.cpuUsage();
  let server = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat === undefined) continue;
    // The postmaster's count of its ended children too, or a vacuum that ends would take its time along.
    if (Number(name) === serverPid) server += stat.ticks + stat.endedTicks;
    else if (stat.parent === serverPid) server += stat.ticks;
  }
  return {
    app: user + system,
    server: server * 10_000,
    worker: (statOf(workerPid)?.ticks ?? 0) * 10_000,
  };
}

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [ticks, endedTicks] = [11, 13].map((at) => Number(fields[at]) + Number(fields[at + 1]));
    return { parent: Number(fields[1]), ticks, endedTicks };
  } catch {
    return undefined;
  }
}

function rssMB(pid) {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
}

function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function median(values) {
  return quantile(values, 0.5);
}

if (process.argv[2] === 'worker') await work(JSON.parse(process.argv[3]));
else await main();
