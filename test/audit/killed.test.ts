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
import { canRunThreads } from '../../packages/bulkhead/dist/audit/worker/run-thread.js';
import { startWriters, type Writers } from './writers.ts';

const WORKER = join(import.meta.dirname, 'testdata/audit-worker.mjs');
const THREADED_WORKER = join(import.meta.dirname, 'testdata/threaded-worker.mjs');
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
  return start(WORKER, options);
}

function start(script: string, options: object) {
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** The worker as a deployment runs it. */
function startThreads({ database, vaultKey, signingKey }: AuditGround) {
  const config = {
    database: { appRole: 'app' },
    isolation: { contextKeys: [database.contextKey] },
    identity: {},
    audit: {
      origin: ORIGIN,
      vaultKeys: [vaultKey],
      signingKeys: [signingKey],
      sequencerUrl: database.auditUrl,
      signerUrl: database.signerUrl,
    },
  };
  return start(THREADED_WORKER, config);
}

/** How many events are in a log, and how many checkpoints were published. */
async function progressOf({ admin }: AuditGround) {
  const { rows } = await admin.query(
    `select (select coalesce(sum(next), 0) from bulkhead.audit_log)::integer as sequenced,
            (select count(*) from bulkhead.audit_checkpoint)::integer as signed`,
  );
  return { sequenced: Number(rows[0].sequenced), signed: Number(rows[0].signed) };
}

async function expectExactlyOnce(ground: AuditGround, writers: Writers): Promise<void> {
  await vi.waitFor(
    async () => {
      expect(await countPending(ground.admin)).toBe(0);
      const unsigned = await ground.admin.query('select from bulkhead.audit_unsigned');
      expect(unsigned.rowCount).toBe(0);
    },
    { timeout: 60_000, interval: 50 },
  );
  const found: string[] = [];
  for (const tenant of TENANTS) {
    found.push(...(await readLog(ground.admin, tenant)).map(({ json }) => json.id));
  }
  expect(writers.acknowledged.size).toBeGreaterThan(100);
  expect(writers.unknown.size).toBe(0);
  expect(found.length).toBe(writers.acknowledged.size);
  expect(new Set(found)).toEqual(writers.acknowledged);
}

/** So that the next one does not wait for the lease of the dead. */
const freeTheLease = (ground: AuditGround) =>
  ground.admin.query(`update bulkhead.audit_worker set expires_at = '-infinity'`);

test('killed at every step, every acknowledged event is in a tree exactly once and no other is', {
  timeout: 150_000,
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
  await expectExactlyOnce(ground, writers);
});

test('killed while its threads are at work, every acknowledged event is in a tree exactly once', {
  timeout: 150_000,
}, async () => {
  expect(canRunThreads()).toBe(true);
  const ground = await createAuditGround();
  const writers = startWriters(ground.database.superuserUrl, TENANTS);
  // The last one stays.
  for (const kills of [true, true, true, false]) {
    const before = await progressOf(ground);
    const child = startThreads(ground);
    if (!kills) break;
    await vi.waitFor(
      async () => {
        const { sequenced, signed } = await progressOf(ground);
        expect(sequenced).toBeGreaterThan(before.sequenced + 20);
        expect(signed).toBeGreaterThan(before.signed);
      },
      { timeout: 20_000, interval: 10 },
    );
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    expect(await exited).toEqual([null, 'SIGKILL']);
    await freeTheLease(ground);
  }
  await writers.stop();
  await expectExactlyOnce(ground, writers);
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
