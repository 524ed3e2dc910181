import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AuditGround, createAuditGround, newIds, recordIn, T1, T2 } from '#test/audit-ground';
import { type AuditReading, readAudit } from '#test/audit-reading';
import type { AuditEvent } from '../event.ts';
import { matches, readFilter, type SearchFilter } from './filter.ts';
import { type SearchOptions, searchEvents } from './search-events.ts';
import { wholeWordsOf, wordsOf } from './terms.ts';

interface Arena extends AuditGround, AuditReading {
  record(events: readonly object[], tenant?: string, of?: string): Promise<string[]>;
  search(options?: SearchOptions, tenant?: string): ReturnType<typeof searchEvents>;
  /** Every page, put together. */
  all(options?: SearchOptions, tenant?: string): Promise<AuditEvent[]>;
}

async function arena(): Promise<Arena> {
  const ground = await createAuditGround();
  const reading = await readAudit(ground);
  const { drain } = await ground.sequencer();
  const search = (options: SearchOptions = {}, tenant = T1) =>
    searchEvents(
      {
        query: reading.asTenant(tenant),
        opener: reading.opener,
        tenant,
        cursorKey: reading.cursorKey,
      },
      options,
    );
  return {
    ...ground,
    ...reading,
    search,
    async record(events, tenant = T1, of = 'standard') {
      const ids = newIds(events.length);
      const byActor = new Map<string, number[]>();
      events.forEach((event, index) => {
        const { as = 'system:test' } = event as { as?: string };
        byActor.set(as, [...(byActor.get(as) ?? []), index]);
      });
      for (const [actor, indexes] of byActor) {
        await recordIn(ground.admin, {
          tenant,
          class: of,
          actor,
          ids: indexes.map((index) => ids[index] ?? ''),
          events: indexes.map((index) => {
            const { as: _, ...event } = events[index] as { as?: string };
            return JSON.stringify({
              action: 'note.created',
              outcome: 'success',
              targets: [],
              ...event,
            });
          }),
        });
      }
      await drain();
      return ids;
    },
    async all(options = {}, tenant = T1) {
      const events: AuditEvent[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await search({ ...options, ...(cursor && { cursor }) }, tenant);
        events.push(...page.events);
        cursor = page.next;
      } while (cursor !== null);
      return events;
    },
  };
}

const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString();
const idsOf = (events: readonly AuditEvent[]) => events.map(({ id }) => id);

test('events are found by action, actor, target, outcome, time and words, the newest first', async () => {
  const { record, search } = await arena();
  const [paid, failed, signedIn, late] = await record([
    {
      action: 'invoice.paid',
      time: minute(1),
      targets: [{ type: 'invoice', id: '42', name: 'Hosting, November' }],
      metadata: { amount: 1250, note: { by: ['Wire Transfer'] } },
    },
    { action: 'invoice.sent', time: minute(2), outcome: 'failure', reason: 'Größe überschritten' },
    {
      as: 'user:ada',
      action: 'session.signed_in',
      time: minute(3),
      actor: { name: 'Ada Lovelace' },
      ip: '203.0.113.7',
    },
    { as: 'api_key:k1', action: 'note.deleted', time: minute(4), outcome: 'denied' },
  ]);
  const found = async (options: SearchOptions) => idsOf((await search(options)).events);
  expect(await found({})).toEqual([late, signedIn, failed, paid]);
  expect(await found({ action: 'invoice.paid' })).toEqual([paid]);
  expect(await found({ action: 'invoice.*' })).toEqual([failed, paid]);
  expect(await found({ action: ['invoice.paid', 'note.*'] })).toEqual([late, paid]);
  expect(await found({ actor: 'user:ada' })).toEqual([signedIn]);
  expect(await found({ actor: ['system', 'api_key:k1'] })).toEqual([late, failed, paid]);
  expect(await found({ target: 'invoice:42' })).toEqual([paid]);
  expect(await found({ target: 'invoice' })).toEqual([paid]);
  expect(await found({ outcome: ['failure', 'denied'] })).toEqual([late, failed]);
  expect(await found({ from: minute(2), to: minute(4) })).toEqual([signedIn, failed]);
  expect(await found({ text: 'hosting NOVEMBER' })).toEqual([paid]);
  expect(await found({ text: 'wire 1250' })).toEqual([paid]);
  expect(await found({ text: 'grösse' })).toEqual([]);
  expect(await found({ text: 'größe' })).toEqual([failed]);
  expect(await found({ text: 'lovelace 203.0.113.7' })).toEqual([signedIn]);
  expect(await found({ text: 'hosting', outcome: 'denied' })).toEqual([]);
  expect(await found({ class: 'other' })).toEqual([]);
});

