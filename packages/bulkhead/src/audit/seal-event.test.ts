import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import {
  EVENT_BYTES_MAX,
  LEAF_BYTES_MAX,
  recordedEventSchema,
  type SealedEvent,
  type SubjectRef,
} from './event.ts';
import { findJsonFault } from './json-bounds.ts';
import { type PendingEvent, personalPlaces, readPending } from './read-pending.ts';
import { type FindSubject, type Sealed, sealEvent } from './seal-event.ts';
import { isUsualEvent } from './usual-event.ts';
import { seal } from './vault/cipher.ts';
import { createLocalKeyWrapper } from './vault/key-wrapper.ts';
import {
  type OpenedSubject,
  type OpeningRow,
  openEvent,
  openFields,
  openSubject,
} from './vault/open-event.ts';
import { sealOpenings } from './vault/opening.ts';
import { type NewSubject, newIndexKey, newSubject } from './vault/tenant-vault.ts';
import { generateVaultKey } from './vault/vault-key.ts';

const TENANT = '0a000000-0000-4000-8000-00000000000a';
const ID = '0e000000-0000-4000-8000-000000000001';
const RECORDED = '2026-03-01T12:00:00.000Z';

function pending(event: unknown, actor = 'user:alice'): PendingEvent {
  const text = typeof event === 'string' ? event : JSON.stringify(event);
  return { tenant: TENANT, id: ID, recorded: RECORDED, actor, source: 'record', event: text };
}

const base = { action: 'note.shared', outcome: 'success', targets: [] };

/** A vault of one tenant in memory. */
function memoryVault(erased: readonly SubjectRef[] = []) {
  const wrapper = createLocalKeyWrapper([generateVaultKey()]);
  const indexKey = newIndexKey();
  const rows: NewSubject[] = [];
  const made = new Map<string, ReturnType<FindSubject>>();
  const find: FindSubject = (tenant, ref) => {
    const name = `${ref.type}/${ref.id}`;
    const known = made.get(name);
    if (known !== undefined) return known;
    const { live, row } = newSubject(wrapper, tenant, indexKey, ref);
    const gone = erased.some(({ type, id }) => type === ref.type && id === ref.id);
    const person = gone ? { pseudonym: live.pseudonym, key: undefined } : live;
    rows.push(row);
    made.set(name, person);
    return person;
  };
  const subjects = (): Map<string, OpenedSubject> =>
    new Map(
      rows.map((row) => [row.pseudonym, openSubject(wrapper, TENANT, { ...row, erasedAt: null })]),
    );
  return { wrapper, find, rows, subjects };
}

const leafOf = (sealed: Sealed): SealedEvent => JSON.parse(sealed.leaf);

/** The rows of `audit_opening` that a log of this one event would have. */
const rowsOf = ({ openings }: Sealed): OpeningRow[] =>
  openings.map(({ person, text }) => ({
    subject: person.pseudonym,
    members: Buffer.of(0),
    sealed: sealOpenings(TENANT, person, [Buffer.from(text)]),
  }));

test('a leaf holds no personal value: commitments and a pseudonym stand in their places', () => {
  const vault = memoryVault();
  const sealed = sealEvent(
    readPending(
      pending({
        ...base,
        actor: { name: 'Alice Example' },
        ip: '192.0.2.7',
        userAgent: 'Browser/1',
        sessionId: 'sess-4711',
        location: { city: 'Bremen' },
        targets: [
          { type: 'note', id: 'n1', name: 'Plan' },
          { type: 'user', id: 'bob', name: 'Bob Example' },
        ],
        metadata: { email: 'carol@example.com', role: 'reader', age: 41 },
        personal: [
          { path: '/metadata/email', subject: { type: 'customer', id: 'c9' } },
          { path: '/metadata/age', subject: { type: 'customer', id: 'c9' } },
        ],
      }),
    ),
    vault.find,
  );
  const text = sealed.leaf;
  for (const secret of [
    'alice',
    'Alice',
    'bob',
    'Bob',
    '192.0.2.7',
    'Browser',
    '4711',
    'Bremen',
    'carol',
    '41',
    'c9',
  ]) {
    expect(text.replaceAll(/"[A-Za-z0-9+/]{43}="|[0-9a-f-]{36}/g, '')).not.toContain(secret);
  }
  const leaf = leafOf(sealed);
  expect(Object.keys(leaf.commitments ?? {})).toEqual([
    '/actor/name',
    '/ip',
    '/location',
    '/metadata/age',
    '/metadata/email',
    '/sessionId',
    '/targets/1/name',
    '/userAgent',
  ]);
  expect(leaf.committedJson).toEqual(['/location', '/metadata/age']);
  expect(leaf.pseudonyms).toEqual(['/actor/id', '/targets/1/id']);
  expect(leaf.metadata).toEqual({ role: 'reader' });
  expect(leaf.targets[0]).toEqual({ type: 'note', id: 'n1', name: 'Plan' });
});

