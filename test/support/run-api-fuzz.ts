/**
 * Runs the generated requests against a control plane with planted secrets, and tells of every fault it saw.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { generateCredentialKey } from '../../packages/bulkhead/src/index.ts';
import {
  createJudge,
  createMemory,
  DESTRUCTIVE,
  describedOperations,
  OWN,
  type Plan,
  planOf,
  requestOf,
} from './api-fuzz.ts';
import { ACME, BORA, createControlGround, OPERATORS, PUBLIC_URL } from './control-plane.ts';

/** The tenant that is shut out, emptied and given away. */
const CARO = 'ca000000-0000-4000-8000-000000000003';
const TENANTS: Readonly<Record<string, string>> = {
  acme: ACME,
  bora: BORA,
  caro: CARO,
  operators: OPERATORS,
};
const ACTORS = [
  'acme-owner',
  'acme-admin',
  'acme-viewer',
  'acme-nobody',
  'bora-owner',
  'bora-auditor',
  'caro-owner',
  'operators-owner',
  'operators-auditor',
  undefined,
];

/** Slow, or with effects beyond the database: a few of each are enough. */
const AT_MOST: Readonly<Record<string, number>> = {
  'isolation.prove': 2,
  'audit.verify': 3,
  'verified_domain.verify': 5,
  'verified_domain.list': 200,
  'sign_in.password': 20,
  'sign_in.new_password': 20,
  'invitation.register': 20,
  'event.export': 60,
  'stream.get': 60,
};

export interface FuzzReport {
  readonly sent: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Operations that were answered with success at least once. */
  readonly reached: readonly string[];
  readonly operations: number;
  /** Each kind once, with the request that showed it. */
  readonly faults: readonly string[];
}

const SQL_OR_STACK =
  /\b(?:syntax error|duplicate key|violates|relation "|column "|invalid input|node:internal|at .*\.ts:\d)/i;

