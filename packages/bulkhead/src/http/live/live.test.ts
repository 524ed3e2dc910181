/** What is live: counted once, told in order, to those whom it concerns. */
import { expect, it, onTestFinished } from 'vitest';
import {
  ACME,
  BORA,
  type ControlGround,
  createControlGround,
  PUBLIC_URL,
} from '#test/control-plane';
import { createEventCounter } from './event-counter.ts';

interface Told {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: Record<string, unknown>;
}

/** Reads server-sent events until `stop` says so. */
async function listen(
  ground: ControlGround,
  as: string,
  headers: Record<string, string> = {},
): Promise<{ next(event: string): Promise<Told>; all: Told[] }> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const response = await ground.ask('/stream', { as, headers, signal: abort.signal });
  expect(response.status).toBe(200);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const all: Told[] = [];
  const waiting: { event: string; resolve: (told: Told) => void }[] = [];
  void (async () => {
    let text = '';
    for (;;) {
      const piece = await reader?.read().catch(() => undefined);
      if (piece === undefined || piece.done) return;
      text += piece.value;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) =>
          block
            .split('\n')
            .find((line) => line.startsWith(`${name}: `))
            ?.slice(name.length + 2);
        const data = field('data');
        if (data === undefined) continue;
        const told = { id: field('id'), event: field('event'), data: JSON.parse(data) };
        all.push(told);
        const at = waiting.findIndex(({ event }) => event === told.event);
        if (at >= 0) waiting.splice(at, 1)[0]?.resolve(told);
      }
    }
  })();
  return {
    all,
    next: (event) =>
      new Promise((resolve) => {
        const told = all.find((each) => each.event === event);
        if (told !== undefined) resolve(told);
        else waiting.push({ event, resolve });
      }),
  };
}

const counterOf = ({ bulkhead, ground }: ControlGround) => {
  void bulkhead;
  return ground
    .connect(ground.database.operatorUrl)
    .then((client) => createEventCounter((text, values) => client.query(text, values)));
};

/** An injected statement, which the guard refuses and the log tells of. */
const attack = ({ bulkhead, pool }: ControlGround, tenant: string) =>
  bulkhead
    .asTenant(tenant, () => pool.query('set role postgres'), {
      actor: { type: 'user', id: 'mallory' },
    })
    .then(
      () => expect.unreachable(),
      () => undefined,
    );

it('tells operators of an attack on the app, and the tenant alone that was attacked', async () => {
  const ground = await createControlGround();
  const counter = await counterOf(ground);
  await ground.settle();
  await counter.next();
  const [operators, acme, bora] = await Promise.all([
    listen(ground, 'operators-auditor'),
    listen(ground, 'acme-auditor'),
    listen(ground, 'bora-auditor'),
  ]);
  await attack(ground, ACME);
  await ground.settle();
  await counter.next();
  const expected = {
    event: 'denial',
    data: { tenant: ACME, tenantName: 'Acme', action: 'statement.denied', count: 1 },
  };
  expect(await operators.next('denial')).toMatchObject(expected);
  expect(await acme.next('denial')).toMatchObject(expected);
  expect(await acme.next('activity')).toMatchObject({ data: { tenants: [[ACME, 1]] } });
  await attack(ground, BORA);
  await ground.settle();
  await counter.next();
  expect(await bora.next('denial')).toMatchObject({ data: { tenant: BORA } });
  expect(JSON.stringify(bora.all)).not.toContain(ACME);
  expect(JSON.stringify(acme.all)).not.toContain(BORA);
});

it('resumes after the last event that was seen, and says when too much was missed', async () => {
  const ground = await createControlGround();
  const counter = await counterOf(ground);
  await ground.settle();
  await counter.next();
  const first = await listen(ground, 'operators-auditor');
  await attack(ground, ACME);
  await ground.settle();
  await counter.next();
  const { id } = await first.next('denial');
  await ground.admin.query('select bulkhead.live_announce($1, $2, $3)', [
    [ACME],
    ['change'],
    ['{"id":"x"}'],
  ]);
  const second = await listen(ground, 'acme-auditor', { 'last-event-id': String(id) });
  expect(await second.next('change')).toMatchObject({ data: { id: 'x' } });
  expect(second.all.filter(({ event }) => event === 'denial')).toEqual([]);
  await ground.admin.query('delete from bulkhead.live_notice');
  const third = await listen(ground, 'acme-auditor', { 'last-event-id': '1' });
  expect(await third.next('reset')).toMatchObject({ data: {} });
  // What no process has ever given out.
  for (const unknown of ['zzz', '-1', '9'.repeat(20), '999999999']) {
    const other = await listen(ground, 'acme-auditor', { 'last-event-id': unknown });
    expect(await other.next('reset')).toMatchObject({ data: {} });
  }
});