test('whoever holds the keys reads the event as it was recorded, and every commitment can be checked', () => {
  const vault = memoryVault();
  const recorded = {
    ...base,
    actor: { name: 'Alice' },
    ip: '2001:db8::1',
    reason: 'asked by phone',
    targets: [{ type: 'user', id: 'bob' }],
    metadata: { list: ['a', { deep: 'b' }], keep: true },
    personal: [
      { path: '/metadata/list/1/deep', subject: { type: 'user', id: 'bob' } },
      { path: '/metadata/list', subject: { type: 'user', id: 'alice' } },
      { path: '/reason', subject: { type: 'user', id: 'alice' } },
    ],
  };
  const sealed = sealEvent(readPending(pending(recorded)), vault.find);
  const subjects = vault.subjects();
  const fields = openFields(leafOf(sealed), rowsOf(sealed), subjects);
  for (const { path, salt, value } of fields) {
    const bytes = typeof value === 'string' ? value : canonicalJson(value);
    expect(leafOf(sealed).commitments?.[path]).toBe(
      createHmac('sha256', salt).update(bytes, 'utf8').digest('base64'),
    );
  }
  const place = { class: 'standard', leafIndex: 7 };
  const event = openEvent(leafOf(sealed), place, rowsOf(sealed), subjects);
  expect(event).toMatchObject({
    actor: { type: 'user', id: 'alice', name: 'Alice' },
    ip: '2001:db8::1',
    reason: 'asked by phone',
    targets: [{ type: 'user', id: 'bob' }],
    metadata: { list: ['a', { deep: 'b' }], keep: true },
    time: RECORDED,
    leafIndex: 7,
  });
  expect(event.closed).toBeUndefined();
});

test('the same event sealed twice shares no commitment, and a pseudonym shows only with the vault who it is', () => {
  const vault = memoryVault();
  const seal = () => sealEvent(readPending(pending({ ...base, ip: '192.0.2.7' })), vault.find);
  const [one, other] = [leafOf(seal()), leafOf(seal())];
  expect(one.actor.id).toBe(other.actor.id);
  expect(one.actor.id).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(one.commitments?.['/ip']).not.toBe(other.commitments?.['/ip']);
  expect(leafOf(sealEvent(readPending(pending(base)), memoryVault().find)).actor.id).not.toBe(
    one.actor.id,
  );
});

