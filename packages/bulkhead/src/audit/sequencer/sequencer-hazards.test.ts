import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type pg from 'pg';
import { expect, test, vi } from 'vitest';
import {
  type AuditGround,
  countPending,
  createAuditGround,
  idsInLog,
  newIds,
  readLog,
  recordIn,
  T1,
  T2,
} from '#test/audit-ground';
import type { SequencerFault } from './sequencer.ts';

async function connectMany(ground: AuditGround, count: number): Promise<pg.Client[]> {
  return Promise.all(
    Array.from({ length: count }, () => ground.connect(ground.database.superuserUrl)),
  );
}

test('a transaction that began first and commits last is not skipped', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  const [slow, quick] = (await connectMany(ground, 2)) as [pg.Client, pg.Client];
  await slow.query('begin');
  const late = await recordIn(slow);
  const early = await recordIn(quick);
  await drain();
  expect(await idsInLog(ground.admin)).toEqual(early);
  const later = await recordIn(quick);
  await drain();
  await slow.query('commit');
  await drain();
  expect(await idsInLog(ground.admin)).toEqual([...early, ...later, ...late]);
});

test('a transaction that stays open holds up nobody', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  const [open, quick] = (await connectMany(ground, 2)) as [pg.Client, pg.Client];
  await open.query('begin isolation level repeatable read');
  const held = await recordIn(open);
  const passed: string[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    passed.push(...(await recordIn(quick, { ids: newIds(50) })));
    await drain();
    expect(await idsInLog(ground.admin)).toEqual(passed);
  }
  await open.query('commit');
  await drain();
  expect(await idsInLog(ground.admin)).toEqual([...passed, ...held]);
});

test('overlapping transactions that end in any order: each that committed is there once, no other', async () => {
  const ground = await createAuditGround();
  const clients = await connectMany(ground, 4);
  const { next } = await ground.sequencer({ limits: { rowsMax: 7, bytesMax: 1e6 } });
  const meant = new Set<string>();
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('record'), client: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('commit'), client: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rollback'), client: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('sequence'), client: fc.nat(3) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 40 }), async (actions) => {
      const open = clients.map(() => [] as string[]);
      const end = async (at: number, how: 'commit' | 'rollback'): Promise<void> => {
        if (open[at]?.length === 0) return;
        await clients[at]?.query(how);
        if (how === 'commit') for (const id of open[at] ?? []) meant.add(id);
        open[at] = [];
      };
      for (const { kind, client: at } of actions) {
        const client = clients[at] as pg.Client;
        if (kind === 'sequence') await next();
        else if (kind === 'record') {
          if (open[at]?.length === 0) await client.query('begin');
          open[at]?.push(...(await recordIn(client, { ids: newIds(3) })));
        } else await end(at, kind as 'commit' | 'rollback');
      }
      for (const at of clients.keys()) await end(at, 'commit');
      while (!(await next()).isDrained);
      const found = await idsInLog(ground.admin);
      expect(found.length).toBe(meant.size);
      expect(new Set(found)).toEqual(meant);
      expect(await countPending(ground.admin)).toBe(0);
    }),
    { numRuns: 12 },
  );
});

test('two sequencers at once append each event once', async () => {
  const ground = await createAuditGround();
  const writers = await connectMany(ground, 3);
  const sequencers = await Promise.all([
    ground.sequencer({ limits: { rowsMax: 40, bytesMax: 1e6 } }),
    ground.sequencer({ limits: { rowsMax: 25, bytesMax: 1e6 } }),
  ]);
  const meant: string[] = [];
  let isWriting = true;
  const writing = Promise.all(
    writers.map(async (client, at) => {
      for (let turn = 0; turn < 60; turn += 1) {
        const tenant = (turn + at) % 2 === 0 ? T1 : T2;
        meant.push(...(await recordIn(client, { tenant, ids: newIds(5) })));
      }
    }),
  ).then(() => {
    isWriting = false;
  });
  const losses = { count: 0 };
  await Promise.all([
    writing,
    ...sequencers.map(async ({ next }) => {
      for (let quiet = 0; isWriting || quiet < 3; ) {
        const { consumed, isDrained } = await next();
        if (consumed === 0 && !isDrained) losses.count += 1;
        quiet = consumed === 0 && isDrained ? quiet + 1 : 0;
      }
    }),
  ]);
  const found = [...(await idsInLog(ground.admin)), ...(await idsInLog(ground.admin, T2))];
  expect(found.length).toBe(meant.length);
  expect(new Set(found)).toEqual(new Set(meant));
  expect(await countPending(ground.admin)).toBe(0);
  // Else the test has not shown anything.
  expect(losses.count).toBeGreaterThan(0);
});