it('counts every event once, however many processes count', async () => {
  const ground = await createControlGround();
  const counters = await Promise.all([counterOf(ground), counterOf(ground), counterOf(ground)]);
  for (let round = 0; round < 3; round += 1) {
    await attack(ground, ACME);
    await ground.settle();
    await Promise.all(counters.map((counter) => counter.next()));
  }
  await Promise.all(counters.map((counter) => counter.next()));
  const counts = await ground.admin.query(
    `select (select sum(events)::int from bulkhead.live_slot) as counted, (select sum(events)::int from bulkhead.live_action) as by_action,
            (select sum(next)::int from bulkhead.audit_log) as logged`,
  );
  const { counted, by_action, logged } = counts.rows[0] ?? {};
  expect([counted, by_action]).toEqual([logged, logged]);
});

it('counts by action and outcome what a search finds, and nothing of another tenant', async () => {
  const ground = await createControlGround();
  const counter = await counterOf(ground);
  for (const tenant of [ACME, BORA]) await attack(ground, tenant);
  await ground.settle();
  while ((await counter.next()) > 0);
  const read = async <T>(path: string, query = '') => {
    const answer = await ground.ask(`/tenants/${ACME}/events${path}?${query}`, {
      as: 'acme-auditor',
    });
    return (await answer.json()) as T;
  };
  interface Histogram {
    readonly total: number;
    readonly complete: boolean;
    readonly slots: readonly { readonly denied: number }[];
  }
  const totals = async (query: string) => {
    const { total, slots, complete } = await read<Histogram>('/histogram', query);
    expect(complete).toBe(true);
    expect(slots.reduce((sum, { denied }) => sum + denied, 0)).toBe(
      query.includes('outcome=success') ? 0 : total,
    );
    return total;
  };
  for (const [query, expected] of [
    ['action=statement.denied', 1],
    ['action=statement.*', 1],
    // What two of them mean is counted once.
    ['action=statement.*&action=statement.denied&action=statement.denied', 1],
    ['action=statement.denied&outcome=denied', 1],
    ['action=statement.denied&outcome=success', 0],
    // A name that only begins like it, and one that is longer.
    ['action=statement', 0],
    ['action=statemen.*', 0],
    ['action=statement.denied.*', 0],
    // Looked for in the log, not in the counts.
    ['action=statement.*&actor=user:mallory', 1],
    ['text=mallory&outcome=denied', 1],
    ['actor=user:nobody', 0],
  ] as const) {
    expect([query, await totals(query)]).toEqual([query, expected]);
    expect([query, (await read<{ items: unknown[] }>('', query)).items.length]).toEqual([
      query,
      expected,
    ]);
  }
  const refused = await ground.ask(`/tenants/${ACME}/events/histogram?action=No%20Action`, {
    as: 'acme-auditor',
  });
  expect(await refused.json()).toMatchObject({ code: 'audit.filter_invalid' });
  const { actions } = await read<{ actions: { action: string }[] }>('/facets');
  expect(actions.map(({ action }) => action)).toContain('statement.denied');
});

it('lets one actor listen so often at once and no oftener, until one of them leaves', async () => {
  const ground = await createControlGround({
    http: { publicUrl: PUBLIC_URL, streamsPerActor: 2 },
  });
  const open = (as: string) => ground.ask('/stream', { as });
  const [one, two] = [await open('acme-owner'), await open('acme-owner')];
  const refused = await open('acme-owner');
  expect([refused.status, (await refused.json()).code]).toEqual([429, 'http.too_many_requests']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  const others = await open('acme-admin');
  expect(others.status).toBe(200);
  await two.body?.cancel();
  const again = await open('acme-owner');
  expect(again.status).toBe(200);
  await Promise.all([one, others, again].map(({ body }) => body?.cancel()));
});