test("an opening is of use for one event, one person and one tenant: another's row opens nothing", () => {
  const vault = memoryVault();
  const event = { ...base, ip: '192.0.2.7', targets: [{ type: 'user', id: 'bob', name: 'Bob' }] };
  const sealed = sealEvent(readPending(pending(event)), vault.find);
  const subjects = vault.subjects();
  const leaf = leafOf(sealed);
  const rows = rowsOf(sealed);
  const [first, second] = rows;
  if (first === undefined || second === undefined) throw new Error('two openings were expected');
  expect(openFields(leaf, rows, subjects)).toHaveLength(2);
  const swapped = [
    { ...first, sealed: second.sealed },
    { ...second, sealed: first.sealed },
  ];
  expect(openFields(leaf, swapped, subjects)).toEqual([]);
  expect(openFields({ ...leaf, id: ID.replace('1', '2') }, rows, subjects)).toEqual([]);
  expect(
    openFields({ ...leaf, tenant: TENANT.replace('a', 'b') }, rowsOf(sealed), subjects),
  ).toEqual([]);
  const flipped = Buffer.from(first.sealed);
  flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20);
  expect(openFields(leaf, [{ ...first, sealed: flipped }], subjects)).toEqual([]);
  // Another commitment in the leaf: the value no longer fits it and is not shown.
  const other = { ...leaf, commitments: { '/ip': Buffer.alloc(32).toString('base64') } };
  expect(openFields(other, [first], subjects)).toEqual([]);
  const stranger = createLocalKeyWrapper([generateVaultKey()]);
  const closed = new Map(
    vault.rows.map((row) => [
      row.pseudonym,
      openSubject(stranger, TENANT, { ...row, erasedAt: null }),
    ]),
  );
  const shown = openEvent(
    leafOf(sealed),
    { class: 'standard', leafIndex: 0 },
    rowsOf(sealed),
    closed,
  );
  expect(shown.closed).toEqual({
    '/actor/id': 'sealed',
    '/targets/0/id': 'sealed',
    '/ip': 'sealed',
    '/targets/0/name': 'sealed',
  });
});

test('events of an erased person that come out of the outbox later are sealed without them', () => {
  const vault = memoryVault([{ type: 'user', id: 'alice' }]);
  const sealed = sealEvent(
    readPending(
      pending({ ...base, ip: '192.0.2.7', targets: [{ type: 'user', id: 'bob', name: 'Bob' }] }),
    ),
    vault.find,
  );
  expect(sealed.openings).toHaveLength(1);
  const erased = leafOf(sealed).actor.id;
  const subjects = vault.subjects();
  subjects.set(
    erased,
    openSubject(vault.wrapper, TENANT, {
      pseudonym: erased,
      sealedRef: null,
      wrappedKey: null,
      erasedAt: new Date(),
    }),
  );
  const event = openEvent(
    leafOf(sealed),
    { class: 'standard', leafIndex: 0 },
    rowsOf(sealed),
    subjects,
  );
  expect(event.closed).toEqual({ '/actor/id': 'erased', '/ip': 'erased' });
  expect(event.targets).toEqual([{ type: 'user', id: 'bob', name: 'Bob' }]);
});

test('a clock that is ahead does not date an event into the future; one that is behind shows', () => {
  const { find } = memoryVault();
  const timed = (time: string) => leafOf(sealEvent(readPending(pending({ ...base, time })), find));
  expect(timed('2031-01-01T00:00:00.000Z')).toMatchObject({
    time: RECORDED,
    recorded: RECORDED,
    claimedTime: '2031-01-01T00:00:00.000Z',
  });
  expect(timed('1970-01-01T00:00:00.000Z')).toMatchObject({
    time: '1970-01-01T00:00:00.000Z',
    recorded: RECORDED,
  });
  expect(timed('2026-03-01T12:04:59.000Z')).toMatchObject({ time: '2026-03-01T12:04:59.000Z' });
});

test.each([
  ['no JSON', '{'],
  ['a list', '[]'],
  ['null', 'null'],
  ['nothing', ''],
  ['an unknown field', JSON.stringify({ ...base, admin: true })],
  ['a wrong outcome', JSON.stringify({ ...base, outcome: 'maybe' })],
  ['a time that is none', JSON.stringify({ ...base, time: '2026-02-30T00:00:00.000Z' })],
  [
    'a prototype',
    '{"action":"a.b","outcome":"success","targets":[],"metadata":{"__proto__":{"x":1}}}',
  ],
  ['NUL', JSON.stringify({ ...base, reason: 'a\0b' })],
  ['half a surrogate pair', '{"action":"a.b","outcome":"success","targets":[],"reason":"\\ud800"}'],
  [
    '100,000 levels',
    `{"action":"a.b","outcome":"success","targets":[],"metadata":${'['.repeat(9_000)}${']'.repeat(9_000)}}`,
  ],
  ['ten megabytes', JSON.stringify({ ...base, reason: 'x'.repeat(10_000_000) })],
  [
    'more than an event may have',
    JSON.stringify({ ...base, metadata: { x: 'ü'.repeat(EVENT_BYTES_MAX / 2) } }),
  ],
])('%s in the outbox becomes an event that says so and commits to the bytes', (_what, text) => {
  const leaf = leafOf(sealEvent(readPending(pending(text)), memoryVault().find));
  expect(leaf).toMatchObject({
    action: 'audit.unreadable',
    id: ID,
    outcome: 'failure',
    targets: [],
  });
  expect(leaf.metadata).toMatchObject({
    bytes: Buffer.byteLength(text),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/);
const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 40 })
  .filter((s) => !s.includes('\0'));
// One key makes an event unreadable, as another test says.
const json = fc
  .jsonValue({ maxDepth: 4, stringUnit: 'grapheme-ascii' })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));
