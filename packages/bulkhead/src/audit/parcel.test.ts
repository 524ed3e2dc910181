import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ACME, BORA, createAuditApp } from '#test/audit-app';
import { newIds, T1 } from '#test/audit-ground';
import { parseContextKey } from '../isolation/index.ts';
import { signParcel } from '../isolation/signed-parcel.ts';
import { canonicalJson } from './canonical-json.ts';
import { defineActions } from './catalogue/define-actions.ts';
import { OPERATORS_LOG } from './event.ts';
import { packEvents, packSigned, unpack } from './parcel.ts';

const actions = defineActions({ 'note.created': { description: 'A note was written.' } });
const EVENT = '{"action":"note.created","outcome":"success","targets":[]}';
const row = (source: string, event: string) => ({
  tenant: T1,
  id: '0e000000-0000-4000-8000-0000000000ff',
  class: 'standard',
  recorded: '2026-03-01T12:00:00.000Z',
  actor: 'user:alice',
  source,
  event,
});

const event = fc.record({
  id: fc.uuid(),
  class: fc.constantFrom('standard', 'billing'),
  text: fc
    .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
    .map((value) =>
      canonicalJson(JSON.parse(JSON.stringify(value).replaceAll(/\\ud[89a-f]../g, ''))),
    ),
});

test('what is packed is unpacked, event by event and in its order', () => {
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), (events) => {
      const read = packEvents(events).flatMap((lines) => unpack(row('parcel', lines)));
      expect(read).toEqual(
        events.map(({ id, class: name, text }) => ({
          ...row('record', text),
          id,
          class: name,
        })),
      );
    }),
  );
});

test('a signed parcel says of each event whose it is', () => {
  const holder = fc.record({
    tenant: fc.uuid(),
    type: fc.constantFrom('user', 'system'),
    id: fc.stringMatching(/^[\x21-\x7e]{1,40}$/),
  });
  const held = fc.record({ holder, event });
  fc.assert(
    fc.property(fc.array(held, { minLength: 1, maxLength: 30 }), (events) => {
      const { lines, count } = packSigned(events);
      expect(count).toBe(events.length);
      const read = unpack({ ...row('signed', lines), actor: null });
      expect(read.map(({ tenant, actor, id }) => [tenant, actor, id])).toEqual(
        events.map(({ holder: { tenant, type, id }, event: { id: name } }) => [
          tenant,
          `${type}:${id}`,
          name,
        ]),
      );
    }),
  );
});

test('large events make several parcels, each within the bound of its row', () => {
  const events = newIds(100).map((id) => ({
    id,
    class: 'standard',
    text: `{"x":"${'x'.repeat(32_000)}"}`,
  }));
  const parcels = packEvents(events);
  expect(parcels.length).toBeGreaterThan(10);
  for (const lines of parcels) expect(Buffer.byteLength(lines)).toBeLessThan(262_144 - 64);
  expect(parcels.flatMap((lines) => unpack(row('parcel', lines)))).toHaveLength(100);
});

test('an unsigned parcel names nobody but the context it came in', () => {
  const [id = ''] = newIds(1);
  const items = unpack(row('parcel', `=${BORA} user:bob\n${id} standard ${EVENT}`));
  expect(items.map(({ tenant, actor }) => [tenant, actor])).toEqual([
    [T1, 'user:alice'],
    [T1, 'user:alice'],
  ]);
});

test('any text in a parcel becomes a bounded number of events, the same each time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.boolean(), (text, isSigned) => {
      const parcel = row(isSigned ? 'signed' : 'parcel', text);
      const items = unpack(parcel);
      expect(items).toEqual(unpack(parcel));
      for (const item of items) {
        expect(item.id).toMatch(/^[0-9a-f-]{36}$/);
        expect(item.class).toMatch(/^[a-z][a-z0-9-]{0,31}$/);
        expect(item.source).toBe('record');
      }
    }),
  );
  expect(unpack(row('parcel', '\n'.repeat(5_000)))).toHaveLength(1);
});

