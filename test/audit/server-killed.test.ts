/** kill -9 of PostgreSQL itself, on a server with all its durability, while the app records and the worker works. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { countPending, ORIGIN, readLog } from '#test/audit-ground';
import { OwnServer } from '#test/own-server';
import { generateSigningKey } from '../../packages/bulkhead/src/audit/signer/signing-key.ts';
import { createLocalKeyWrapper } from '../../packages/bulkhead/src/audit/vault/key-wrapper.ts';
import { createVault } from '../../packages/bulkhead/src/audit/vault/vault.ts';
import { generateVaultKey } from '../../packages/bulkhead/src/audit/vault/vault-key.ts';
import { startAuditWorker } from '../../packages/bulkhead/src/audit/worker/worker.ts';
import { startWriters } from './writers.ts';

const TENANTS = [1, 2, 3].map((n) => `${n}0000000-0000-4000-8000-000000000001`);

test('PostgreSQL killed again and again: what was acknowledged is in the trees once, what was rolled back is not', {
  timeout: 120_000,
}, async () => {
  const server = await OwnServer.start('', { durable: true });
  onTestFinished(() => server.remove());
  let killAt: string | undefined;
  let isDown = Promise.resolve();
  const bringDown = async (): Promise<void> => {
    server.kill();
    await server.startAgain();
  };
  const worker = startAuditWorker({
    sequencerUrl: server.urlOf('test_audit'),
    signerUrl: server.urlOf('test_signer'),
    vault: createVault(createLocalKeyWrapper([generateVaultKey()])),
    originBase: ORIGIN,
    signingKeys: [generateSigningKey()],
    checkpointEveryMs: 50,
    limits: { rowsMax: 20, bytesMax: 1_000_000 },
    onStep: (step) => {
      if (step !== killAt) return;
      killAt = undefined;
      isDown = bringDown();
    },
  });
  onTestFinished(() => worker.stop());
  const writers = startWriters(server.urlOf('test_operator'), TENANTS);
  for (const step of ['sent', 'appended', 'publishing']) {
    await sleep(1_500);
    killAt = step;
    await vi.waitFor(() => expect(killAt).toBeUndefined(), { timeout: 10_000, interval: 5 });
    await isDown;
  }
  await sleep(1_000);
  await writers.stop();
  await server.admin(async (admin) => {
    await vi.waitFor(
      async () => {
        expect(await countPending(admin)).toBe(0);
        expect((await admin.query('select from bulkhead.audit_unsigned')).rowCount).toBe(0);
      },
      { timeout: 20_000, interval: 100 },
    );
    const found: string[] = [];
    for (const tenant of TENANTS) {
      found.push(...(await readLog(admin, tenant)).map(({ json }) => json.id));
    }
    expect(writers.acknowledged.size).toBeGreaterThan(100);
    expect(new Set(found).size).toBe(found.length);
    const inLog = new Set(found);
    expect([...writers.acknowledged].filter((id) => !inLog.has(id))).toEqual([]);
    const others = found.filter((id) => !writers.acknowledged.has(id));
    expect(others.filter((id) => !writers.unknown.has(id))).toEqual([]);
  });
});
