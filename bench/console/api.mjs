/**
 * How quickly the control plane answers what the console asks, with five thousand tenants and ten million events
 * behind it.
 *
 * `npm run build && node bench/console/api.mjs [--keep DIR] [--events 10000000] [--tenants 5000] [--rounds 15] [--only regex]`
 *
 * Every question of `packages/console/src/api/queries.ts`, over HTTP, by an operator who is signed in; one after the
 * other, in rounds. Prints a table, the dearest first: processor time of control plane and server is told beside what
 * it took, because it says the same when others use the machine.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import {
  groundOptions,
  keyOf,
  personId,
  requestOf,
  targetOf,
  tenantId,
  timeOf,
  WORDS,
} from '../audit/ground.mjs';
import { openPlane } from './plane.mjs';

const { values } = parseArgs({
  options: {
    ...groundOptions,
    rounds: { type: 'string', default: '15' },
    only: { type: 'string', default: '' },
  },
});
const plane = await openPlane(values, console.log);
try {
  await measure();
} finally {
  await plane.close();
}

function questionsOf({ plan }, event) {
  const of = `tenants/${plane.big}`;
  const small = `tenants/${tenantId(4_711 % plan.tenants)}`;
  const at = (share) => new Date(timeOf(Math.floor(share * plan.events), plan)).toISOString();
  const middle = Math.floor(plan.events / 2);
  const actor = `service_account:${keyOf(77, 0)}`;
  const listed = {
    '': {},
    ', an actor': { actor },
    ', an action': { action: 'invoice.deleted' },
    ', denied': { outcome: 'denied' },
    ', a target': { target: `invoice:${targetOf(middle)}` },
    ', a month': { from: at(0.3), to: at(0.63) },
    ', denied, a day': { outcome: 'denied', from: at(89 / 90) },
    ', a word, a day': { text: WORDS[11], from: at(89 / 90) },
    ', a word': { text: WORDS[11] },
    ', two words': { text: `${WORDS[11]} ${WORDS[7]}` },
    ', a request': { text: requestOf(middle) },
  };
  const questions = {
    me: 'me',
    overview: 'overview',
    hull: 'overview/hull',
    tenants: 'tenants?limit=100',
    'tenants, searched': 'tenants?limit=100&q=robot',
    'tenants, searched for none': 'tenants?limit=100&q=zyzzyva',
    'tenants by name': 'tenants?limit=100&sort=name',
    'tenants by age': 'tenants?limit=100&sort=created',
    'tenants by events': 'tenants?limit=100&sort=events',
    'tenants by denials': 'tenants?limit=100&sort=denials',
    'the big tenant': of,
    'a small tenant': small,
    isolation: 'isolation',
    facets: `${of}/events/facets`,
    'an event': `${of}/events/${event}`,
    'its proof': `${of}/events/${event}/proof`,
    logs: `${of}/logs`,
    jobs: 'jobs',
    members: `${of}/members?limit=100`,
    'members, searched': `${of}/members?limit=100&search=tanaka`,
    'a small tenant’s members': `${small}/members`,
    invitations: `${of}/invitations`,
    roles: `${of}/roles`,
    permissions: `${of}/permissions`,
    grants: `${of}/grants?limit=200`,
    matrix: `${of}/access/matrix?limit=200`,
    explain: [
      `${of}/access/explain`,
      { permission: 'audit:read', actor: { type: 'user', id: personId(0, 7) } },
    ],
    policies: `${of}/policies`,
    'a policy’s history': `${of}/policies/session/history?limit=20`,
    'service accounts': `${of}/service-accounts?limit=100`,
    'API keys': `${of}/api-keys`,
    sessions: `${of}/sessions`,
    'own factors': 'me/factors',
    'own tenants': 'me/tenants',
    'own sessions': 'me/sessions',
    users: 'users?limit=100',
    'a user by address': 'users?email=person-7%40tenant-0.example',
    'a user': `users/${personId(0, 7)}`,
    'a user’s sessions': `users/${personId(0, 7)}/sessions`,
    settings: 'settings',
  };
  for (const [name, filter] of Object.entries(listed)) {
    const query = new URLSearchParams(filter);
    questions[`events${name}`] = `${of}/events?limit=100&${query}`;
    questions[`histogram${name}`] = `${of}/events/histogram?slots=96&${query}`;
  }
  return questions;
}

async function measure() {
  const { ground, ask, big } = plane;
  const page = await (
    await ask(
      `tenants/${big}/events?limit=1&to=${new Date(Date.now() - 86_400_000 * 45).toISOString()}`,
    )
  ).json();
  const questions = Object.entries(questionsOf(ground, page.items[0].id)).filter(([name]) =>
    new RegExp(values.only).test(name),
  );
  const taken = new Map(questions.map(([name]) => [name, []]));
  const bytes = new Map();
  const spent = new Map(questions.map(([name]) => [name, 0]));
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const [name, question] of questions) {
      const [path, body] = Array.isArray(question) ? question : [question];
      const before = cpuMs(round === 0 ? [] : processes());
      const started = performance.now();
      const answer = await ask(path, body && { method: 'POST', body });
      const text = await answer.text();
      taken.get(name).push(performance.now() - started);
      if (round > 0) spent.set(name, spent.get(name) + cpuMs(processes()) - before);
      bytes.set(name, text.length);
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${text}`);
    }
  }
  const rows = questions.map(([name]) => {
    const [first, ...rest] = taken.get(name);
    rest.sort((a, b) => a - b);
    return {
      question: name,
      'first ms': Math.round(first),
      'p50 ms': Math.round(rest[rest.length >> 1] ?? first),
      'p95 ms': Math.round(rest[Math.floor(0.95 * rest.length)] ?? first),
      'CPU ms': Math.round(spent.get(name) / rest.length),
      kB: Math.round(bytes.get(name) / 1_000),
    };
  });
  rows.sort((a, b) => b['CPU ms'] - a['CPU ms']);
  console.table(rows);
  console.log(`load ${loadavg()[0].toFixed(1)}`);
}

/** The control plane and the server's sessions; what else they do meanwhile is in it. */
function processes() {
  const postmaster = Number(
    readFileSync(`${plane.ground.dataDir}/cluster/postmaster.pid`, 'utf8').split('\n', 1)[0],
  );
  const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8');
  return [plane.pid, ...children.trim().split(' ').map(Number)];
}

/** In nanoseconds the kernel tells it of each thread. */
function cpuMs(pids) {
  let ns = 0;
  for (const pid of pids) {
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) {
        ns += Number(
          readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0],
        );
      }
    } catch {}
  }
  return ns / 1e6;
}