test('past the guard, rubbish in a parcel is on record in its writer’s name, and its neighbours are whole', async () => {
  const app = await createAuditApp(actions);
  const client = await app.ground.connect(app.ground.database.appUrl);
  const [good = '', other = ''] = newIds(2);
  const lines = `${good} standard ${EVENT}\n=${BORA} user:bob\nnonsense\n${other} ../etc ${EVENT}`;
  const { head, mac } = signParcel(
    parseContextKey(app.ground.database.contextKey),
    `=${ACME} user:alice\n${lines}`,
    Date.now(),
  );
  const submit = (...values: string[]) =>
    client.query('select bulkhead.audit_submit_parcel($1, $2, $3)', values);
  await submit(head, `=${ACME} user:alice\n${lines}`, mac);
  // Sent again, as after a connection that broke: its events have their ids.
  await submit(head, `=${ACME} user:alice\n${lines}`, mac);
  expect((await app.events()).map(({ action }) => action)).toContain('note.created');
  expect((await app.leaves()).filter(({ json }) => json.id === good)).toHaveLength(1);
  // The signed text itself names Bora; nothing else may.
  expect((await app.events(BORA)).map(({ actor }) => actor.id)).toContain('bob');

  for (const forged of [
    [head, lines, mac],
    [head, `=${BORA} user:bob\n${lines}`, mac],
    [head.replace('p1.', 'v1.'), `=${ACME} user:alice\n${lines}`, mac],
    [
      head,
      `=${ACME} user:alice\n${lines}`,
      mac.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    ],
    [`${head.slice(0, 12)}9999999999.`, `=${ACME} user:alice\n${lines}`, mac],
    ['', '', ''],
  ]) {
    await expect(submit(...forged)).rejects.toMatchObject({ code: '28000' });
  }
  const key = parseContextKey(app.ground.database.contextKey);
  const stale = signParcel(key, lines, Date.now() - 120_000);
  await expect(submit(stale.head, lines, stale.mac)).rejects.toMatchObject({ code: '28000' });
  const early = signParcel(key, lines, Date.now() + 3_600_000);
  await expect(submit(early.head, lines, early.mac)).rejects.toMatchObject({ code: '28000' });
  expect(await app.events(OPERATORS_LOG)).toEqual([]);
});

test('records of one moment commit together, each in the name of its own, and an expired context records nothing', async () => {
  const app = await createAuditApp(actions);
  const record = (n: number) =>
    app.bulkhead.asTenant(
      n % 2 === 0 ? ACME : BORA,
      () => app.bulkhead.audit.record({ action: 'note.created', metadata: { n } }, app.pool),
      { actor: { type: 'user', id: `u${n}` } },
    );
  const ids = await Promise.all(Array.from({ length: 40 }, (_, n) => record(n)));
  expect((await app.pending()).length).toBeLessThan(20);
  const events = [...(await app.events()), ...(await app.events(BORA))];
  expect(events.map(({ id }) => id).sort()).toEqual([...ids].sort());
  for (const { actor, metadata, tenant } of events) {
    expect(actor.id).toBe(`u${metadata?.n}`);
    expect(tenant).toBe(Number(metadata?.n) % 2 === 0 ? ACME : BORA);
  }
  const late = app.bulkhead.asTenant(
    ACME,
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      return app.bulkhead.audit.record({ action: 'note.created' }, app.pool);
    },
    { lifetimeMs: 10 } as never,
  );
  await expect(late).rejects.toMatchObject({ code: 'isolation.context_expired' });
});

test('while the database refuses, every caller hears it, and afterwards records go on', async () => {
  const app = await createAuditApp(actions);
  const right = 'execute on function bulkhead.audit_submit_parcel(text, text, text)';
  const record = () =>
    app.asAcme(() => app.bulkhead.audit.record({ action: 'note.created' }, app.pool));
  await app.admin.query(`revoke ${right} from test_app`);
  const refused = await Promise.allSettled([record(), record(), record()]);
  expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await app.admin.query(`grant ${right} to test_app`);
  await record();
  expect(await app.leaves()).toHaveLength(1);
});

test('a parcel with an event of a log that cannot be appended to is unpacked, and the others go on', async () => {
  const app = await createAuditApp(actions);
  const both = async () => {
    const record = (tenant: string) =>
      app.bulkhead.asTenant(tenant, () =>
        app.bulkhead.audit.record({ action: 'note.created' }, app.pool),
      );
    await Promise.all([record(ACME), record(BORA), record(ACME), record(BORA)]);
  };
  await both();
  await app.leaves();
  const { rows } = await app.admin.query(
    'select next, frontier from bulkhead.audit_log where tenant_id = $1',
    [ACME],
  );
  await app.admin.query(
    `update bulkhead.audit_log set next = 0, frontier = '' where tenant_id = $1`,
    [ACME],
  );
  await both();
  const fresh = await app.ground.sequencer();
  await fresh.drain();
  await both();
  await fresh.drain();
  expect(await app.leaves(BORA)).toHaveLength(6);
  expect(await app.pending()).toHaveLength(4);
  await app.admin.query(
    'update bulkhead.audit_log set next = $1, frontier = $2 where tenant_id = $3',
    [rows[0]?.next, rows[0]?.frontier, ACME],
  );
  const again = await app.ground.sequencer();
  await again.drain();
  expect(await app.leaves()).toHaveLength(6);
  expect(await app.pending()).toEqual([]);
});
