/**
 * How quickly a tenant finds events in a log of ten million, as the app's role under row-level security.
 *
 * `npm run build && node bench/audit/search.mjs [--events 10000000] [--url postgres://superuser@…/database]`
 * Without --url it starts a server of its own; with it, the database must be migrated, and what was made in it
 * stays for the next run. Prints a table; every question is asked seven times, the median and worst are shown.
 */

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeBundle, leafHash } from 'bulkhead-verify';
import { createEventOpener } from '../../packages/bulkhead/dist/audit/open/event-opener.js';
import { indexSearchBlocks } from '../../packages/bulkhead/dist/audit/search/index-blocks.js';
import { searchEvents } from '../../packages/bulkhead/dist/audit/search/search-events.js';
import { createLocalKeyWrapper } from '../../packages/bulkhead/dist/audit/vault/key-wrapper.js';
import { capabilities } from '../../packages/bulkhead/dist/capabilities.js';
import {
  generateContextKey,
  Isolation,
  publishContextKey,
} from '../../packages/bulkhead/dist/isolation/index.js';
import { startEmbeddedPostgres } from '../../packages/bulkhead/dist/kernel/embedded/index.js';
import { migrate } from '../../packages/bulkhead/dist/kernel/migrations/index.js';

// The product's own copy: the peers of the other benchmarks bring another one.
const pg = createRequire(new URL('../../packages/bulkhead/package.json', import.meta.url))('pg');

const { values: options } = parseArgs({
  options: { events: { type: 'string', default: '10000000' }, url: { type: 'string' } },
});
const EVENTS = Number(options.events);
const TENANT = '5eac4000-0000-4000-8000-000000000001';
const APP = 'search_bench_app';
const VAULT_KEY = `bhv1_${createHash('sha256').update('search bench').digest('base64url')}`;
const CHUNKS_AT_ONCE = 64;
const BEGIN = Date.UTC(2025, 0, 1);
const EVERY_MS = Math.floor((365 * 86_400_000) / EVENTS);

const NAMES = Array.from({ length: 500 }, (_, n) => `Worker ${n}`);
const AGENTS = [
  'curl/8.5.0',
  'okhttp/4.12',
  'Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0',
  'python-requests/2.32',
];
const WORDS = Array.from(
  { length: 3_000 },
  (_, n) => `w${createHash('sha256').update(String(n)).digest('hex').slice(0, 7)}`,
);

const own = options.url === undefined ? await startOwn() : undefined;
const url = options.url ?? own.url;
const admin = new pg.Client({ connectionString: url });
await admin.connect();

try {
  const appUrl = await prepare();
  await make();
  await index();
  await measure(appUrl);
} finally {
  await admin.end();
  await own?.stop();
}

