import { expect, test, vi } from 'vitest';
import { ACME, BORA, createAuditApp } from '#test/audit-app';
import { defineActions } from '../catalogue/define-actions.ts';
import { indexSearchBlocks } from '../search/index-blocks.ts';
import { createLocalKeyWrapper } from '../vault/key-wrapper.ts';
import { type ErasureStep, eraseSubject, finishErasures } from './erase-subject.ts';

const actions = defineActions({ 'note.created': { description: 'A note was written.' } });
const ALICE = { type: 'user', id: 'alice' };
const ROWS = 110;
const CONTEXTUAL = { ip: '192.0.2.9', reason: 'plain words' };

async function createErasable() {
  const app = await createAuditApp(actions);
  const record = (n: number) => ({
    action: 'note.created' as const,
    metadata: { n },
    ...CONTEXTUAL,
    targets: [{ type: 'user', id: 'bob', name: 'Bob B.' }],
  });
  const client = await app.ground.connect(app.ground.database.auditUrl);
  const wrapper = createLocalKeyWrapper([app.ground.vaultKey]);
  return {
    ...app,
    record: (from: number, to = from) =>
      app.asAcme(() =>
        app.bulkhead.audit.recordAll(
          Array.from({ length: to - from + 1 }, (_, n) => record(from + n)),
          app.pool,
        ),
      ),
    erase: (onStep?: (step: ErasureStep) => void) =>
      eraseSubject(
        (text, values) => client.query(text, values),
        wrapper,
        {
          tenant: ACME,
          subject: ALICE,
          around: { actor: { type: 'operator', id: 'dana' }, reason: 'asked to' },
        },
        onStep,
      ),
    index: () =>
      indexSearchBlocks((text, values) => client.query(text, values), wrapper, { blocksMax: 4 }),
    finish: () => finishErasures((text, values) => client.query(text, values)),
    count: async (table: string) =>
      Number((await app.admin.query(`select count(*) from bulkhead.${table}`)).rows[0].count),
  };
}

const named = (events: readonly { actor: { id: string }; action: string }[]): number =>
  events.filter(({ actor }) => actor.id === 'alice').length;

test('an erased person is gone from every event, others stay, and not a byte of the log changes', async () => {
  const app = await createErasable();
  await app.record(1, 5);
  const before = await app.leaves();
  expect(named(await app.events())).toBe(5);
  const result = await app.bulkhead.asOperator({ reason: 'ticket 9' }, () =>
    app.bulkhead.audit.eraseSubject(ALICE, { reason: 'she asked us to', tenant: ACME }),
  );
  expect(result).toMatchObject({ wasKnown: true, openingsDeleted: 5 });
  const after = await app.leaves();
  expect(after.slice(0, 5).map(({ bytes }) => bytes.toString('hex'))).toEqual(
    before.map(({ bytes }) => bytes.toString('hex')),
  );
  const events = await app.events();
  for (const event of events.slice(0, 5)) {
    expect(event.actor.id).toBe(result.pseudonym);
    expect(event.closed).toEqual({
      '/actor/id': 'erased',
      '/actor/name': 'erased',
      '/ip': 'erased',
    });
    expect(event.targets).toEqual([{ type: 'user', id: 'bob', name: 'Bob B.' }]);
  }
  expect(events[5]).toMatchObject({
    action: 'subject.erased',
    targets: [{ type: 'subject', id: result.pseudonym }],
    reason: 'she asked us to',
  });
  const kept = await app.admin.query(`select * from bulkhead.audit_subject where pseudonym = $1`, [
    result.pseudonym,
  ]);
  expect(kept.rows).toMatchObject([{ ref: null, sealed_ref: null, wrapped_key: null }]);
});

test('events that wait in the outbox, or come by a transaction that began before, are sealed as erased', async () => {
  const app = await createErasable();
  await app.record(1);
  await app.events();
  await app.record(2);
  const client = await app.asAcme(async () => {
    const taken = await app.pool.connect();
    await taken.query('begin');
    await app.bulkhead.audit.record(
      { action: 'note.created', metadata: { n: 3 }, ...CONTEXTUAL },
      taken,
    );
    return taken;
  });
  const { pseudonym } = await app.erase();
  await app.asAcme(() => client.query('commit'));
  client.release();
  await app.finish();
  // Known until nothing of theirs can come any more.
  expect(await app.count('audit_erasure')).toBe(1);
  const events = (await app.events()).filter(({ action }) => action === 'note.created');
  expect(events.map(({ metadata, actor }) => [metadata?.n, actor.id])).toEqual([
    [1, pseudonym],
    [2, pseudonym],
    [3, pseudonym],
  ]);
  expect(await app.count('audit_opening')).toBe(2);
  // A transaction anywhere on the server, also of a test beside this one, may still bring something of theirs.
  await vi.waitFor(
    async () => {
      await app.finish();
      expect(await app.count('audit_erasure')).toBe(0);
    },
    { timeout: 15_000, interval: 100 },
  );
  // What the same account does afterwards is somebody's of whom the log knows nothing yet.
  await app.record(4);
  const last = (await app.events()).at(-1);
  expect(last?.actor.id).toBe('alice');
  expect((await app.leaves()).at(-1)?.json.actor).not.toMatchObject({ id: pseudonym });
});

