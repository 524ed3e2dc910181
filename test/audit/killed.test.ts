/** kill -9 of the audit worker at every step, while the app goes on recording. Runs the built package. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  type AuditGround,
  countPending,
  createAuditGround,
  ORIGIN,
  readLog,
} from '#test/audit-ground';
import { startWriters } from './writers.ts';

const WORKER = join(import.meta.dirname, 'testdata/audit-worker.mjs');
const TENANTS = [1, 2, 3].map((n) => `${n}0000000-0000-4000-8000-000000000001`);
const STEPS = [
  'taken',
  'sealed',
  'sent',
  'appended',
  'read',
  'hashed',
  'signed',
  'publishing',
  'published',
];

function startWorker(ground: AuditGround, killAt?: string, times = 1) {
  const options = {
    killAt,
    times,
    vaultKey: ground.vaultKey,
    signingKeys: [ground.signingKey],
    originBase: ORIGIN,
    sequencerUrl: ground.database.auditUrl,
    signerUrl: ground.database.signerUrl,
    limits: { rowsMax: 20, bytesMax: 1_000_000 },
  };
  const child = spawn(process.execPath, [WORKER, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** So that the next one does not wait for the lease of the dead. */
const freeTheLease = (ground: AuditGround) =>
  ground.admin.query(`update bulkhead.audit_worker set expires_at = '-infinity'`);

test('killed at every step, every acknowledged event is in a tree exactly once and no other is', {
  timeout: 90_000,
}, async () => {
  const ground = await createAuditGround();
  const writers = startWriters(ground.database.superuserUrl, TENANTS);
  for (const [at, step] of STEPS.entries()) {
    const exited = once(startWorker(ground, step, 1 + (at % 3)), 'exit');
    expect(await exited, step).toEqual([null, 'SIGKILL']);
    await freeTheLease(ground);
  }
  await writers.stop();
  startWorker(ground);
  await vi.waitFor(
    async () => {
      expect(await countPending(ground.admin)).toBe(0);
      const unsigned = await ground.admin.query('select from bulkhead.audit_unsigned');
      expect(unsigned.rowCount).toBe(0);
    },
    { timeout: 20_000, interval: 50 },
  );
  const found: string[] = [];
  for (const tenant of TENANTS) {
    found.push(...(await readLog(ground.admin, tenant)).map(({ json }) => json.id));
  }
  expect(writers.acknowledged.size).toBeGreaterThan(100);
  expect(writers.unknown.size).toBe(0);
  expect(found.length).toBe(writers.acknowledged.size);
  expect(new Set(found)).toEqual(writers.acknowledged);
});

test('when the worker falls silent, another takes over by itself', {
  timeout: 30_000,
}, async () => {
  const ground = await createAuditGround();
  const writers = startWriters(ground.database.superuserUrl, TENANTS);
  await once(startWorker(ground, 'appended', 3), 'exit');
  startWorker(ground);
  await writers.stop();
  await vi.waitFor(async () => expect(await countPending(ground.admin)).toBe(0), {
    timeout: 15_000,
    interval: 100,
  });
});
