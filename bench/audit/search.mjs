/**
 * How quickly a tenant finds events in a log of ten million, through the library as an app calls it: in its tenant's
 * context, under row-level security, over the protected pool.
 *
 * `npm run build && node bench/audit/search.mjs [--keep DIR] [--events 10000000] [--tenants 5000]`
 *
 * Asks the log of `ground.mjs`; every question is asked seven times, and the first, median and worst are shown: the
 * first pays for planning and, after a start of the server, for reading from disk.
 */

import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { createBulkhead } from '../../packages/bulkhead/dist/index.js';
import {
  BIG,
  groundOptions,
  keyOf,
  openGround,
  personId,
  pg,
  requestOf,
  targetOf,
  timeOf,
  WORDS,
} from './ground.mjs';

const { values } = parseArgs({ options: groundOptions });
const ground = await openGround(values, console.log);
const bulkhead = createBulkhead(ground.config);
const pool = bulkhead.protect(new pg.Pool({ connectionString: ground.urlOf('app'), max: 2 }));
try {
  await measure(ground.plan);
} finally {
  await bulkhead.close();
  await pool.end().catch(() => undefined);
  await ground.close();
}

function questionsOf(plan) {
  const at = (share) => new Date(timeOf(Math.floor(share * plan.events), plan)).toISOString();
  const middle = Math.floor(plan.events / 2 / 20_000) * 20_000 + 2_500;
  return {
    'the latest': {},
    'a day in the middle': { from: at(0.5), to: at(0.511) },
    'an action': { action: 'invoice.deleted' },
    'all of a noun, denied': { action: 'report.*', outcome: 'denied' },
    'an actor': { actor: `service_account:${keyOf(77, 0)}` },
    'a person': { actor: `user:${personId(0, 77)}` },
    'an actor, an action, a month': {
      actor: `service_account:${keyOf(77, 0)}`,
      action: 'note.shared',
      from: at(0.2),
      to: at(0.53),
    },
    'a target': { target: `invoice:${targetOf(middle)}` },
    'a request': { text: requestOf(middle) },
    'an address': { text: '198.51.7.7' },
    'a person’s name': { text: 'keiko tanaka' },
    'a common word': { text: 'team' },
    'two words': { text: `${WORDS[11]} ${WORDS[7]}` },
    'a rare word, a common one': { text: `${WORDS[2999]} business`, outcome: 'failure' },
    'a word that is nowhere': { text: 'zyzzyva' },
  };
}

async function measure(plan) {
  const rows = [];
  for (const [question, filter] of Object.entries(questionsOf(plan))) {
    const times = [];
    let found = 0;
    for (let turn = 0; turn < 7; turn += 1) {
      const started = performance.now();
      const page = await search({ ...filter, limit: 50 });
      times.push(performance.now() - started);
      found = page.events.length;
    }
    rows.push(rowOf(question, found, times));
  }
  const deep = [];
  let cursor;
  for (let turn = 0; turn < 40; turn += 1) {
    const started = performance.now();
    const page = await search({ actor: `service_account:${keyOf(77, 0)}`, limit: 50, cursor });
    deep.push(performance.now() - started);
    if (page.next === null) break;
    cursor = page.next;
  }
  rows.push(rowOf(`pages 1 to ${deep.length} of an actor`, 50, deep));
  console.table(rows);
  console.log(`load ${loadavg()[0].toFixed(1)}`);
}

function search(filter) {
  return bulkhead.asTenant(BIG, () => bulkhead.audit.search(filter));
}

function rowOf(question, found, times) {
  const [first] = times;
  const sorted = [...times].sort((a, b) => a - b);
  return {
    question,
    found,
    'first ms': Math.round(first),
    'median ms': Math.round(sorted[sorted.length >> 1]),
    'worst ms': Math.round(sorted.at(-1)),
  };
}