test('an event is found at its own time, whatever times its texts and metadata name', async () => {
  const { record, all } = await arena();
  const liar = ',"time":"1999-01-01T00:00:00.000Z"';
  const ids = await record([
    {
      metadata: { time: '1999-01-01T00:00:00.000Z', a: { b: 1, time: '1999-01-01T00:00:00.000Z' } },
    },
    { userAgent: liar, reason: liar, requestId: 'req-1' },
    { targets: [{ type: 'note', id: liar, name: liar }], after: { time: liar } },
  ]);
  const from = minute(0);
  expect(idsOf(await all({ from })).sort()).toEqual([...ids].sort());
  expect(await all({ to: from })).toEqual([]);
});

test('a person is shown by name to who may read, and found by it', async () => {
  const { record, search } = await arena();
  await record([
    {
      as: 'user:ada',
      actor: { name: 'Ada Lovelace' },
      ip: '203.0.113.7',
      targets: [{ type: 'user', id: 'bob', name: 'Bob' }],
    },
  ]);
  const { events } = await search({ text: 'ada bob' });
  expect(events[0]).toMatchObject({
    actor: { type: 'user', id: 'ada', name: 'Ada Lovelace' },
    targets: [{ type: 'user', id: 'bob', name: 'Bob' }],
    ip: '203.0.113.7',
  });
  expect(events[0]?.closed).toBeUndefined();
});

test('indexed, half indexed and not at all: the same is found', async () => {
  const { record, all, index, admin } = await arena();
  const words = ['alpha', 'beta', 'gamma', 'delta'];
  const events = Array.from({ length: 3000 }, (_, n) => ({
    action: n % 7 === 0 ? 'invoice.paid' : 'note.created',
    time: minute((n * 37) % 2900),
    outcome: n % 11 === 0 ? 'failure' : 'success',
    targets: [{ type: 'note', id: `n${n}` }],
    metadata: { word: words[n % 4], rare: n % 500 === 3 ? 'needle' : 'hay' },
    ...(n % 5 === 0 && { as: `user:u${n % 10}`, actor: { name: `Person ${n % 10}` } }),
  }));
  await record(events);
  const filters: SearchFilter[] = [
    {},
    { action: 'invoice.*', outcome: 'failure' },
    { text: 'needle' },
    { text: 'needle delta' },
    { target: 'note:n1234' },
    { actor: 'user:u5', from: minute(100), to: minute(900) },
    { text: 'person 5 beta' },
    { text: 'absent' },
  ];
  const before = [];
  for (const filter of filters) before.push(await all({ ...filter, limit: 500 }));
  expect(await index()).toBe(2);
  for (const [at, filter] of filters.entries()) {
    expect(await all({ ...filter, limit: 500 })).toEqual(before[at]);
  }
  await admin.query('select bulkhead.audit_search_forget($1, $2, $3)', [T1, 'standard', [0]]);
  for (const [at, filter] of filters.entries()) {
    expect(await all({ ...filter, limit: 500 })).toEqual(before[at]);
  }
  expect(before.map((found) => found.length)).toEqual([
    3000,
    39,
    6,
    6,
    1,
    before[5]?.length,
    before[6]?.length,
    0,
  ]);
  expect(before[6]?.length).toBe(150);
  const times = before[0]?.map(({ time }) => time) ?? [];
  expect(times).toEqual([...times].sort().reverse());
});

test('pages stay what they were while events are written, and hold each event once', async () => {
  const { record, search, index } = await arena();
  await record(Array.from({ length: 1100 }, (_, n) => ({ time: minute(n % 50) })));
  await record(
    Array.from({ length: 60 }, (_, n) => ({ time: minute(n % 50) })),
    T1,
    'gdpr',
  );
  const seen = new Set<string>();
  let page = await search({ limit: 100 });
  for (let turn = 0; page.next !== null; turn += 1) {
    for (const { id } of page.events) seen.add(id);
    // Some earlier, some later than the cursor; a new class of events; and the index catching up.
    await record([{ time: minute(turn) }, { time: minute(60 + turn) }]);
    if (turn === 1) await record([{ time: minute(0) }], T1, 'hipaa');
    if (turn === 3) await index();
    const next = await search({ limit: 100, cursor: page.next });
    expect(next.events.length).toBeLessThanOrEqual(100);
    page = next;
  }
  for (const { id } of page.events) {
    expect(seen.has(id)).toBe(false);
    seen.add(id);
  }
  expect(seen.size).toBe(1160);
});

test('a cursor that was changed, or that is of another search or tenant, is refused', async () => {
  const { record, search } = await arena();
  const some = Array.from({ length: 3 }, () => ({ as: 'user:ada' }));
  await record(some);
  await record(some, T2);
  const { next } = await search({ limit: 1, text: 'ada' });
  const cursor = next ?? '';
  const code = 'audit.cursor_invalid';
  const flipped = `${cursor.slice(0, 40)}${cursor[40] === 'A' ? 'B' : 'A'}${cursor.slice(41)}`;
  await expect(search({ limit: 1, text: 'ada', cursor: flipped })).rejects.toMatchObject({ code });
  await expect(search({ limit: 1, text: 'bob', cursor })).rejects.toMatchObject({ code });
  await expect(search({ limit: 1, text: 'ada', cursor }, T2)).rejects.toMatchObject({ code });
  for (const wrong of ['', 'x', `${cursor}=`, `${cursor}A`, 'A'.repeat(5000)]) {
    await expect(search({ text: 'ada', cursor: wrong })).rejects.toMatchObject({ code });
  }
  expect((await search({ limit: 1, text: 'ada', cursor })).events).toHaveLength(1);
});

