import { expect, test } from 'vitest';
import {
  countPending,
  createAuditGround,
  idsInLog,
  newIds,
  readLog,
  recordIn,
  T1,
  T2,
} from '#test/audit-ground';
import { createLocalKeyWrapper } from '../vault/key-wrapper.ts';
import { createVault } from '../vault/vault.ts';

test('what was recorded and committed is in its log once, in order; what was rolled back is not', async () => {
  const { admin, database, connect, sequencer } = await createAuditGround();
  const { drain } = await sequencer();
  const app = await connect(database.superuserUrl);
  const kept = await recordIn(app, { ids: newIds(3) });
  await app.query('begin');
  await recordIn(app, { ids: newIds(2) });
  await app.query('rollback');
  await app.query('begin');
  const inner = await recordIn(app);
  await app.query('savepoint s');
  await recordIn(app);
  await app.query('rollback to savepoint s');
  await app.query('commit');
  const other = await recordIn(app, { tenant: T2 });
  expect(await drain()).toBe(5);
  expect(await idsInLog(admin)).toEqual([...kept, ...inner]);
  expect(await idsInLog(admin, T2)).toEqual(other);
  expect(await countPending(admin)).toBe(0);
  expect(await drain()).toBe(0);
});

test('logs of many sizes are whole trees with whole tiles', async () => {
  const { admin, sequencer } = await createAuditGround();
  const { drain } = await sequencer();
  for (const count of [1, 254, 1, 1, 600, 255, 1700]) {
    await recordIn(admin, { ids: newIds(count) });
    await drain();
    await readLog(admin);
  }
  const tiles = await admin.query(
    'select level, first, count, hashes from bulkhead.audit_tile where tenant_id = $1 order by first',
    [T1],
  );
  const chunks = await admin.query(
    'select first, hashes from bulkhead.audit_chunk where tenant_id = $1 order by first',
    [T1],
  );
  const leafHashes = Buffer.concat(chunks.rows.map(({ hashes }) => hashes));
  const nodes = Buffer.concat(tiles.rows.map(({ hashes }) => hashes));
  const { perfectRoot } = await import('bulkhead-verify');
  const total = 2812;
  expect(leafHashes.length).toBe(32 * total);
  expect(nodes.length).toBe(32 * Math.floor(total / 256));
  for (let at = 0; at < Math.floor(total / 256); at += 1) {
    const meant = perfectRoot(leafHashes.subarray(32 * 256 * at, 32 * 256 * (at + 1)), 256);
    expect(nodes.subarray(32 * at, 32 * at + 32).equals(meant)).toBe(true);
  }
});

test('the signer covers what the sequencer appended, and again when it grows', async () => {
  const { admin, sequencer, signer } = await createAuditGround();
  const { drain } = await sequencer();
  const { next } = await signer();
  await recordIn(admin, { ids: newIds(300) });
  await recordIn(admin, { tenant: T2 });
  await drain();
  expect(await next()).toEqual({ signed: 2, isDrained: true });
  expect(await next()).toEqual({ signed: 0, isDrained: true });
  await recordIn(admin, { ids: newIds(7) });
  await drain();
  expect(await next()).toEqual({ signed: 1, isDrained: true });
  await readLog(admin);
  const sizes = await admin.query(
    'select size::int from bulkhead.audit_checkpoint where tenant_id = $1 order by size',
    [T1],
  );
  expect(sizes.rows.map(({ size }) => size)).toEqual([300, 307]);
});

test('a batch of more tenants and persons than memory holds is sealed at once, old ones and new', async () => {
  const ground = await createAuditGround();
  const steps: string[] = [];
  const { drain } = await ground.sequencer({
    vault: createVault(createLocalKeyWrapper([ground.vaultKey]), { tenants: 1, subjects: 1 }),
    onStep: (step) => void steps.push(step),
  });
  const record = (tenant: string, ...actors: string[]) =>
    Promise.all(actors.map((actor) => recordIn(ground.admin, { tenant, actor: `user:${actor}` })));
  await record(T1, 'ada');
  await drain();
  const first = steps.splice(0);
  await record(T1, 'ada', 'bob');
  await record(T2, 'eve');
  await drain();
  expect(steps).toEqual(first);
  const { rows } = await ground.admin.query(
    'select count(*)::int as n from bulkhead.audit_subject',
  );
  expect(rows).toEqual([{ n: 3 }]);
});
