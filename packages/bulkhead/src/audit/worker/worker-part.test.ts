import { expect, onTestFinished, test, vi } from 'vitest';
import { createAuditGround, newIds, ORIGIN, recordIn } from '#test/audit-ground';
import { BLOCK_LEAVES } from '../search/block.ts';
import { WorkerLoad } from './worker-load.ts';
import { startWorkerPart } from './worker-part.ts';

test('the index goes on growing however long much is recorded', { timeout: 90_000 }, async () => {
  const { admin, database, sequencer, vaultKey } = await createAuditGround();
  await recordIn(admin, { ids: newIds(2 * BLOCK_LEAVES) });
  await (await sequencer()).drain();
  const shared = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  new Float64Array(shared).fill(Number.POSITIVE_INFINITY);
  const load = new WorkerLoad(shared);
  expect(load.isBusy()).toBe(true);
  const onError = vi.fn();
  const worker = startWorkerPart(
    { originBase: ORIGIN, vaultKeys: [vaultKey], signingKeys: [], keeperUrl: database.auditUrl },
    load,
    { onError },
  );
  onTestFinished(() => worker.stop());
  await vi.waitFor(
    async () => {
      const { rowCount } = await admin.query('select from bulkhead.audit_search_block');
      expect(rowCount).toBe(2);
    },
    { timeout: 60_000, interval: 50 },
  );
  expect(onError).not.toHaveBeenCalled();
});
