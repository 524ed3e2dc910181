/** The worker as the configuration describes it: what it can do depends on which of its URLs are there. */
import type { AuditConfig } from '../config.ts';
import { finishErasures } from '../erase/erase-subject.ts';
import { auditError } from '../errors.ts';
import { indexSearchBlocks } from '../search/index-blocks.ts';
import { createLocalKeyWrapper, type KeyWrapper } from '../vault/key-wrapper.ts';
import { createVault } from '../vault/vault.ts';
import type { LoopTask } from './run-loop.ts';
import {
  type AuditWorker,
  type AuditWorkerOptions,
  startAuditWorker,
  type WorkerLoad,
} from './worker.ts';

export type WorkerReports = Pick<AuditWorkerOptions, 'onFault' | 'onRefusal' | 'onError'>;

const INDEX_EVERY_MS = 2_000;
const ERASE_EVERY_MS = 10_000;
/** A few at a time, so that stopping does not wait for long. */
const INDEX_BLOCKS_MAX = 4;
const INDEX_BLOCKS_WHILE_BUSY = 1;

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
  const { origin, sequencerUrl, signerUrl, signingKeys } = config;
  if (sequencerUrl === undefined && signerUrl === undefined) {
    throw auditError('audit.worker_unconfigured');
  }
  if (signerUrl !== undefined && signingKeys.length === 0) {
    throw auditError('audit.worker_unconfigured', {
      message: 'The worker is to sign, and there is no signing key.',
    });
  }
  const wrapper = createLocalKeyWrapper(config.vaultKeys);
  return startAuditWorker({
    ...reports,
    vault: createVault(wrapper),
    originBase: origin,
    sequencerUrl,
    signerUrl,
    signingKeys,
    tasks: (load) =>
      sequencerUrl === undefined
        ? []
        : [indexingTask(sequencerUrl, wrapper, load), erasingTask(sequencerUrl)],
  });
}

/** Search reads what is not indexed yet from the log itself, so while much is recorded the index may wait. */
function indexingTask(url: string, wrapper: KeyWrapper, load: WorkerLoad): LoopTask {
  return {
    name: 'indexer',
    url,
    next: async (query) => {
      const blocksMax = load.isBusy() ? INDEX_BLOCKS_WHILE_BUSY : INDEX_BLOCKS_MAX;
      const did = await indexSearchBlocks(query, wrapper, { blocksMax });
      return { did, isDrained: did < blocksMax || load.isBusy() };
    },
    idleMs: INDEX_EVERY_MS,
    idleMsMax: INDEX_EVERY_MS,
    gatherMs: INDEX_EVERY_MS,
  };
}

/** Goes on where an erasure was cut off, and forgets the references of those of whom nothing can come any more. */
function erasingTask(url: string): LoopTask {
  return {
    name: 'eraser',
    url,
    next: async (query) => {
      await finishErasures(query);
      return { did: 0, isDrained: true };
    },
    idleMs: ERASE_EVERY_MS,
    idleMsMax: ERASE_EVERY_MS,
    gatherMs: ERASE_EVERY_MS,
  };
}