const person = fc.record({ type: fc.constantFrom('user', 'customer', 'operator'), id: text });
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const recordedEvent = fc
  .record({
    action: fc.tuple(word, word).map((words) => words.join('.')),
    outcome: fc.constantFrom('success', 'failure', 'denied'),
    targets: fc.array(
      fc.record({ type: fc.oneof(word, fc.constant('user')), id: text, name: some(text) }),
      { maxLength: 4 },
    ),
    actor: some(fc.record({ name: some(text) })),
    ip: some(fc.ipV4()),
    userAgent: some(text),
    reason: some(text),
    sessionId: some(text),
    requestId: some(text),
    location: some(
      fc.record({ city: text, latitude: some(fc.double({ min: -90, max: 90, noNaN: true })) }),
    ),
    metadata: some(fc.dictionary(word, json, { maxKeys: 5 })),
    before: some(fc.dictionary(word, json, { maxKeys: 5 })),
    after: some(fc.dictionary(word, json, { maxKeys: 5 })),
    picks: fc.array(fc.tuple(fc.nat(30), person), { maxLength: 6 }),
  })
  .map(({ picks, ...event }) => {
    const paths = pointers(JSON.parse(JSON.stringify(event)));
    const personal = picks.flatMap(([n, subject]) => {
      const path = paths[n % paths.length];
      return path === undefined ? [] : [{ path, subject }];
    });
    return { ...event, personal };
  });

/** Every place of an event, also those that nothing personal may be taken from. */
function pointers(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const path = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [path, ...pointers(member, path)];
  });
}

test('any event: the leaf is canonical JSON within its bounds, and opens to what was recorded', () => {
  fc.assert(
    fc.property(recordedEvent, fc.constantFrom('user:alice', 'system:job'), (event, actor) => {
      const vault = memoryVault();
      const row = pending(event, actor);
      const sealed = sealEvent(readPending(row), vault.find);
      const leafText = sealed.leaf;
      expect(canonicalJson(JSON.parse(leafText))).toBe(leafText);
      expect(Buffer.byteLength(sealed.leaf)).toBeLessThanOrEqual(LEAF_BYTES_MAX);
      const leaf = leafOf(sealed);
      if (leaf.action === 'audit.unreadable')
        throw new Error(`unreadable: ${leaf.metadata?.fault}`);
      const opened = openEvent(
        leafOf(sealed),
        { class: 'standard', leafIndex: 0 },
        rowsOf(sealed),
        vault.subjects(),
      );
      expect(opened.closed).toBeUndefined();
      const said = JSON.parse(row.event);
      const { action, outcome, targets, ip, userAgent, reason, location, metadata, before, after } =
        opened;
      const { personal: _, actor: name, sessionId: _s, requestId: _r, ...rest } = said;
      expect({
        action,
        outcome,
        targets,
        ip,
        userAgent,
        reason,
        location,
        metadata,
        before,
        after,
      }).toEqual({
        ip: undefined,
        userAgent: undefined,
        reason: undefined,
        location: undefined,
        metadata: undefined,
        before: undefined,
        after: undefined,
        ...JSON.parse(canonicalJson(rest)),
      });
      expect(opened.actor.name).toBe(name?.name);
      expect(opened.sessionId).toBe(said.sessionId);
    }),
    { numRuns: 300 },
  );
});

