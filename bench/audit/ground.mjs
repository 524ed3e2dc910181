/**
 * A log of ten million events and five thousand tenants, which the other scripts measure.
 *
 * `npm run build && node bench/audit/ground.mjs --keep DIR [--events 10000000] [--tenants 5000]`
 *
 * Builds it in a PostgreSQL of its own in that directory, or goes on where it was cut off; what is there is used as it
 * is. One tenant has nine tenths of the events, the others share the rest. It is the log that a worker would have
 * made: sealed by the vault, laid into the trees by the sequencer's own code and appended by
 * `bulkhead.audit_append`, while a real worker signs and indexes. Only the outbox is left out: events are handed
 * to the sealer as if they had been read from there. `bulkhead audit verify` accepts it.
 */

import { fork } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { logKey } from '../../packages/bulkhead/dist/audit/log/log-name.js';
import { readPending } from '../../packages/bulkhead/dist/audit/read-pending.js';
import { digestOf } from '../../packages/bulkhead/dist/audit/search/block.js';
import { encodePart } from '../../packages/bulkhead/dist/audit/search/postings.js';
import {
  actionTerm,
  actorTerm,
  outcomeTerm,
  targetTerm,
  wordTerm,
} from '../../packages/bulkhead/dist/audit/search/terms.js';
import { PARTS, partOf, tokenizer } from '../../packages/bulkhead/dist/audit/search/token.js';
import {
  appendBatch,
  encodeBatch,
} from '../../packages/bulkhead/dist/audit/sequencer/append-batch.js';
import { BatchBytes } from '../../packages/bulkhead/dist/audit/sequencer/batch-bytes.js';
import { LogHeads } from '../../packages/bulkhead/dist/audit/sequencer/log-heads.js';
import { planLog } from '../../packages/bulkhead/dist/audit/sequencer/plan-batch.js';
import { generateSigningKey } from '../../packages/bulkhead/dist/audit/signer/signing-key.js';
import { createLocalKeyWrapper } from '../../packages/bulkhead/dist/audit/vault/key-wrapper.js';
import {
  indexPurpose,
  searchKeyOf,
} from '../../packages/bulkhead/dist/audit/vault/tenant-vault.js';
import { createVault } from '../../packages/bulkhead/dist/audit/vault/vault.js';
import { generateVaultKey } from '../../packages/bulkhead/dist/audit/vault/vault-key.js';
import { startConfiguredWorker } from '../../packages/bulkhead/dist/audit/worker/configured-worker.js';
import { preparing } from '../../packages/bulkhead/dist/audit/worker/run-loop.js';
import { capabilities } from '../../packages/bulkhead/dist/capabilities.js';
import { resolveConfig } from '../../packages/bulkhead/dist/config.js';
import { generateCredentialKey } from '../../packages/bulkhead/dist/index.js';
import {
  generateContextKey,
  publishContextKey,
} from '../../packages/bulkhead/dist/isolation/index.js';
import { startEmbeddedPostgres } from '../../packages/bulkhead/dist/kernel/embedded/index.js';
import { migrate } from '../../packages/bulkhead/dist/kernel/migrations/index.js';

// The product's own copy: the peers of the other benchmarks bring another one.
export const pg = createRequire(new URL('../../packages/bulkhead/package.json', import.meta.url))(
  'pg',
);

export const groundOptions = {
  events: { type: 'string', default: '10000000' },
  tenants: { type: 'string', default: '5000' },
  keep: { type: 'string' },
};

const ROLES = ['app', 'operator', 'audit', 'signer', 'identity'];
const ORIGIN = 'audit.bench.example';
const DAY_MS = 86_400_000;
const SPAN_MS = 90 * DAY_MS;
const BATCH = 2_000;
/** One batch in ten is of so many of the smaller tenants. */
const SMALL_AT_ONCE = 40;
const PEOPLE_OF_BIG = 2_000;
const PEOPLE_OF_SMALL = 3;

/** Numbers that look random and are the same in every run. */
export function mix(n, salt, below) {
  let h = (n ^ (salt * 0x9e3779b1)) >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b) >>> 0;
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35) >>> 0;
  return ((h ^ (h >>> 16)) >>> 0) % below;
}

