/**
 * The parts of a worker, each of which has a thread of its own where there can be one: sequencing must not wait
 * while blocks are indexed, nor signing while events are sealed.
 */
import { finishErasures } from '../erase/erase-subject.ts';
import { indexSearchBlocks } from '../search/index-blocks.ts';
import { createLocalKeyWrapper, type KeyWrapper } from '../vault/key-wrapper.ts';
import { createVault } from '../vault/vault.ts';
import type { LoopTask } from './run-loop.ts';
import { type AuditWorker, type AuditWorkerOptions, startAuditWorker } from './worker.ts';
import type { WorkerLoad } from './worker-load.ts';

export type WorkerReports = Pick<AuditWorkerOptions, 'onFault' | 'onRefusal' | 'onError'>;

/** What a part does depends on which URLs it is given. */
export interface WorkerPart {
  readonly originBase: string;
  readonly vaultKeys: readonly string[];
  readonly signingKeys: readonly string[];
  readonly sequencerUrl?: string | undefined;
  readonly signerUrl?: string | undefined;
  /** For indexing and erasing, as the sequencer's role. */
  readonly keeperUrl?: string | undefined;
}

const INDEX_EVERY_MS = 2_000;
const ERASE_EVERY_MS = 10_000;
/** A few at a time, so that stopping does not wait for long. */
const INDEX_BLOCKS_MAX = 4;
const INDEX_BLOCKS_WHILE_BUSY = 1;

export function startWorkerPart(
  part: WorkerPart,
  load: WorkerLoad,
  reports: WorkerReports,
): AuditWorker {
  const { vaultKeys, keeperUrl, ...rest } = part;
  const wrapper = createLocalKeyWrapper(vaultKeys);
  return startAuditWorker({
    ...reports,
    ...rest,
    vault: createVault(wrapper),
    load,
    tasks:
      keeperUrl === undefined
        ? []
        : [indexingTask(keeperUrl, wrapper, load), erasingTask(keeperUrl)],
  });
}

/**
 * Search reads what is not indexed yet from the log itself, so while much is recorded the index may wait. It never
 * stands still: a block every two seconds is indexed however much is recorded.
 */
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
