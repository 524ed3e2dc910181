/** Authorization, isolation and audit of every endpoint, held to the table beside it. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseBundle } from 'bulkhead-verify';
import { expect, it } from 'vitest';
import {
  ACME,
  type Answer,
  BORA,
  type ControlGround,
  createControlGround,
} from '#test/control-plane';
import { describedEndpoints } from '../../packages/bulkhead/src/http/openapi/api-document.ts';
import type { Endpoint } from '../../packages/bulkhead/src/http/operation.ts';
import { generateCredentialKey } from '../../packages/bulkhead/src/index.ts';
import { type Ask, type ExpectedEndpoint, everybody, expected } from './endpoints.expected.ts';
import { createWorld, type EndpointWorld, type Person, signedIn } from './endpoints.world.ts';

const endpoints = describedEndpoints();
const REFUSED: ReadonlySet<number> = new Set([401, 403, 404]);
const split = (words = ''): string[] => words.split(' ').filter((word) => word !== '');

/** A column's own way to ask. */
type Headers = Readonly<Record<string, string>>;

async function createTable() {
  const ground = await createControlGround({
    identity: {
      sessions: {},
      apiKeys: {},
      credentialKeys: [generateCredentialKey()],
      publicUrl: 'https://console.test.example',
      mail: { folder: join(tmpdir(), 'bulkhead-endpoints'), from: 'notes@test.example' },
    },
  });
  let session: Person | undefined;
  const own = () => {
    if (session === undefined) throw new Error('nobody is signed in yet');
    return session;
  };
  session = await signedIn(ground, { id: ACME });
  const acme = createWorld(ground, { id: ACME, slug: 'acme', owner: 'acme-owner' }, own);
  const bora = createWorld(ground, { id: BORA, slug: 'bora', owner: 'bora-owner' }, own);
  // As long as they are at work, nobody else may begin the same.
  await ground.admin.query(
    `insert into bulkhead.control_job (tenant_id, kind, title, created_by, status, seen_at)
     select '00000000-0000-0000-0000-000000000000', kind, kind, 'user:test', 'running', clock_timestamp() + interval '1 hour'
       from unnest(array['proof', 'verification']) as kind`,
  );
  return { ground, acme, bora, headersOf: await columns(ground, acme, own) };
}

async function columns(ground: ControlGround, acme: EndpointWorld, own: () => Person) {
  const holder = { type: 'service_account', id: await acme.serviceAccount() };
  const make = async (path: string, body: unknown) =>
    (await ground.ask(`/tenants/acme${path}`, { as: 'acme-owner', method: 'POST', body })).json();
  await make('/grants', { holder, role: 'admin' });
  const key = await make('/api-keys', { name: 'Key', holder });
  const page = { origin: 'https://console.test.example' };
  const as = (person: string): Headers => ({ ...page, authorization: `Test ${person}` });
  return async (column: string): Promise<Headers> => {
    if (column === 'anonymous') return page;
    if (column === 'stranger') return as('bora-owner');
    if (column === 'key') return { ...page, authorization: `Bearer ${key.token}` };
    if (column === 'session') return own().headers;
    if (column === 'leaver') return (await signedIn(ground, { id: ACME })).headers;
    if (column === 'co-owner') return (await signedIn(ground, { id: ACME, role: 'owner' })).headers;
    const operator = /^op-(.+)$/.exec(column)?.[1];
    if (operator === undefined) return as(`acme-${column}`);
    return { ...as(`operators-${operator}`), 'bulkhead-reason': 'a test' };
  };
}

/** Asks; a stream is let go as soon as its head is there. */
async function send(
  { ask }: ControlGround,
  { route }: Endpoint,
  { path = {}, query = '', body }: Ask,
  headers: Headers,
): Promise<{ readonly status: number; readonly code: unknown; readonly text: string }> {
  const place = { tenant: 'acme', ...path };
  const address = route.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(place[name as keyof typeof place] ?? 'missing'),
  );
  const abort = new AbortController();
  const answer: Answer = await ask(`${address}${query}`, {
    method: route.method,
    // By the way of a change that may be sent again, which marks itself where it can.
    headers: { ...(route.method !== 'GET' && { 'idempotency-key': randomUUID() }), ...headers },
    signal: abort.signal,
    ...(route.method !== 'GET' && route.method !== 'DELETE' && { body: body ?? {} }),
  });
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') === true) {
    abort.abort();
    return { status: answer.status, code: undefined, text: '' };
  }
  const text = await answer.text();
  return { status: answer.status, code: codeOf(text), text };
}

function codeOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { code?: unknown } | null)?.code;
  } catch {
    return undefined;
  }
}

const rowOf = ({ operation: { name } }: Endpoint): ExpectedEndpoint => {
  const row = expected[name];
  if (row === undefined) throw new Error(`${name} stands in no row`);
  return row;
};

/** Hashes, commitments and signatures: any four letters come up in them some day. */
const RANDOM = /[A-Za-z0-9+/]{43,}={0,2}/g;

const isChange = ({ operation, route }: Endpoint): boolean =>
  operation.kind === 'change' && route.method !== 'GET';
const namesThings = ({ route }: Endpoint): boolean =>
  /\{(?:id|event|key|domain)\}/.test(route.path) && route.path.includes('{tenant}');