export async function fuzzApi(given: { requests: number; seed: number }): Promise<FuzzReport> {
  const ground = await createControlGround({
    identity: {
      authenticate: (request) => {
        const person = /^Test ([\w-]+)$/.exec(request.header('authorization') ?? '')?.[1];
        const tenant = TENANTS[person?.split('-', 1)[0] ?? ''];
        if (person === undefined || tenant === undefined) return null;
        return { actor: { type: 'user', id: person, name: person }, tenants: [tenant] };
      },
      sessions: {},
      apiKeys: {},
      credentialKeys: [generateCredentialKey()],
      publicUrl: 'https://app.fuzz.example',
      mail: { folder: await mkdtemp(join(tmpdir(), 'bulkhead-fuzz-')), from: 'fuzz@fuzz.example' },
      // Nobody answers there, so no name of the fuzz's leaves this machine.
      nameServers: ['127.0.0.1:1'],
    },
  });
  const { admin, ask, settle, bulkhead } = ground;
  await admin.query(`insert into bulkhead.tenant (id, slug, name) values ($1, 'caro', 'Caro')`, [
    CARO,
  ]);
  await admin.query('set role bulkhead');
  await admin.query(
    `select bulkhead.access_member_join($1, 'system:test', 'user', 'caro-owner', 'caro-owner', null)`,
    [CARO],
  );
  await admin.query(
    `select bulkhead.access_give($1, 'system:test', 'user', 'caro-owner', 'owner', null, 'direct', null)`,
    [CARO],
  );
  await admin.query('reset role');

  // What must never be seen from the other side.
  const markers = {
    acme: `marker-${randomBytes(8).toString('hex')}`,
    bora: `marker-${randomBytes(8).toString('hex')}`,
  };
  for (const [slug, marker] of Object.entries(markers)) {
    const as = `${slug}-owner`;
    const tell = (path: string, body: unknown) =>
      ask(`/tenants/${slug}${path}`, { as, method: 'POST', body });
    await ask(`/tenants/${slug}`, {
      as: 'operators-owner',
      method: 'PATCH',
      body: { name: marker },
    });
    await tell('/groups', { name: marker });
    await tell('/nodes', { kind: 'workspace', name: marker });
    await tell('/service-accounts', { name: marker });
    await tell('/roles', {
      key: marker.replaceAll('-', '_'),
      name: marker,
      permissions: ['member:read'],
    });
    await tell('/invitations', { email: `${marker}@fuzz.example`, role: 'member' });
  }
  await settle();

  const document = bulkhead.controlPlane();
  const described = (await document.document()) as Record<string, unknown>;
  const operations = describedOperations(described);
  const judge = createJudge(described);
  const memory = createMemory(Object.values(markers));
  const counts = new Map<string, number>();
  const byStatus: Record<string, number> = {};
  const reached = new Set<string>();
  const faults = new Map<string, string>();
  let sent = 0;

  async function send(plan: Plan): Promise<void> {
    const { operation } = plan;
    const asked = counts.get(operation.id) ?? 0;
    if (asked >= (AT_MOST[operation.id] ?? Number.POSITIVE_INFINITY)) return;
    counts.set(operation.id, asked + 1);
    const actor = ACTORS[plan.actor];
    const isOperator = actor?.startsWith('operators') === true;
    const home = actor?.split('-', 1)[0] ?? 'acme';
    const named =
      plan.path.tenant === OWN ? (isOperator ? 'acme' : home) : String(plan.path.tenant);
    // What they would do to their own tenant ends the game.
    if (DESTRUCTIVE.has(operation.id)) {
      const isOwn = isOperator || named === home || named === TENANTS[home];
      if (isOwn && (named !== 'caro' || operation.id === 'tenant.close')) return;
    }
    const made = requestOf(
      { ...plan, path: { ...plan.path, tenant: named } },
      `${PUBLIC_URL}/api/v1`,
      {
        ...(actor !== undefined && { authorization: `Test ${actor}` }),
        ...(isOperator && { 'bulkhead-reason': 'fuzz' }),
        ...(actor === undefined && {
          origin: new URL(PUBLIC_URL).origin,
          'sec-fetch-site': 'same-origin',
        }),
      },
      memory.fill,
    );
    if (made === undefined) return;
    const { request, said, isItsAddress } = made;
    const fault = (what: string, body = '') => {
      const name = `${operation.id}: ${what}`;
      if (!faults.has(name))
        faults.set(
          name,
          `${name}\n${actor ?? 'nobody'} ${said.slice(0, 1_500)}\n${body.slice(0, 400)}`,
        );
    };
    sent += 1;
    const abort = new AbortController();
    const response = await document.fetch(new Request(request, { signal: abort.signal }));
    const { status, headers } = response;
    byStatus[status] = (byStatus[status] ?? 0) + 1;
    let text = '';
    if (headers.get('content-type')?.startsWith('text/event-stream') === true) {
      abort.abort();
      await response.body?.cancel();
    } else text = await response.text();
    if (request.method === 'HEAD' && status < 400) text = '';
    if (status >= 500 && !(status === 503 && headers.has('retry-after'))) fault(`${status}`, text);
    // A name server that does not answer is a 503 of its own; the database always did.
    if (text.includes('"http.database_busy"')) fault('503', text);
    if (headers.get('x-content-type-options') !== 'nosniff') fault('no nosniff');
    if (!/no-store|private, no-cache/.test(headers.get('cache-control') ?? '')) {
      fault(`cache-control ${headers.get('cache-control')}`);
    }
    if (!/^[\w.:-]{1,128}$/.test(headers.get('x-request-id') ?? '')) fault('no request id');
    for (const what of judge(
      operation,
      isItsAddress,
      status,
      headers.get('content-type'),
      request.method === 'HEAD' ? '' : text,
    )) {
      if (request.method !== 'HEAD') fault(what, text);
    }
    if (status >= 400) {
      const { title = '', next = '' } =
        text.startsWith('{') && headers.get('content-type')?.startsWith('application/problem')
          ? JSON.parse(text)
          : {};
      if (SQL_OR_STACK.test(`${title} ${next}`)) fault('tells of its inside', text);
    }
    const own = isOperator ? named : home;
    for (const [slug, marker] of Object.entries(markers)) {
      const mayKnow = own === slug || (isOperator && own !== 'acme' && own !== 'bora');
      if (!mayKnow && text.includes(marker) && !said.includes(marker))
        fault('another tenant’s byte', text);
    }
    if (status < 300) {
      if (isItsAddress) reached.add(operation.id);
      if (text !== '' && headers.get('content-type')?.startsWith('application/json'))
        memory.learn(JSON.parse(text));
    }
  }

  async function tidy(): Promise<void> {
    await admin
      .query(`update bulkhead.tenant set status = 'active' where id = $1`, [CARO])
      .catch(() => undefined);
    await settle();
  }

  const tenants = ['acme', 'bora', 'caro', 'bulkhead-operators', ACME, BORA, 'nosuch'];
  const any = fc.oneof(...operations.map((each) => planOf(each, ACTORS.length, tenants)));
  const AT_ONCE = 4;
  for (let batch = 0; sent < given.requests; batch += 1) {
    const plans = fc.sample(any, { numRuns: 200, seed: given.seed + batch });
    for (let at = 0; at < plans.length; at += AT_ONCE) {
      await Promise.all(plans.slice(at, at + AT_ONCE).map(send));
    }
    await tidy();
  }
  return {
    sent,
    byStatus,
    reached: [...reached].sort(),
    operations: operations.length,
    faults: [...faults.values()],
  };
}
