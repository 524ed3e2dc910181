/**
 * How quickly an event of a log of ten million is proven, through the library as an app calls it: in its tenant's
 * context, under row-level security, over the protected pool.
 *
 * `npm run build && node bench/audit/proof.mjs [--keep DIR] [--events 10000000] [--tenants 5000] [--proofs 2000]`
 *
 * Asks for proofs of random events and of the newest in the log of `ground.mjs`, and verifies each.
 */

import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { leafHash, verifyInclusion } from 'bulkhead-verify';
import { createBulkhead } from '../../packages/bulkhead/dist/index.js';
import { BIG, groundOptions, openGround, pg } from './ground.mjs';

const { values } = parseArgs({
  options: { ...groundOptions, proofs: { type: 'string', default: '2000' } },
});
const PROOFS = Number(values.proofs);
const WARM_UP = 100;

const ground = await openGround(values, console.log);
const bulkhead = createBulkhead(ground.config);
const pool = bulkhead.protect(new pg.Pool({ connectionString: ground.urlOf('app'), max: 2 }));
try {
  const { rows } = await ground.admin.query(
    `select l.next::float8 as size, (select count(*) from bulkhead.audit_checkpoint)::float8 as checkpoints
       from bulkhead.audit_log l where l.tenant_id = $1`,
    [BIG],
  );
  const [{ size, checkpoints }] = rows;
  console.log(`a log of ${size.toLocaleString('en')} events; ${checkpoints} checkpoints in all`);
  const random = await idsAt(() => Math.floor(Math.random() * size));
  const newest = await idsAt(() => size - 1 - Math.floor(Math.random() * 1_000));
  await measure('a random event', random, size);
  await measure('one of the newest thousand', newest, size);
} finally {
  await bulkhead.close();
  await pool.end().catch(() => undefined);
  await ground.close();
}

async function idsAt(pick) {
  const places = Array.from({ length: PROOFS + WARM_UP }, pick);
  const ids = [];
  for (let at = 0; at < places.length; at += 100) {
    // Out of the leaves themselves: there is no way from a place to an id but through them.
    const { rows } = await ground.admin.query(
      `select w.place::float8 as place, c.first::float8 as first, c.entries
         from unnest($2::bigint[]) as w (place)
        cross join lateral (select first, entries from bulkhead.audit_chunk
          where tenant_id = $1 and class = 'standard' and first <= w.place order by first desc limit 1) as c`,
      [BIG, places.slice(at, at + 100)],
    );
    for (const { place, first, entries } of rows) ids.push(idAt(entries, place - first));
  }
  return ids;
}

function idAt(entries, nth) {
  let at = 0;
  for (let before = 0; before < nth; before += 1) at += 2 + entries.readUInt16BE(at);
  return JSON.parse(entries.subarray(at + 2, at + 2 + entries.readUInt16BE(at)).toString()).id;
}

async function measure(what, ids, size) {
  const taken = [];
  const backends = await backendsOf();
  let before = 0;
  for (const [turn, id] of ids.entries()) {
    if (turn === WARM_UP) before = cpuMs(backends);
    const started = performance.now();
    const { proof } = await bulkhead.asTenant(BIG, () => bulkhead.audit.prove(id));
    if (turn >= WARM_UP) taken.push(performance.now() - started);
    const leaf = leafHash(Buffer.from(proof.entry, 'base64'));
    const hashes = proof.hashes.map((hash) => Buffer.from(hash, 'base64'));
    const root = Buffer.from(proof.rootHash, 'base64');
    const isTold = JSON.parse(Buffer.from(proof.entry, 'base64').toString()).id === id;
    if (!isTold || !verifyInclusion(leaf, proof.leafIndex, proof.treeSize, hashes, root)) {
      throw new Error('a proof is wrong');
    }
    if (proof.treeSize > size) throw new Error('somebody writes');
  }
  const cpu = (cpuMs(backends) - before) / taken.length;
  taken.sort((a, b) => a - b);
  const at = (share) => taken[Math.floor(share * (taken.length - 1))].toFixed(2);
  console.log(
    `${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms; processor time ${cpu.toFixed(2)} ms ` +
      `with verifying (${taken.length} proofs, load ${loadavg()[0].toFixed(1)})`,
  );
}

async function backendsOf() {
  await bulkhead.asTenant(BIG, () => bulkhead.audit.search({ limit: 1 }));
  const { rows } = await ground.admin.query(
    `select pid from pg_stat_activity where usename = 'bench_app'`,
  );
  return rows.map(({ pid }) => pid);
}

/** Of this process and of the server's backends; 0 for the latter where there is no /proc. */
function cpuMs(pids) {
  const { user, system } = process.cpuUsage();
  let ticks = 0;
  for (const pid of pids) {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {}
  }
  return (user + system) / 1000 + ticks * 10;
}
