/** The worker as a deployment runs it, its parts in threads of their own. Runs the built package. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { countPending, createAuditGround, ORIGIN, recordIn } from '#test/audit-ground';
import { startConfiguredWorker } from '../../packages/bulkhead/dist/audit/worker/configured-worker.js';
import {
  canRunThreads,
  startThread,
} from '../../packages/bulkhead/dist/audit/worker/run-thread.js';
import { WorkerLoad } from '../../packages/bulkhead/dist/audit/worker/worker-load.js';
import { resolveConfig } from '../../packages/bulkhead/dist/config.js';

const PATIENT = { timeout: 30_000, interval: 20 };

test('a part that cannot work says why, and the other goes on; both end when they are told to', {
  timeout: 90_000,
}, async () => {
  const { database, admin, vaultKey, signingKey } = await createAuditGround();
  const startWith = (signerUrl: string, onError = vi.fn()) => {
    const { audit } = resolveConfig({
      database: { appRole: 'app' },
      isolation: { contextKeys: [database.contextKey] },
      identity: {},
      audit: {
        origin: ORIGIN,
        vaultKeys: [vaultKey],
        signingKeys: [signingKey],
        sequencerUrl: database.auditUrl,
        signerUrl,
      },
    });
    if (audit === undefined) throw new Error('there is no audit section');
    const worker = startConfiguredWorker(audit, { onError });
    onTestFinished(() => worker.stop());
    return { worker, onError };
  };
  expect(canRunThreads()).toBe(true);
  await recordIn(admin);
  const lame = startWith(`${database.signerUrl}_that_is_not_there`);
  await vi.waitFor(async () => expect(await countPending(admin)).toBe(0), PATIENT);
  await vi.waitFor(
    () =>
      expect(lame.onError).toHaveBeenCalledWith(
        'signer',
        expect.objectContaining({ code: '3D000' }),
      ),
    PATIENT,
  );
  await lame.worker.stop();
  const whole = startWith(database.signerUrl);
  await vi.waitFor(async () => {
    expect((await admin.query('select from bulkhead.audit_unsigned')).rowCount).toBe(0);
  }, PATIENT);
  await whole.worker.stop();
  expect(whole.onError).not.toHaveBeenCalled();
});

test('a thread that dies is told of and comes again, until it is told to end', {
  timeout: 60_000,
}, async () => {
  const onError = vi.fn();
  const part = { originBase: ORIGIN, vaultKeys: ['no key'], signingKeys: [] };
  const thread = startThread(part, new WorkerLoad(), { onError });
  onTestFinished(() => thread.stop());
  await vi.waitFor(() => expect(onError.mock.calls.length).toBeGreaterThan(1), PATIENT);
  expect(onError).toHaveBeenCalledWith('thread', expect.any(Error));
  await thread.stop();
});