test('an id that was recorded before, or twice at once, does nothing; in another tenant it is another event', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  const [first, second, third] = newIds(3) as [string, string, string];
  await recordIn(ground.admin, { ids: [first] });
  await drain();
  await recordIn(ground.admin, { ids: [second, second, first, third] });
  await recordIn(ground.admin, { ids: [first], class: 'other' });
  await recordIn(ground.admin, { tenant: T2, ids: [first] });
  await drain();
  expect(await idsInLog(ground.admin)).toEqual([first, second, third]);
  expect(await idsInLog(ground.admin, T1, 'other')).toEqual([]);
  expect(await idsInLog(ground.admin, T2)).toEqual([first]);
  expect(await countPending(ground.admin)).toBe(0);
});

test('what is not an event becomes one that says so, between its neighbours', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  const poison = [
    '',
    'null',
    '{"action":',
    '{"__proto__":{"action":"x.y"}}',
    `{"action":"note.created","outcome":"success","targets":[],"metadata":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    JSON.stringify({
      action: 'x.y',
      outcome: 'success',
      targets: [],
      time: '+275760-09-13T00:00:00.000Z',
    }),
    '"\\ud800"',
    'x'.repeat(262_144 - 'standard'.length),
    '{"action":"x.y","outcome":"success","targets":[],"metadata":{"n":1e400}}',
  ];
  const good = await recordIn(ground.admin);
  const bad = await recordIn(ground.admin, { ids: newIds(poison.length), events: poison });
  const last = await recordIn(ground.admin);
  expect(await drain()).toBe(poison.length + 2);
  const leaves = await readLog(ground.admin);
  expect(leaves.map(({ json }) => json.id)).toEqual([...good, ...bad, ...last]);
  expect(leaves.slice(1, -1).map(({ json }) => json.action)).toEqual(
    poison.map(() => 'audit.unreadable'),
  );
  expect(await countPending(ground.admin)).toBe(0);
});

test('an event of 10 MB is refused where it is recorded', async () => {
  const ground = await createAuditGround();
  await expect(recordIn(ground.admin, { events: ['x'.repeat(10_000_000)] })).rejects.toMatchObject({
    code: '23514',
  });
});

test('the database has no room for invalid UTF-8, half characters or NUL', async () => {
  const { admin } = await createAuditGround();
  for (const hex of ['ff', 'eda080', '00']) {
    const given = `select bulkhead.audit_record_as('${T1}', 'system:test', array[gen_random_uuid()],
      array['standard'], array[convert_from('\\x${hex}'::bytea, 'UTF8')])`;
    await expect(admin.query(given)).rejects.toMatchObject({ code: '22021' });
  }
});

test('a log whose head was set back holds up no other, is reported, and goes on once it is put right', async () => {
  const ground = await createAuditGround();
  const faults: SequencerFault[] = [];
  const { drain } = await ground.sequencer({ onFault: (fault) => faults.push(fault) });
  const first = await recordIn(ground.admin, { ids: newIds(5) });
  await drain();
  const head = await ground.admin.query('select next, frontier from bulkhead.audit_log');
  await ground.admin.query(`update bulkhead.audit_log set next = 0, frontier = ''`);
  const stuck = await recordIn(ground.admin, { ids: newIds(3) });
  const other = await recordIn(ground.admin, { tenant: T2, ids: newIds(4) });
  // Another process: this one remembers the head as it was.
  const fresh = await ground.sequencer({ onFault: (fault) => faults.push(fault) });
  await fresh.drain();
  expect(await idsInLog(ground.admin, T2)).toEqual(other);
  expect(faults).toMatchObject([{ tenant: T1, class: 'standard' }]);
  expect(await countPending(ground.admin)).toBe(3);

  await ground.admin.query(
    'update bulkhead.audit_log set next = $1, frontier = $2 where tenant_id = $3',
    [head.rows[0]?.next, head.rows[0]?.frontier, T1],
  );
  const third = await ground.sequencer();
  await third.drain();
  expect(await idsInLog(ground.admin)).toEqual([...first, ...stuck]);
});

test('rows whose transaction numbers are from another cluster are sequenced like any others', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  await recordIn(ground.admin);
  await drain();
  const ids = await recordIn(ground.admin, { ids: newIds(3) });
  // As a restored dump has them: far ahead of this cluster, and far behind.
  await ground.admin.query(
    `update bulkhead.audit_pending set xid = '9000000000' where event_id = $1`,
    [ids[0]],
  );
  await ground.admin.query(`update bulkhead.audit_pending set xid = '3' where event_id = $1`, [
    ids[1],
  ]);
  await drain();
  const fresh = await ground.sequencer();
  await fresh.drain();
  expect(new Set(await idsInLog(ground.admin))).toEqual(
    new Set([...(await idsInLog(ground.admin)).slice(0, 1), ...ids]),
  );
  expect(await countPending(ground.admin)).toBe(0);
});

test('a running sequencer finds rows from elsewhere when it reads the outbox from its beginning again', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  await recordIn(ground.admin);
  await drain();
  const ids = await recordIn(ground.admin);
  await ground.admin.query(`update bulkhead.audit_pending set xid = '3'`);
  await drain();
  expect(await countPending(ground.admin)).toBe(1);
  const real = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => real + 61_000);
  try {
    await drain();
  } finally {
    vi.restoreAllMocks();
  }
  expect((await idsInLog(ground.admin)).slice(1)).toEqual(ids);
});

test('an injected statement that makes up classes makes no logs without end', async () => {
  const ground = await createAuditGround();
  const { drain } = await ground.sequencer();
  for (let at = 0; at < 40; at += 1) await recordIn(ground.admin, { class: `made-up-${at}` });
  await drain();
  for (let at = 40; at < 50; at += 1) await recordIn(ground.admin, { class: `made-up-${at}` });
  await drain();
  const logs = await ground.admin.query('select count(*)::int as n from bulkhead.audit_log');
  expect(logs.rows[0]?.n).toBeLessThanOrEqual(32);
  const hostile = ['', '../etc', "x' or true --", 'Ü', 'a/b', 'x'.repeat(1000)];
  for (const name of hostile) await recordIn(ground.admin, { class: name });
  await drain();
  const names = await ground.admin.query('select class, origin from bulkhead.audit_log');
  for (const row of names.rows) expect(row.origin).toMatch(/\/[a-z][a-z0-9-]{0,31}$/);
  const total = await ground.admin.query('select sum(next)::int as n from bulkhead.audit_log');
  expect(total.rows[0]?.n).toBe(50 + hostile.length);
});

test('an erasure between sealing and appending throws the batch away; it is sealed anew', async () => {
  const ground = await createAuditGround();
  const { drain, next } = await ground.sequencer({
    onStep: async (step) => {
      if (step !== 'sealed' || erased) return;
      erased = true;
      await ground.admin.query('update bulkhead.audit_vault_state set erasures = erasures + 1');
    },
  });
  let erased = false;
  const ids = await recordIn(ground.admin, { actor: 'user:ada' });
  expect(await next()).toEqual({ consumed: 0, isDrained: false });
  expect(await idsInLog(ground.admin)).toEqual([]);
  await sleep(1);
  await drain();
  expect(await idsInLog(ground.admin)).toEqual(ids);
});

test("the sequencer's role can append and nothing else; the signer's can publish and nothing else", async () => {
  const ground = await createAuditGround();
  const tables = await ground.admin.query(
    `select relname from pg_class where relnamespace = 'bulkhead'::regnamespace and relkind = 'r'`,
  );
  for (const url of [ground.database.auditUrl, ground.database.signerUrl]) {
    const client = await ground.connect(url);
    for (const { relname } of tables.rows) {
      for (const sql of [
        `select * from bulkhead.${relname}`,
        `delete from bulkhead.${relname}`,
        `insert into bulkhead.${relname} default values`,
      ]) {
        await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
      }
    }
    await expect(recordIn(client)).rejects.toMatchObject({ code: '42501' });
  }
  const sequencer = await ground.connect(ground.database.auditUrl);
  await expect(
    sequencer.query(`select bulkhead.publish_checkpoints('{}', '{}', '{}', '{}', '{}', '{}')`),
  ).rejects.toMatchObject({ code: '42501' });
});