const hex = (n, salt) =>
  mix(n, salt, 2 ** 32)
    .toString(16)
    .padStart(8, '0');
function uuidOf(n, salt) {
  const text = hex(n, salt) + hex(n, salt + 1) + hex(n, salt + 2) + hex(n, salt + 3);
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-8${text.slice(17, 20)}-${text.slice(20)}`;
}

/** The first of them is the big one. */
export const tenantId = (nth) => uuidOf(nth, 101);
export const BIG = tenantId(0);
export const personId = (tenant, nth) => uuidOf(tenant * 4_096 + nth, 201);
const peopleOf = (tenant) => (tenant === 0 ? PEOPLE_OF_BIG : PEOPLE_OF_SMALL);
export const eventId = (n) => uuidOf(n, 301);

const FIRST =
  'Acme Borealis Cobalt Delta Ember Fjord Granite Harbor Iris Juniper Kestrel Lumen'.split(' ');
const SECOND = 'Robotics Coffee Architects Health Logistics Foods Energy Studio Labs Press'.split(
  ' ',
);
const GIVEN =
  'Ada Bruno Chiara Dmitri Elif Farah Grace Hugo Ines Jonas Keiko Liam Mara Nadia'.split(' ');
const FAMILY = 'Okafor Keller Rossi Volkov Haddad Lin Martin Duarte Berg Tanaka Byrne Silva'.split(
  ' ',
);
const personName = (nth) =>
  `${GIVEN[nth % GIVEN.length]} ${FAMILY[mix(nth, 7, FAMILY.length)]} ${nth}`;
const tenantName = (nth) =>
  `${FIRST[nth % FIRST.length]} ${SECOND[mix(nth, 8, SECOND.length)]} ${nth}`;

const VERBS = ['created', 'updated', 'deleted', 'shared', 'exported'];
const NOUNS = ['note', 'invoice', 'project', 'comment', 'report', 'file'];
const PLANS = ['free', 'team', 'business'];
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0.0.0',
];
export const WORDS = Array.from(
  { length: 3_000 },
  (_, n) => `w${createHash('sha256').update(String(n)).digest('hex').slice(0, 7)}`,
);

/** Which tenant the event is of, counted from 0. */
function tenantOf(n, { tenants }) {
  const batch = Math.floor(n / BATCH);
  if (batch % 10 !== 9 || tenants === 1) return 0;
  const at = Math.floor((n % BATCH) / (BATCH / SMALL_AT_ONCE));
  return 1 + ((Math.floor(batch / 10) * SMALL_AT_ONCE + at) % (tenants - 1));
}

/** When it happened: evenly over the ninety days before the ground was made, in the order of the log. */
export const timeOf = (n, { begin, events }) => begin + Math.floor((n * SPAN_MS) / events);

export const outcomeOf = (n) =>
  mix(n, 11, 50) === 0 ? 'denied' : mix(n, 12, 20) === 0 ? 'failure' : 'success';

export const keyOf = (n, tenant) => `key${mix(n, 4, tenant === 0 ? 2_000 : 2)}`;
export const requestOf = (n) => `req${n.toString(36)}`;
export const targetOf = (n) => String(mix(n, 13, 1_000_000));

function contentOf(n) {
  return {
    noun: NOUNS[mix(n, 2, NOUNS.length)],
    verb: VERBS[mix(n, 1, VERBS.length)],
    plan: PLANS[mix(n, 8, 3)],
    words: [WORDS[mix(n, 9, 3_000)], WORDS[mix(n, 10, 200)]],
  };
}

const metadataOf = ({ plan, words }) => `{"plan":"${plan}","title":"${words.join(' ')}"}`;

/** One batch in ten has events of signed-in people, with what is personal. */
const hasPersons = (n) => Math.floor(n / BATCH) % 20 === 0 || Math.floor(n / BATCH) % 20 === 9;

/** As the sequencer finds it in the outbox. */
function pendingEvent(n, plan) {
  const tenant = tenantOf(n, plan);
  const content = contentOf(n);
  const { noun, verb } = content;
  const isPerson = mix(n, 3, 5) < 2;
  const person = mix(n, 4, peopleOf(tenant));
  const rest =
    `"metadata":${metadataOf(content)},"outcome":"${outcomeOf(n)}","requestId":"${requestOf(n)}",` +
    `"targets":[{"id":"${targetOf(n)}","type":"${noun}"}]`;
  return {
    tenant: tenantId(tenant),
    class: 'standard',
    id: eventId(n),
    recorded: new Date(timeOf(n, plan)).toISOString(),
    actor: isPerson ? `user:${personId(tenant, person)}` : `service_account:${keyOf(n, tenant)}`,
    source: 'record',
    event: isPerson
      ? `{"action":"${noun}.${verb}","actor":{"name":"${personName(person)}"},"ip":"198.51.${person % 100}.${mix(n, 6, 256)}",` +
        `${rest},"userAgent":"${AGENTS[mix(person, 14, AGENTS.length)]}"}`
      : `{"action":"${noun}.${verb}",${rest}}`,
  };
}

/** The ground, built if it is not there; `close` stops its server, and removes it unless it is to be kept. */
export async function openGround({ events, tenants, keep }, say = () => undefined) {
  const dataDir = keep ?? (await mkdtemp(join(tmpdir(), 'bulkhead-ground-')));
  const server = await startEmbeddedPostgres({
    dataDir,
    durable: false,
    settings: {
      shared_buffers: '1GB',
      max_wal_size: '8GB',
      checkpoint_timeout: '30min',
      fsync: 'off',
      synchronous_commit: 'off',
      max_connections: '100',
    },
  });
  const admin = new pg.Client({ connectionString: server.superuserUrl });
  await admin.connect();
  const file = join(dataDir, 'ground.json');
  const ground = {
    admin,
    server,
    dataDir,
    plan: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined,
    say,
    save() {
      writeFileSync(file, JSON.stringify(ground.plan), { mode: 0o600 });
    },
    urlOf: (part) => server.url({ user: `bench_${part}`, password: ground.plan.password }),
    async close() {
      await admin.end();
      await server.stop();
      if (keep === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
  try {
    if (ground.plan === undefined) await begin(ground, { events, tenants });
    ground.config = configOf(ground);
    if (!ground.plan.isFinished) await build(ground);
    return ground;
  } catch (error) {
    await ground.close();
    throw error;
  }
}

async function begin(ground, { events, tenants }) {
  const { admin, server } = ground;
  const plan = {
    events: Number(events),
    tenants: Number(tenants),
    begin: Date.now() - SPAN_MS,
    password: randomBytes(12).toString('hex'),
    contextKey: generateContextKey(),
    vaultKey: generateVaultKey(),
    signingKey: generateSigningKey(),
    credentialKey: generateCredentialKey(),
    isFinished: false,
  };
  await admin.query('create role bulkhead nologin');
  for (const part of ROLES) {
    const bypass = part === 'operator' ? 'bypassrls' : '';
    await admin.query(`create role bench_${part} login ${bypass} password '${plan.password}'`);
  }
  const roles = Object.fromEntries(ROLES.map((part) => [`${part}Role`, `bench_${part}`]));
  await migrate({ connectionString: server.superuserUrl, capabilities, ...roles });
  await publishContextKey(admin, plan.contextKey);
  await arrangeSchema(admin);
  await arrangeTenants(admin, plan.tenants);
  ground.plan = plan;
  ground.save();
}

/** As `createBulkhead` takes it; the control plane's part is added by who runs one. */
function configOf({ plan, urlOf }) {
  return {
    database: {
      appRole: 'bench_app',
      operatorRole: 'bench_operator',
      identityRole: 'bench_identity',
    },
    isolation: {
      contextKeys: [plan.contextKey],
      operatorUrl: urlOf('operator'),
      pooler: 'none',
    },
    identity: {},
    audit: {
      origin: ORIGIN,
      vaultKeys: [plan.vaultKey],
      signingKeys: [plan.signingKey],
      sequencerUrl: urlOf('audit'),
      signerUrl: urlOf('signer'),
    },
  };
}

/** What an app would have, so that there is something to prove. */
export async function arrangeSchema(admin) {
  await admin.query('create role bench_owner nologin');
  await admin.query('grant create, usage on schema public to bench_owner');
  await admin.query('set role bench_owner');
  for (const table of ['note', 'comment', 'project', 'invoice', 'attachment']) {
    await admin.query(
      `create table ${table} (tenant_id uuid not null default bulkhead.tenant_id(), id uuid not null default gen_random_uuid(),
         title text not null, primary key (tenant_id, id));
       select bulkhead.protect_table('${table}');
       grant select, insert, update, delete on ${table} to bench_app, bench_operator`,
    );
  }
  await admin.query('reset role');
}

/** Organizations, their people with roles, open invitations, sessions and keys. */
async function arrangeTenants(admin, count) {
  const rows = Array.from({ length: count }, (_, nth) => ({
    nth,
    id: tenantId(nth),
    name: tenantName(nth),
    slug: tenantName(nth).toLowerCase().replaceAll(' ', '-'),
  }));
  await admin.query(
    `insert into bulkhead.tenant (id, slug, name)
     select id, slug, name from jsonb_to_recordset($1) as r (id uuid, slug text, name text)`,
    [JSON.stringify(rows)],
  );
  const people = rows.flatMap(({ nth, id: tenant }) =>
    Array.from({ length: peopleOf(nth) }, (_, at) => ({
      tenant,
      id: personId(nth, at),
      name: personName(at),
      email: `person-${at}@tenant-${nth}.example`,
      role: at === 0 ? 'owner' : at % 5 === 0 ? 'admin' : 'member',
    })),
  );
  const READ = `jsonb_to_recordset($1) as r (tenant uuid, id uuid, name text, email text, role text)`;
  for (let at = 0; at < people.length; at += 2_000) {
    const some = JSON.stringify(people.slice(at, at + 2_000));
    await admin.query(
      `insert into bulkhead.user_account (id, email, name, email_verified_at) select id, email, name, now() from ${READ}`,
      [some],
    );
    await admin.query('set role bulkhead');
    await admin.query(
      `select bulkhead.access_member_join(tenant, 'system:bench', 'user', id::text, name, email) from ${READ}`,
      [some],
    );
    await admin.query(
      `select bulkhead.access_give(tenant, 'system:bench', 'user', id::text, role, null, 'direct', null) from ${READ}`,
      [some],
    );
    await admin.query('reset role');
    await admin.query(
      `with made as (
         insert into bulkhead.session (id, user_id, methods, last_ip, user_agent, idle_seconds, expires_at)
         select gen_random_uuid(), id, '{password}', '198.51.100.7', $2, 2592000, now() + interval '30 days' from ${READ}
         returning id, user_id)
       insert into bulkhead.session_entry (tenant_id, session_id, user_id)
       select r.tenant, made.id, made.user_id from made join ${READ} on r.id = made.user_id`,
      [some, AGENTS[0]],
    );
    await admin.query(
      `insert into bulkhead.invitation (tenant_id, id, email, role, node, token_hash, invited_by, expires_at)
       select tenant, gen_random_uuid(), 'guest-' || email, 'member', tenant, sha256(id::text::bytea), 'system:bench', now() + interval '30 days'
         from ${READ}`,
      [some],
    );
  }
}

async function build(ground) {
  const { admin, plan, say, config } = ground;
  const worker = fork(fileURLToPath(import.meta.url), ['worker', JSON.stringify(config)]);
  worker.on('exit', (status) => status === 0 || say(`the worker ended with ${status}`));
  try {
    // Who joined and what they were given is the worker's to sequence; nobody else may be at those logs then.
    await drained(ground);
    const startedMs = performance.now();
    const made = await append(ground);
    if (made > 0) told(say, 'events sealed and appended', made, performance.now() - startedMs);
    await settled(ground);
    told(say, 'and signed and indexed', plan.events, performance.now() - startedMs);
  } finally {
    worker.disconnect();
    await new Promise((resolve) => worker.once('exit', resolve));
  }
  await count(ground);
  await admin.query('vacuum analyze');
  plan.isFinished = true;
  ground.save();
}

/**
 * What the sequencer does with a batch, but that the rows were never in the outbox. Events in which nothing is
 * personal need no sealing: their leaf is written as the sealer would write it. The others go through the vault.
 */
async function append({ plan, urlOf, admin, say }) {
  const client = new pg.Client({ connectionString: urlOf('audit') });
  await client.connect();
  try {
    const query = preparing(client);
    const vault = createVault(createLocalKeyWrapper([plan.vaultKey]));
    const heads = new LogHeads(ORIGIN);
    const sealed = new BatchBytes(4 * 1024 ** 2);
    const { rows } = await query('select bulkhead.audit_erasures() as erasures', []);
    const erasures = String(rows[0].erasures);
    const first = await appended(admin, plan);
    const index = await createIndex(query, plan);
    let sent = Promise.resolve();
    let startedMs = performance.now();
    for (let next = first; next < plan.events; next += BATCH) {
      const numbers = Array.from(
        { length: Math.min(BATCH, plan.events - next) },
        (_, at) => next + at,
      );
      const named = new Map(
        numbers.map((n) => {
          const log = { tenant: tenantId(tenantOf(n, plan)), class: 'standard' };
          return [logKey(log), log];
        }),
      );
      const found = await heads.find(query, named);
      sealed.clear();
      const { leaves, subjects } = hasPersons(next)
        ? await seal(
            query,
            vault,
            numbers.map((n) => pendingEvent(n, plan)),
            sealed,
            erasures,
          )
        : { leaves: numbers.map((n) => plainLeaf(n, plan, sealed)), subjects: [] };
      const byLog = new Map();
      for (const [at, n] of numbers.entries()) {
        const key = logKey({ tenant: tenantId(tenantOf(n, plan)), class: 'standard' });
        if (!byLog.has(key)) byLog.set(key, []);
        byLog.get(key).push(leaves[at]);
      }
      const bytes = new BatchBytes(2 * sealed.length + 16_384);
      const logs = [...byLog]
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([key, of]) => planLog({ head: found.get(key), leaves: of }, sealed, bytes));
      const parameters = encodeBatch({ rows: [], logs, subjects, bytes, erasures });
      const blocks = index.read(logs, bytes, hasPersons(next) ? undefined : numbers);
      await sent;
      // One after the other on the one connection.
      sent = Promise.all([appendBatch(query, parameters), ...blocks.map((write) => write())]);
      if ((next / BATCH) % 250 === 249) {
        const rate = (250 * BATCH) / ((performance.now() - startedMs) / 1000);
        say(`  ${((next + BATCH) / 1e6).toFixed(1)} million, ${Math.round(rate)}/s`);
        startedMs = performance.now();
      }
    }
    await sent;
    return plan.events - first;
  } finally {
    await client.end();
  }
}

/**
 * The search index of the big log's blocks, from the numbers that its events were made of: the same rows that the
 * indexer makes, which `verify` holds them against, in a tenth of its time. What it leaves out is the worker's: blocks
 * with something personal, and those at the ends.
 */
async function createIndex(query, plan) {
  const wrapper = createLocalKeyWrapper([plan.vaultKey]);
  await wrapper.prepare([BIG]);
  const { rows } = await query('select bulkhead.audit_search_key($1) as wrapped', [BIG]);
  const tokenOf = tokenizer(searchKeyOf(wrapper.unwrap(BIG, indexPurpose(BIG), rows[0].wrapped)));
  const known = new Map();
  const often = (term) => {
    let token = known.get(term);
    if (token === undefined) {
      token = tokenOf(term);
      known.set(term, token);
    }
    return token;
  };
  let leaves = [];
  let isWhole = false;

  function tokensOf(n) {
    const { noun, verb, plan: of, words } = contentOf(n);
    const key = keyOf(n, 0);
    const target = targetOf(n);
    return [
      often(actionTerm(`${noun}.${verb}`)),
      often(actionTerm(`${noun}.*`)),
      often(outcomeTerm(outcomeOf(n))),
      often(actorTerm(`service_account:${key}`)),
      often(actorTerm('service_account')),
      tokenOf(targetTerm(`${noun}:${target}`)),
      often(targetTerm(noun)),
      tokenOf(wordTerm(requestOf(n))),
      tokenOf(wordTerm(target)),
      ...[key, noun, verb, of, ...words].map((word) => often(wordTerm(word))),
    ];
  }

  function writing(block) {
    const byPart = Array.from({ length: PARTS }, () => new Map());
    const ends = Buffer.alloc(4 * leaves.length);
    leaves.forEach(({ n, end }, position) => {
      ends.writeInt32BE(end, 4 * position);
      for (const token of tokensOf(n)) {
        const part = byPart[partOf(token)];
        const at = part.get(token);
        if (at === undefined) part.set(token, [position]);
        else if (at.at(-1) !== position) at.push(position);
      }
    });
    const parts = byPart.flatMap((part, nth) => (part.size === 0 ? [] : [encodePart(nth, part)]));
    const [atMin, atMax] = [leaves[0], leaves.at(-1)].map(({ n }) =>
      new Date(timeOf(n, plan)).toISOString(),
    );
    const values = [
      ...[BIG, 'standard', block, '0', atMin, atMax, ends, digestOf(atMin, atMax, ends, parts)],
      parts.map(({ part }) => part),
      parts.map(({ tokens }) => tokens.length),
      parts.flatMap(({ tokens }) => tokens),
      parts.map(({ postings }) => postings.length),
      Buffer.concat(parts.map(({ postings }) => postings)),
    ];
    return () =>
      query(
        `select bulkhead.audit_search_write($1, $2, $3, $4, $5, $6, $7, $8,
           $9::smallint[], $10::integer[], $11::integer[], $12::integer[], $13)`,
        values,
      );
  }

  return {
    /** Of what is about to be appended; without numbers there is something personal in it. */
    read(logs, bytes, numbers) {
      const writes = [];
      const log = logs.find(({ head }) => head.tenant === BIG);
      if (log === undefined) return writes;
      let at = 0;
      for (const { first, eventIds, entriesAt, entriesLength } of log.chunks) {
        const entries = bytes.slice(entriesAt, entriesLength);
        let end = 0;
        for (let nth = 0; nth < eventIds.length; nth += 1) {
          if ((first + nth) % 1_024 === 0) {
            leaves = [];
            isWhole = true;
          }
          end += 2 + entries.readUInt16BE(end);
          if (numbers === undefined) isWhole = false;
          else leaves.push({ n: numbers[at], end: nth === 0 ? -end : end });
          at += 1;
          const isLast = (first + nth) % 1_024 === 1_023;
          if (isLast && isWhole) writes.push(writing(Math.floor((first + nth) / 1_024)));
        }
      }
      return writes;
    },
  };
}

/** How many are in their logs already: batches are appended in their order. */
async function appended(admin, plan) {
  let low = 0;
  let high = Math.ceil(plan.events / BATCH);
  while (low < high) {
    const middle = (low + high) >> 1;
    const n = middle * BATCH;
    const { rowCount } = await admin.query(
      'select from bulkhead.audit_event where tenant_id = $1 and id = $2',
      [tenantId(tenantOf(n, plan)), eventId(n)],
    );
    if (rowCount === 0) high = middle;
    else low = middle + 1;
  }
  return Math.min(low * BATCH, plan.events);
}

async function seal(query, vault, events, sealed, erasures) {
  const reads = events.map((event) => readPending(event));
  const sealing = await vault.begin(query, reads, erasures);
  const leaves = reads.map((read) => {
    const { leaf, openings } = sealing.seal(read);
    return {
      eventId: read.id,
      leaf: { at: sealed.length, length: sealed.addText(leaf) },
      openings: openings.map(({ person, text }) => ({
        person,
        at: sealed.length,
        length: sealed.addText(text),
      })),
    };
  });
  sealing.committed();
  return { leaves, subjects: sealing.subjects };
}

function plainLeaf(n, plan, sealed) {
  const content = contentOf(n);
  const { noun, verb } = content;
  const time = new Date(timeOf(n, plan)).toISOString();
  const tenant = tenantOf(n, plan);
  const id = eventId(n);
  const leaf =
    `{"action":"${noun}.${verb}","actor":{"id":"${keyOf(n, tenant)}","type":"service_account"},"id":"${id}",` +
    `"metadata":${metadataOf(content)},"outcome":"${outcomeOf(n)}","recorded":"${time}","requestId":"${requestOf(n)}",` +
    `"source":"record","targets":[{"id":"${targetOf(n)}","type":"${noun}"}],"tenant":"${tenantId(tenant)}",` +
    `"time":"${time}","v":1}`;
  return {
    eventId: id,
    leaf: { at: sealed.length, length: sealed.addText(leaf) },
    openings: [],
  };
}

async function drained({ admin }) {
  for (;;) {
    const { rowCount } = await admin.query('select from bulkhead.audit_pending limit 1');
    if (rowCount === 0) return;
    await sleep(200);
  }
}

async function settled({ admin }) {
  for (;;) {
    const { rows } = await admin.query(
      `select (select count(*) from bulkhead.audit_pending) + (select count(*) from bulkhead.audit_unsigned)
            + (select sum(next / 1024) from bulkhead.audit_log) - (select count(*) from bulkhead.audit_search_block) as left`,
    );
    if (Number(rows[0].left) === 0) return;
    await sleep(500);
  }
}

/** What the control plane would have counted meanwhile. */
async function count({ admin, plan }) {
  const SLOT_MS = 900_000;
  const KINDS = NOUNS.length * VERBS.length;
  const slots = new Map();
  const actions = new Map();
  const at = (map, key, begin) => {
    let of = map.get(key);
    if (of === undefined) {
      of = { ...begin(), e: 0, f: 0, d: 0 };
      map.set(key, of);
    }
    return of;
  };
  for (let n = 0; n < plan.events; n += 1) {
    const tenant = tenantOf(n, plan);
    const time = timeOf(n, plan);
    const slot = Math.floor(time / SLOT_MS);
    const key = tenant * 1e8 + slot;
    const kind = mix(n, 2, NOUNS.length) * VERBS.length + mix(n, 1, VERBS.length);
    const outcome = outcomeOf(n);
    const begin = () => ({ t: tenantId(tenant), s: slot * SLOT_MS });
    const all = at(slots, key, begin);
    all.l = time;
    const done = at(actions, key * KINDS + kind, () => ({
      ...begin(),
      a: `${NOUNS[Math.floor(kind / VERBS.length)]}.${VERBS[kind % VERBS.length]}`,
    }));
    for (const of of [all, done]) {
      of.e += 1;
      if (outcome === 'failure') of.f += 1;
      if (outcome === 'denied') of.d += 1;
    }
  }
  const insert = async (rows, text) => {
    const all = [...rows.values()];
    for (let n = 0; n < all.length; n += 20_000) {
      await admin.query(text, [JSON.stringify(all.slice(n, n + 20_000))]);
    }
  };
  await insert(
    slots,
    `insert into bulkhead.live_slot (tenant_id, slot, events, failures, denials, last_at)
     select t, to_timestamp(s / 1000.0), e, f, d, to_timestamp(l / 1000.0)
       from jsonb_to_recordset($1) as r (t uuid, s float8, e bigint, f bigint, d bigint, l float8)
     on conflict do nothing`,
  );
  await insert(
    actions,
    `insert into bulkhead.live_action (tenant_id, action, slot, events, failures, denials)
     select t, a, to_timestamp(s / 1000.0), e, f, d
       from jsonb_to_recordset($1) as r (t uuid, a text, s float8, e bigint, f bigint, d bigint)
     on conflict do nothing`,
  );
  await admin.query(
    `insert into bulkhead.live_position (tenant_id, class, next) select tenant_id, class, next from bulkhead.audit_log
     on conflict do nothing`,
  );
}

function told(say, what, events, ms) {
  const rate = Math.round(events / (ms / 1000)).toLocaleString('en');
  say(`${events.toLocaleString('en')} ${what} in ${(ms / 1000).toFixed(0)} s, ${rate}/s`);
}

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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'worker') {
    await work(JSON.parse(process.argv[3]));
  } else {
    const { values } = parseArgs({ options: groundOptions });
    if (values.keep === undefined) throw new Error('--keep DIR says where it is to lie');
    const ground = await openGround(values, console.log);
    const { rows } = await ground.admin.query(
      `select (select sum(next) from bulkhead.audit_log)::float8 as events, (select count(*) from bulkhead.audit_log)::float8 as logs,
              (select count(*) from bulkhead.audit_checkpoint)::float8 as checkpoints, pg_size_pretty(pg_database_size(current_database())) as size`,
    );
    console.log(rows[0]);
    await ground.close();
  }
}