it('has a row for every endpoint, and none for what is gone', () => {
  expect(endpoints.map(({ operation }) => operation.name).sort()).toEqual(
    Object.keys(expected).sort(),
  );
  for (const endpoint of endpoints) {
    const { name, event } = endpoint.operation;
    const row = rowOf(endpoint);
    if (isChange(endpoint)) {
      expect(row.event !== undefined || row.answers !== undefined, `${name}: its event`).toBe(true);
    }
    if (typeof row.event === 'string') expect(event, name).toBe(row.event);
    if (namesThings(endpoint)) expect(row.foreign, `${name}: what is another’s`).toBeDefined();
    const columns = split(`${everybody} session`);
    for (const column of split(row.untried)) expect(columns, name).toContain(column);
  }
});

it('lets in whom the table names and nobody else; records what was changed and what was refused', {
  timeout: 180_000,
}, async () => {
  const { ground, acme, headersOf } = await createTable();
  const log = eventLog(ground);
  const wrong: string[] = [];
  const permissions = new Set<string>();
  for (const endpoint of endpoints) {
    const { name, permission } = endpoint.operation;
    const row = rowOf(endpoint);
    const yes = split(row.yes);
    let kept: Ask | undefined = (await row.ask?.(acme)) ?? {};
    const closed = split(`${everybody} session`).filter(
      (column) => !yes.includes(column) && !split(row.untried).includes(column),
    );
    const asked = kept;
    await Promise.all(
      closed.map(async (column) => {
        const answer = await send(ground, endpoint, asked, await headersOf(column));
        if (!REFUSED.has(answer.status)) {
          wrong.push(`${name} as ${column}: ${answer.status} ${String(answer.code)}`);
        }
      }),
    );
    // Who may come as far as being asked, and is refused then.
    if (permission !== null && closed.includes('billing')) permissions.add(permission);
    for (const column of yes) {
      const ask = kept ?? (await row.ask?.(acme)) ?? {};
      const isFirst = kept !== undefined;
      kept = undefined;
      if (isFirst && typeof row.event === 'string') await log.news();
      const answer = await send(ground, endpoint, ask, await headersOf(column));
      const isIn =
        answer.status < 300 || (row.answers !== undefined && answer.code === row.answers);
      if (!isIn) wrong.push(`${name} as ${column}: ${answer.status} ${answer.text.slice(0, 300)}`);
      if (
        /bora/i.test(answer.text.replaceAll(RANDOM, '')) &&
        !column.startsWith('op-') &&
        column !== 'stranger'
      ) {
        wrong.push(`${name} as ${column} tells of another tenant: ${answer.text.slice(0, 300)}`);
      }
      if (!isFirst || typeof row.event !== 'string') continue;
      const actions = (await log.news()).map(({ action }) => action);
      if (!actions.includes(row.event)) {
        wrong.push(`${name}: ${row.event} is not on record, but ${actions.join(', ')}`);
      }
    }
  }
  await log.news();
  const denied = new Set(
    log.all.flatMap(({ action, metadata }) =>
      action === 'access.denied' ? [String(metadata?.permission)] : [],
    ),
  );
  for (const permission of permissions) {
    if (!denied.has(permission)) wrong.push(`no denial of ${permission} is on record`);
  }
  expect(wrong).toEqual([]);
});

it('answers of another tenant as of one that is not there, and of its things as of none', {
  timeout: 120_000,
}, async () => {
  const { ground, acme, bora, headersOf } = await createTable();
  const wrong: string[] = [];
  const owner = await headersOf('owner');
  for (const endpoint of endpoints) {
    if (!endpoint.route.path.includes('{tenant}')) continue;
    const { name } = endpoint.operation;
    const row = rowOf(endpoint);
    const ask = (await row.ask?.(acme)) ?? {};
    const [foreign, absent] = await Promise.all(
      ['bora', 'nosuch'].map((tenant) =>
        send(ground, endpoint, { ...ask, path: { ...ask.path, tenant } }, owner),
      ),
    );
    if (foreign?.status !== absent?.status || without(foreign?.text) !== without(absent?.text)) {
      wrong.push(`${name} tells a foreign tenant from none: ${foreign?.text} ${absent?.text}`);
    }
    if (foreign !== undefined && !REFUSED.has(foreign.status)) {
      wrong.push(`${name} at another tenant: ${foreign.status}`);
    }
    if (row.foreign === undefined) continue;
    const asked = await row.foreign(bora);
    for (const column of endpoint.scope === 'operators' ? ['op-owner'] : ['owner', 'op-owner']) {
      const answer = await send(ground, endpoint, asked, await headersOf(column));
      const isNone =
        REFUSED.has(answer.status) ||
        (row.foreignAnswers !== undefined && answer.text.includes(row.foreignAnswers));
      if (!isNone || answer.text.includes(BORA)) {
        wrong.push(`${name} of another’s thing as ${column}: ${answer.status} ${answer.text}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

const without = (text = ''): string => text.replace(/"requestId":"[^"]*"/, '');

interface LoggedEvent {
  readonly action: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What came into the logs since it was asked last. */
function eventLog(ground: ControlGround) {
  const seen = new Set<string>();
  const all: LoggedEvent[] = [];
  return {
    all,
    async news(): Promise<LoggedEvent[]> {
      await ground.settle();
      const { rows } = await ground.admin.query(
        'select tenant_id, class, first, entries from bulkhead.audit_chunk order by 1, 2, 3',
      );
      const fresh: LoggedEvent[] = [];
      for (const { tenant_id, class: of, first, entries } of rows) {
        const name = `${tenant_id} ${of} ${first}`;
        if (seen.has(name)) continue;
        seen.add(name);
        for (const bytes of parseBundle(entries as Buffer)) {
          fresh.push(JSON.parse(Buffer.from(bytes).toString('utf8')) as LoggedEvent);
        }
      }
      all.push(...fresh);
      return fresh;
    },
  };
}
