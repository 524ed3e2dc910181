/**
 * How quickly an event of a log of ten million is proven, as the app's role under row-level security.
 *
 * `npm run build && node bench/audit/proof.mjs [--events 10000000] [--proofs 2000]`
 *
 * Makes the log straight into the tables, through the encoder that the sequencer uses, with chunks of uneven
 * sizes as batches make them; then asks for proofs of random events and of the newest, and verifies each.
 */

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { leafHash, verifyInclusion } from 'bulkhead-verify';
import {
  proveConsistency,
  proveInclusion,
} from '../../packages/bulkhead/dist/audit/log/prove-log.js';
import { TiledTree } from '../../packages/bulkhead/dist/audit/log/tiled-tree.js';
import { BatchBytes } from '../../packages/bulkhead/dist/audit/sequencer/batch-bytes.js';
import { planLog } from '../../packages/bulkhead/dist/audit/sequencer/plan-batch.js';
import { Signer } from '../../packages/bulkhead/dist/audit/signer/signer.js';
import {
  generateSigningKey,
  parseSigningKey,
} from '../../packages/bulkhead/dist/audit/signer/signing-key.js';
import { preparing } from '../../packages/bulkhead/dist/audit/worker/run-loop.js';
import { capabilities } from '../../packages/bulkhead/dist/capabilities.js';
import {
  generateContextKey,
  parseContextKey,
  publishContextKey,
} from '../../packages/bulkhead/dist/isolation/index.js';
import { createContextSigner } from '../../packages/bulkhead/dist/isolation/signed-context.js';
import { startEmbeddedPostgres } from '../../packages/bulkhead/dist/kernel/embedded/index.js';
import { migrate } from '../../packages/bulkhead/dist/kernel/migrations/index.js';

// The product's own copy: the peers of the other benchmarks bring another one.
const pg = createRequire(new URL('../../packages/bulkhead/package.json', import.meta.url))('pg');

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    proofs: { type: 'string', default: '2000' },
  },
});
const EVENTS = Number(options.events);
const PROOFS = Number(options.proofs);
const TENANT = '5eac4000-0000-4000-8000-000000000001';
const BATCH = 2_000;
const PAD = 'x'.repeat(300);
/** Leaves lie short of a tile now and then, as when a batch ends; each makes one more chunk. */
const UNEVEN = 1_937;

