/** The worker as the configuration describes it: what it can do depends on which of its URLs are there. */
import type { AuditConfig } from '../config.ts';
import { auditError } from '../errors.ts';
import { parseSigningKey } from '../signer/signing-key.ts';
import { createLocalKeyWrapper } from '../vault/key-wrapper.ts';
import { canRunThreads, startThread } from './run-thread.ts';
import type { AuditWorker } from './worker.ts';
import { WorkerLoad } from './worker-load.ts';
import { startWorkerPart, type WorkerPart, type WorkerReports } from './worker-part.ts';

/**
 * Starts sequencing and indexing where there is `audit.sequencerUrl`, and signing where there are
 * `audit.signerUrl` and keys.
 *
 * @throws `audit.worker_unconfigured`, `audit.signing_key_invalid`, `audit.vault_key_invalid`
 */
export function startConfiguredWorker(
  config: AuditConfig,
  reports: WorkerReports = {},
): AuditWorker {
  const { origin: originBase, vaultKeys, sequencerUrl, signerUrl, signingKeys } = config;
  if (sequencerUrl === undefined && signerUrl === undefined) {
    throw auditError('audit.worker_unconfigured');
  }
  if (signerUrl !== undefined && signingKeys.length === 0) {
    throw auditError('audit.worker_unconfigured', {
      message: 'The worker is to sign, and there is no signing key.',
    });
  }
  // Here, where the caller hears of a key that is none.
  createLocalKeyWrapper(vaultKeys);
  signingKeys.forEach(parseSigningKey);
  const keys = { originBase, vaultKeys, signingKeys };
  const parts: WorkerPart[] = [{ ...keys, signerUrl, keeperUrl: sequencerUrl }];
  if (sequencerUrl !== undefined) parts.push({ ...keys, sequencerUrl });
  const load = new WorkerLoad();
  const start = canRunThreads() ? startThread : startWorkerPart;
  const workers = parts.map((part) => start(part, load, reports));
  const stopped = Promise.all(workers.map((worker) => worker.stopped)).then(() => undefined);
  return {
    stopped,
    stop: () => {
      for (const worker of workers) void worker.stop();
      return stopped;
    },
  };
}