async function startOwn() {
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-search-'));
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: { shared_buffers: '512MB', fsync: 'off', max_wal_size: '8GB' },
  });
  return {
    url: server.superuserUrl,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function prepare() {
  const { rows } = await admin.query(`select current_database() as name`);
  const password = randomBytes(12).toString('hex');
  await admin.query(
    `do $$ begin create role ${APP} login; exception when duplicate_object then null; end $$`,
  );
  await admin.query(`alter role ${APP} password '${password}'`);
  await migrate({ connectionString: url, appRole: APP, contextKeys: [], capabilities });
  const appUrl = new URL(url);
  appUrl.username = APP;
  appUrl.password = password;
  appUrl.pathname = `/${rows[0].name}`;
  return appUrl.href;
}

/** Straight into the tables: the search reads leaves, whoever wrote them. */
async function make() {
  const log = await admin.query('select next from bulkhead.audit_log where tenant_id = $1', [
    TENANT,
  ]);
  let next = Number(log.rows[0]?.next ?? 0);
  if (next >= EVENTS) return;
  await admin.query(
    `insert into bulkhead.audit_log (tenant_id, class, origin) values ($1, 'standard', 'bench') on conflict do nothing`,
    [TENANT],
  );
  const started = performance.now();
  while (next < EVENTS) {
    const firsts = [];
    const entries = [];
    const hashes = [];
    while (firsts.length < CHUNKS_AT_ONCE && next < EVENTS) {
      const leaves = Array.from({ length: Math.min(256, EVENTS - next) }, (_, at) =>
        leafOf(next + at),
      );
      firsts.push(next);
      entries.push(encodeBundle(leaves));
      hashes.push(Buffer.concat(leaves.map((leaf) => leafHash(leaf))));
      next += leaves.length;
    }
    await admin.query(
      `insert into bulkhead.audit_chunk (tenant_id, class, first, count, entries, hashes)
       select $1, 'standard', first, octet_length(hashes) / 32, entries, hashes
         from unnest($2::bigint[], $3::bytea[], $4::bytea[]) as t (first, entries, hashes)`,
      [TENANT, firsts, entries, hashes],
    );
    await admin.query(`update bulkhead.audit_log set next = $2 where tenant_id = $1`, [
      TENANT,
      next,
    ]);
  }
  say('events made', next, performance.now() - started);
}

function leafOf(n) {
  // A number that looks random and is the same in every run.
  const r = (salt, below) => createMix(n, salt) % below;
  const verb = ['created', 'updated', 'deleted', 'shared', 'exported'][r(1, 5)];
  const noun = ['note', 'invoice', 'project', 'member', 'report', 'file'][r(2, 6)];
  const time = new Date(BEGIN + n * EVERY_MS + r(3, 5_000)).toISOString();
  return Buffer.from(
    JSON.stringify({
      action: `${noun}.${verb}`,
      actor: { id: `key-${r(4, 2_000)}`, name: NAMES[r(5, NAMES.length)], type: 'service_account' },
      id: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
      ip: `198.51.${r(6, 100)}.${r(7, 256)}`,
      metadata: {
        plan: ['free', 'team', 'business'][r(8, 3)],
        title: `${WORDS[r(9, 3_000)]} ${WORDS[r(10, 200)]}`,
      },
      outcome: r(11, 50) === 0 ? 'denied' : r(12, 20) === 0 ? 'failure' : 'success',
      recorded: time,
      requestId: `req-${n.toString(36)}`,
      source: 'record',
      targets: [{ id: `${noun}-${r(13, 1_000_000)}`, type: noun }],
      tenant: TENANT,
      time,
      userAgent: AGENTS[r(14, AGENTS.length)],
      v: 1,
    }),
  );
}

function createMix(n, salt) {
  let h = (n ^ (salt * 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
  return (h ^ (h >>> 16)) >>> 0;
}

async function index() {
  const started = performance.now();
  const query = (text, values) => admin.query(text, values);
  const blocks = await indexSearchBlocks(query, createLocalKeyWrapper([VAULT_KEY]), {
    blocksMax: 1e9,
  });
  if (blocks > 0) say('events indexed', blocks * 1024, performance.now() - started);
  await admin.query(
    'analyze bulkhead.audit_search_block, bulkhead.audit_search_term, bulkhead.audit_chunk',
  );
  const sizes = await admin.query(
    `select pg_total_relation_size('bulkhead.audit_chunk') as log,
            pg_total_relation_size('bulkhead.audit_search_block') + pg_total_relation_size('bulkhead.audit_search_term') as index`,
  );
  const perEvent = (bytes) => `${(Number(bytes) / EVENTS).toFixed(0)} bytes an event`;
  console.log(
    `log ${perEvent(sizes.rows[0].log)}, search index ${perEvent(sizes.rows[0].index)}\n`,
  );
}

async function measure(appUrl) {
  const contextKey = generateContextKey();
  await publishContextKey(admin, contextKey);
  const isolation = new Isolation({
    contextKeys: [contextKey],
    tokenLifetimeSeconds: 300,
    searchPath: ['public'],
    pooler: 'none',
    allow: { functions: [], relations: [], statements: [] },
    inFlightMax: 1,
    prepareStatements: true,
    operatorUrl: undefined,
  });
  isolation.protect(new pg.Pool({ connectionString: appUrl, max: 1 }));
  const reader = {
    query: (text, values) =>
      isolation.enterTenant({ id: TENANT }, () => isolation.contextQuery(text, values)),
    opener: createEventOpener(createLocalKeyWrapper([VAULT_KEY])),
    tenant: TENANT,
    cursorKey: randomBytes(32),
  };
  const day = (n) => new Date(BEGIN + n * 86_400_000).toISOString();
  const middle = Math.floor(EVENTS / 2);
  const questions = {
    'the latest': {},
    'a day last spring': { from: day(100), to: day(101) },
    'an action': { action: 'invoice.deleted' },
    'all of a noun, denied': { action: 'member.*', outcome: 'denied' },
    'an actor': { actor: 'service_account:key-77' },
    'an actor, an action, a month': {
      actor: 'service_account:key-77',
      action: 'note.shared',
      from: day(60),
      to: day(90),
    },
    'a target': { target: `invoice:invoice-4711` },
    'a request': { text: `req-${middle.toString(36)}` },
    'an address': { text: '198.51.7.7' },
    'a common word': { text: 'team' },
    'two words': { text: `${WORDS[11]} ${WORDS[7]}` },
    'a rare word, a common one': { text: `${WORDS[2999]} business`, outcome: 'failure' },
    'a word that is nowhere': { text: 'zyzzyva' },
  };
  const rows = [];
  for (const [name, filter] of Object.entries(questions)) {
    const times = [];
    let found = 0;
    for (let turn = 0; turn < 7; turn += 1) {
      const started = performance.now();
      const page = await searchEvents(reader, { ...filter, limit: 50 });
      times.push(performance.now() - started);
      found = page.events.length;
    }
    times.sort((a, b) => a - b);
    rows.push({
      question: name,
      found,
      'median ms': Math.round(times[3]),
      'worst ms': Math.round(times[6]),
    });
  }
  const deep = [];
  let cursor;
  for (let turn = 0; turn < 40; turn += 1) {
    const started = performance.now();
    const page = await searchEvents(reader, { actor: 'service_account:key-77', limit: 50, cursor });
    deep.push(performance.now() - started);
    if (page.next === null) break;
    cursor = page.next;
  }
  deep.sort((a, b) => a - b);
  rows.push({
    question: `pages 1 to ${deep.length} of an actor`,
    found: 50,
    'median ms': Math.round(deep[deep.length >> 1]),
    'worst ms': Math.round(deep.at(-1)),
  });
  console.table(rows);
  await isolation.close();
}

function say(what, count, ms) {
  console.log(
    `${what}: ${count.toLocaleString('en')} in ${(ms / 1000).toFixed(0)} s, ${Math.round(count / (ms / 1000)).toLocaleString('en')}/s`,
  );
}