test('somebody whom the log has never seen can be erased while they are in the outbox', async () => {
  const app = await createErasable();
  await app.record(1, 2);
  const { pseudonym, wasKnown } = await app.erase();
  expect(wasKnown).toBe(false);
  const events = await app.events();
  expect(events.filter(({ actor }) => actor.id === pseudonym)).toHaveLength(2);
  expect(named(events)).toBe(0);
});

test.each([
  ['key destroyed', 'the same call'],
  ['key destroyed', 'the worker'],
  ['openings deleted', 'the same call'],
  ['openings deleted', 'the worker'],
] as const)('cut off after "%s", nothing can be opened, and %s goes on', async (step, who) => {
  const app = await createErasable();
  // More rows than are deleted at once.
  const sequencer = await app.ground.sequencer();
  for (let n = 0; n < ROWS; n += 1) {
    await app.record(10 * n, 10 * n + 9);
    await sequencer.drain();
  }
  expect(await app.leaves()).toHaveLength(10 * ROWS);
  const cut = app.erase((reached) => {
    if (reached === step) throw new Error('cut off');
  });
  await expect(cut).rejects.toThrow('cut off');
  expect(await app.count('audit_opening')).toBeGreaterThan(ROWS);
  expect(named(await app.events())).toBe(0);
  if (who === 'the same call') await app.erase();
  else await app.finish();
  // Bob's: one for each time, and one more where that crosses the end of a tile.
  expect(await app.count('audit_opening')).toBe(ROWS + Math.floor((10 * ROWS) / 256));
  const told = (await app.leaves()).filter(({ json }) => json.action === 'subject.erased');
  expect(told).toHaveLength(1);
});

test('what search knew of an erased person is gone with them, and is found out anew without them', async () => {
  const app = await createErasable();
  await app.record(1, 600);
  await app.record(601, 1_100);
  await app.leaves();
  await app.index();
  const before = await app.count('audit_search_term');
  expect(before).toBeGreaterThan(0);
  await app.erase();
  expect(await app.count('audit_search_block')).toBe(0);
  expect(await app.count('audit_search_term')).toBe(0);
  await app.index();
  const after = await app.count('audit_search_term');
  expect(after).toBeGreaterThan(0);
  expect(named(await app.events())).toBe(0);
});

test('erasing again changes nothing; erasing in one tenant leaves the same person in another', async () => {
  const app = await createErasable();
  await app.record(1);
  await app.bulkhead.asTenant(
    BORA,
    () => app.bulkhead.audit.record({ action: 'note.created' }, app.pool),
    {
      actor: { type: 'user', id: 'alice' },
    },
  );
  await app.events();
  await app.events(BORA);
  const first = await app.erase();
  const again = await app.erase();
  expect(again).toMatchObject({ pseudonym: first.pseudonym, openingsDeleted: 0 });
  expect((await app.events()).filter(({ action }) => action === 'subject.erased')).toHaveLength(1);
  expect(named(await app.events(BORA))).toBe(1);
});

test('a batch that was sealed before an erasure is not appended after it', async () => {
  const app = await createErasable();
  await app.record(1);
  await app.events();
  await app.record(2, 400);
  // While the sequencer works, erase: whichever comes first, nothing of Alice can be opened afterwards.
  const [events] = await Promise.all([app.events(), app.erase()]);
  expect(events.length).toBeGreaterThan(0);
  expect(named(await app.events())).toBe(0);
  await app.finish();
  const { rows } = await app.admin.query(
    'select count(*)::int as left from bulkhead.audit_opening o join bulkhead.audit_subject s using (tenant_id) where s.pseudonym = o.subject and s.erased_at is not null',
  );
  expect(rows).toEqual([{ left: 0 }]);
});

test('a tenant erases in its own log only, and nobody without a context', async () => {
  const app = await createErasable();
  await expect(app.bulkhead.audit.eraseSubject(ALICE, { reason: 'x' })).rejects.toMatchObject({
    code: 'isolation.context_missing',
  });
  await expect(
    app.asBora(() => app.bulkhead.audit.eraseSubject(ALICE, { reason: 'x', tenant: ACME })),
  ).rejects.toMatchObject({ code: 'audit.event_invalid' });
});

test('what the log could not hold is refused before anything is erased', async () => {
  const app = await createErasable();
  await app.record(1);
  await app.events();
  // As callers without types have it.
  const erase = app.bulkhead.audit.eraseSubject as (...given: unknown[]) => Promise<unknown>;
  for (const given of [
    [{ type: 'User', id: 'alice' }, { reason: 'x' }],
    [{ type: 'user' }, { reason: 'x' }],
    ['user:alice', { reason: 'x' }],
    [ALICE, { reason: '' }],
    [ALICE, { reason: 'x'.repeat(1001) }],
    [ALICE, { reason: '\ud800' }],
    [ALICE, {}],
    [ALICE],
  ]) {
    await expect(app.asAcme(() => erase(...given))).rejects.toMatchObject({
      code: 'audit.event_invalid',
    });
  }
  expect(named(await app.events())).toBe(1);
});