test('the usual event is sealed to what the long way seals it to', () => {
  const masked = (text: string): string => text.replace(/[A-Za-z0-9+/]{43}=/g, '*');
  const shown = (sealed: Sealed) => ({
    leaf: masked(sealed.leaf),
    openings: sealed.openings.map(({ person, text }) => [
      person.pseudonym,
      // Fields of an opening are in no order.
      JSON.parse(masked(text))[1].map(String).sort(),
    ]),
  });
  let usual = 0;
  const actor = fc.constantFrom('user:alice', 'operator:Ünal "x"', 'user:erased');
  fc.assert(
    fc.property(recordedEvent, actor, fc.boolean(), (given, who, hasPersonal) => {
      const { personal, time: _t, location: _l, ...rest } = given as Record<string, unknown>;
      const event = hasPersonal ? given : rest;
      const { find } = memoryVault([{ type: 'user', id: 'erased' }]);
      const read = () => readPending(pending(event, who));
      const quick = read();
      if (quick.usual === undefined) return;
      usual += 1;
      const long = { ...quick, event: read().event, usual: undefined };
      const places = personalPlaces(long.event, quick.usual);
      expect(shown(sealEvent({ ...long, personal: places }, find))).toEqual(
        shown(sealEvent(quick, find)),
      );
    }),
    { numRuns: 400 },
  );
  // Else the test has not shown anything.
  expect(usual).toBeGreaterThan(30);
});

test('a row that an earlier release wrote for one event opens as before', () => {
  const vault = memoryVault();
  const sealed = sealEvent(readPending(pending({ ...base, ip: '192.0.2.7' })), vault.find);
  const [opening] = sealed.openings;
  if (opening === undefined) throw new Error('an opening was expected');
  const { pseudonym, key } = opening.person;
  const old = {
    subject: pseudonym,
    members: null,
    sealed: seal(
      key,
      `opening/${TENANT}/${ID}/${pseudonym}`,
      JSON.stringify(JSON.parse(opening.text)[1]),
    ),
  };
  expect(openFields(leafOf(sealed), [old], vault.subjects())).toMatchObject([
    { path: '/ip', value: '192.0.2.7' },
  ]);
});

test('whatever bytes lie in the outbox, sealing them neither fails nor exceeds a leaf', () => {
  const find = memoryVault().find;
  const broken = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.tuple(recordedEvent, fc.nat(), fc.string({ maxLength: 3 })).map(([event, at, noise]) => {
      const text = JSON.stringify(event);
      const cut = at % text.length;
      return text.slice(0, cut) + noise + text.slice(cut + 1);
    }),
  );
  fc.assert(
    fc.property(broken, fc.oneof(fc.string(), fc.constant(null)), (event, actor) => {
      const sealed = sealEvent(readPending({ ...pending(event), actor }), find);
      expect(Buffer.byteLength(sealed.leaf)).toBeLessThanOrEqual(LEAF_BYTES_MAX);
      const leaf = sealed.leaf;
      expect(canonicalJson(JSON.parse(leaf))).toBe(leaf);
    }),
    { numRuns: 500 },
  );
});

test('what passes at a glance passes the schema, and usual events pass at a glance', () => {
  const nearly = recordedEvent.chain((event) => {
    const { personal: _, ...rest } = event;
    const json = JSON.parse(JSON.stringify(rest));
    const key = fc.constantFrom(...Object.keys(json), 'colour', 'time', '__proto__');
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.constant([{ type: 'a', id: 'b', x: 1 }]),
    );
    return fc.oneof(
      fc.constant(json),
      fc
        .tuple(key, value)
        .map(([name, other]) => JSON.parse(JSON.stringify({ ...json, [name]: other }))),
    );
  });
  let glanced = 0;
  fc.assert(
    fc.property(nearly, (event) => {
      if (findJsonFault(event) !== undefined || !isUsualEvent(event)) return;
      glanced += 1;
      expect(recordedEventSchema.safeParse(event).success).toBe(true);
    }),
    { numRuns: 1_000 },
  );
  expect(glanced).toBeGreaterThan(40);
});