test.each([
  [{ limit: 0 }],
  [{ limit: 501 }],
  [{ limit: 1.5 }],
  [{ action: 'Not An Action' }],
  [{ action: [] }],
  [{ actor: `user: ${'x'.repeat(400)}` }],
  [{ text: '!!!' }],
  [{ text: 'a b c d e f g h i j k' }],
  [{ from: 'yesterday' }],
  // What `Date` would make a day of.
  [{ from: 'room 7' }],
  [{ from: '1' }],
  [{ from: '2026-02-31' }],
  [{ from: '11/3/2026' }],
  // A moment of whose clock?
  [{ to: '2026-11-03T09:00:00' }],
  [{ outcome: 'maybe' }],
  [{ tenant: T2 }],
  [{ class: "standard' or true --" }],
])('the filter %j is refused', async (filter) => {
  const { search } = await arena();
  await expect(search(filter as SearchOptions)).rejects.toMatchObject({
    code: 'audit.filter_invalid',
  });
});

test('a tenant finds nothing of another, whatever it asks for and whatever tenant it names', async () => {
  const { record, index, asTenant, opener, cursorKey, all } = await arena();
  const secret = randomUUID();
  const many = Array.from({ length: 1030 }, () => ({ as: 'user:ada', metadata: { secret } }));
  await record(many, T2);
  await record([{ as: 'user:ada' }], T1);
  await index();
  expect(await all({ text: secret })).toEqual([]);
  expect(await all()).toHaveLength(1);
  // The context decides, not the name: asking for T2 in T1's context finds an empty house.
  const lying = { query: asTenant(T1), opener, tenant: T2, cursorKey };
  expect(await searchEvents(lying, {})).toEqual({ events: [], next: null });
  for (const table of [
    'search_block',
    'search_term',
    'chunk',
    'log',
    'event',
    'opening',
    'subject',
  ]) {
    const { rows } = await asTenant(T1)(
      `select count(*) as rows from bulkhead.audit_${table} where tenant_id <> $1`,
      [T1],
    );
    expect(rows, table).toEqual([{ rows: '0' }]);
  }
});

test('an operator searches the tenant that it names', async () => {
  const { record, asOperator, opener, cursorKey } = await arena();
  const [mine] = await record([{}], T2);
  const { events } = await searchEvents({ query: asOperator, opener, tenant: T2, cursorKey }, {});
  expect(idsOf(events)).toEqual([mine]);
});

test('without the vault key a reader finds what is not personal, and persons are sealed', async () => {
  const { record, index, asTenant, cursorKey } = await arena();
  const { createEventOpener } = await import('../open/event-opener.ts');
  await record([
    ...Array.from({ length: 1024 }, () => ({})),
    { as: 'user:ada', actor: { name: 'Ada' }, action: 'note.deleted' },
  ]);
  await index();
  const reader = {
    query: asTenant(T1),
    opener: createEventOpener(undefined),
    tenant: T1,
    cursorKey,
  };
  const { events } = await searchEvents(reader, { action: 'note.deleted' });
  expect(events[0]?.closed).toEqual({ '/actor/id': 'sealed', '/actor/name': 'sealed' });
  expect((await searchEvents(reader, { text: 'ada' })).events).toEqual([]);
});

test('an address is found by its parts too, a UUID as a whole and by its first digits', () => {
  const id = '9f86d081-884c-4d63-a2af-1bb9c3e7f042';
  expect([...wordsOf('Ada@acme.example')]).toEqual(['ada@acme.example', 'ada', 'acme', 'example']);
  expect([...wordsOf(id.toUpperCase())]).toEqual([id, '9f86d081']);
  expect([...wordsOf(`invoice:${id}/pdf`)]).toEqual([
    `invoice:${id}/pdf`,
    'invoice',
    id,
    '9f86d081',
    'pdf',
  ]);
  // Not quite one: parts like any other.
  expect(wordsOf(`${id}0`)).toContain('884c');
  expect(wordsOf(`x${id}`)).toContain('884c');
});

test('a whole word is among its words, and a filter means what a look at the event says', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (parts) => {
      const text = parts.join(' ');
      const whole = [...wholeWordsOf(text)];
      for (const one of whole) expect(wordsOf(text)).toContain(one);
      if (whole.length === 0 || whole.length > 10) return;
      const event = {
        v: 1,
        id: randomUUID(),
        tenant: T1,
        source: 'record',
        class: 'standard',
        leafIndex: 0,
        time: minute(0),
        recorded: minute(0),
        actor: { type: 'system', id: 'x' },
        targets: [],
        action: 'note.created',
        outcome: 'success',
        reason: text,
      } as const;
      expect(matches(event, readFilter({ text: text.slice(0, 300) }))).toBe(true);
    }),
  );
});