const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-proof-'));
const server = await startEmbeddedPostgres({
  dataDir,
  durable: false,
  settings: { shared_buffers: '512MB', fsync: 'off', max_wal_size: '8GB' },
});
try {
  await run();
} finally {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function run() {
  const password = randomBytes(12).toString('hex');
  const admin = await connect(server.superuserUrl);
  await admin.query('create role bulkhead nologin');
  for (const role of ['bench_app', 'bench_signer']) {
    await admin.query(`create role ${role} login password '${password}'`);
  }
  const contextKey = generateContextKey();
  await migrate({
    connectionString: server.superuserUrl,
    capabilities,
    appRole: 'bench_app',
    signerRole: 'bench_signer',
  });
  await publishContextKey(admin, contextKey);
  await make(admin);

  const signing = await connect(server.url({ user: 'bench_signer', password }));
  const signer = new Signer({ keys: [parseSigningKey(generateSigningKey())] });
  const signed = performance.now();
  const { signed: logs } = await signer.next(preparing(signing));
  if (logs !== 1) throw new Error('the signer refused the log');
  say('read, hashed and signed by the signer', EVENTS, performance.now() - signed);
  await admin.query('vacuum analyze');

  const app = await connect(server.url({ user: 'bench_app', password }));
  const { token } = createContextSigner(parseContextKey(contextKey), 900).sign(
    {
      kind: 'tenant',
      tenant: { id: TENANT },
      actor: { type: 'user', id: 'ada' },
      expiresAtMs: Date.now() + 900_000,
    },
    Date.now(),
  );
  await app.query(`select set_config('bulkhead.context', $1, false)`, [token]);
  const backend = await app.query('select pg_backend_pid() as pid');
  const db = { query: preparing(app), pid: backend.rows[0].pid };
  await measure('one event of the whole log', db, () => Math.floor(Math.random() * EVENTS));
  await measure(
    'one of the newest thousand',
    db,
    () => EVENTS - 1 - Math.floor(Math.random() * 1000),
  );
  const half = performance.now();
  const log = { tenant: TENANT, class: 'standard' };
  await proveConsistency(db, log, EVENTS, EVENTS);
  console.log(
    `load ${loadavg()[0].toFixed(1)}; consistency ${(performance.now() - half).toFixed(1)} ms`,
  );
  await Promise.all([admin, signing, app].map((client) => client.end()));
}

async function connect(connectionString) {
  const client = new pg.Client({ connectionString });
  // When something fails the server goes first; what failed is what is told.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function make(admin) {
  const head = {
    tenant: TENANT,
    class: 'standard',
    origin: 'bench/log',
    tree: new TiledTree(0, Buffer.of()),
  };
  const sealed = new BatchBytes(1024 ** 2);
  const started = performance.now();
  await admin.query(
    `insert into bulkhead.audit_log (tenant_id, class, origin) values ($1, 'standard', 'bench/log')`,
    [TENANT],
  );
  for (let next = 0; next < EVENTS; ) {
    const count = Math.min(next % 3 === 0 ? UNEVEN : BATCH, EVENTS - next);
    sealed.clear();
    const leaves = Array.from({ length: count }, (_, at) => {
      const eventId = idOf(next + at);
      const leaf = {
        at: sealed.length,
        length: sealed.addText(leafOf(next + at)),
      };
      return { eventId, leaf, openings: [] };
    });
    const bytes = new BatchBytes(4 * sealed.length);
    const { chunks, tiles } = planLog({ head, leaves }, sealed, bytes);
    await admin.query(
      `insert into bulkhead.audit_chunk (tenant_id, class, first, count, entries, hashes)
       select $1, 'standard', first, octet_length(hashes) / 32, entries, hashes
         from unnest($2::bigint[], $3::bytea[], $4::bytea[]) as t (first, entries, hashes)`,
      [
        TENANT,
        chunks.map(({ first }) => first),
        chunks.map(({ entriesAt, entriesLength }) => bytes.slice(entriesAt, entriesLength)),
        chunks.map(({ hashesAt, eventIds }) => bytes.slice(hashesAt, 32 * eventIds.length)),
      ],
    );
    await admin.query(
      `insert into bulkhead.audit_tile (tenant_id, class, level, first, count, hashes)
       select $1, 'standard', level, first, octet_length(hashes) / 32, hashes
         from unnest($2::smallint[], $3::bigint[], $4::bytea[]) as t (level, first, hashes)`,
      [
        TENANT,
        tiles.map(({ level }) => level),
        tiles.map(({ first }) => first),
        tiles.map(({ hashes }) => Buffer.concat(hashes)),
      ],
    );
    next += count;
  }
  await admin.query(
    `insert into bulkhead.audit_event (tenant_id, id, class, leaf_index)
     select $1, ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'standard', n
       from generate_series(0, $2::bigint - 1) n`,
    [TENANT, EVENTS],
  );
  await admin.query('update bulkhead.audit_log set next = $1, frontier = $2', [
    EVENTS,
    head.tree.frontier(),
  ]);
  await admin.query(
    `insert into bulkhead.audit_unsigned (tenant_id, class, size) values ($1, 'standard', $2)`,
    [TENANT, EVENTS],
  );
  say('made', EVENTS, performance.now() - started);
}

/** As large as a usual leaf with two commitments. */
function leafOf(n) {
  return `{"action":"note.created","id":"${idOf(n)}","n":${n},"pad":"${PAD}"}`;
}

function idOf(n) {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

async function measure(what, db, pick) {
  const taken = [];
  let before = cpuMs(db.pid);
  for (let turn = 0; turn < PROOFS + 50; turn += 1) {
    const index = pick();
    if (turn === 50) before = cpuMs(db.pid);
    const started = performance.now();
    const { proof } = await proveInclusion(db, { tenant: TENANT, id: idOf(index) });
    if (turn >= 50) taken.push(performance.now() - started);
    const leaf = leafHash(Buffer.from(leafOf(index)));
    const hashes = proof.hashes.map((hash) => Buffer.from(hash, 'base64'));
    const root = Buffer.from(proof.rootHash, 'base64');
    if (!verifyInclusion(leaf, index, EVENTS, hashes, root)) throw new Error('a proof is wrong');
  }
  const cpu = (cpuMs(db.pid) - before) / PROOFS;
  taken.sort((a, b) => a - b);
  const at = (share) => taken[Math.floor(share * (taken.length - 1))].toFixed(2);
  console.log(
    `${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms; processor time ${cpu.toFixed(2)} ms with verifying (${taken.length} proofs, load ${loadavg()[0].toFixed(1)})`,
  );
}

/** Of this process and of the server's backend; 0 for the latter where there is no /proc. */
function cpuMs(pid) {
  const { user, system } = process.cpuUsage();
  let ticks = 0;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    ticks = Number(fields[11]) + Number(fields[12]);
  } catch {}
  return (user + system) / 1000 + ticks * 10;
}

function say(what, count, ms) {
  console.log(
    `${count} events ${what} in ${(ms / 1000).toFixed(1)} s, ${Math.round((count / ms) * 1000)}/s`,
  );
}
