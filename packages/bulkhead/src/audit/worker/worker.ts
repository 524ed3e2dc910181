/**
 * Sequences and signs until it is stopped: what `bulkhead audit run` and `bulkhead.audit.start()` start. Any
 * number of processes may; one is at work and the others wait for it to fall silent.
 */
import { Sequencer, type SequencerFault, type SequencerStep } from '../sequencer/sequencer.ts';
import type { TakeLimits } from '../sequencer/take-pending.ts';
import { type Refusal, Signer, type SignerStep } from '../signer/signer.ts';
import { parseSigningKey } from '../signer/signing-key.ts';
import type { Vault } from '../vault/vault.ts';
import { type LoopTask, runLoop } from './run-loop.ts';
import type { WorkerLoad } from './worker-load.ts';

export interface AuditWorkerOptions {
  /** The sequencer's own role. */
  readonly sequencerUrl?: string | undefined;
  /** The signer's own role. */
  readonly signerUrl?: string | undefined;
  readonly vault: Vault;
  readonly originBase: string;
  /** `bha1_…`; all of them sign. */
  readonly signingKeys: readonly string[];
  /** How often logs that have grown are signed at the least; twice as often where that takes little time. */
  readonly checkpointEveryMs?: number | undefined;
  readonly limits?: TakeLimits | undefined;
  /** A log that cannot be appended to; the rest goes on. */
  readonly onFault?: ((fault: SequencerFault) => void) | undefined;
  /** A log that the signer refuses: somebody should look. */
  readonly onRefusal?: ((refusal: Refusal) => void) | undefined;
  readonly onError?: ((task: string, error: unknown) => void) | undefined;
  /** For tests, which end the process there. */
  readonly onStep?: ((step: SequencerStep | SignerStep) => void | Promise<void>) | undefined;
  /** Further tasks that share the worker's life, such as indexing. */
  readonly tasks?: readonly LoopTask[] | undefined;
  /** Is told of what is sequenced. */
  readonly load?: WorkerLoad | undefined;
}

export interface AuditWorker {
  /** Ends after the work at hand. */
  stop(): Promise<void>;
  /** Settles when it has stopped. */
  readonly stopped: Promise<void>;
}

const CHECKPOINT_EVERY_MS = 1_000;
/** So many times as long as it worked. */
const SIGNER_RESTS = 4;
/** A batch costs a few milliseconds and a row or two for each log, however small it is: it is given time to fill. */
const GATHER_MS = 200;

/** @throws `audit.signing_key_invalid` */
export function startAuditWorker(options: AuditWorkerOptions): AuditWorker {
  const tasks: LoopTask[] = [...(options.tasks ?? [])];
  if (options.sequencerUrl !== undefined) tasks.push(sequencerTask(options, options.sequencerUrl));
  if (options.signerUrl !== undefined) tasks.push(signerTask(options, options.signerUrl));
  const ending = new AbortController();
  const loops = tasks.map((task) =>
    runLoop(task, { signal: ending.signal, onError: options.onError }),
  );
  const stopped = Promise.all(loops).then(() => undefined);
  return {
    stopped,
    stop: () => {
      ending.abort();
      return stopped;
    },
  };
}

function sequencerTask(options: AuditWorkerOptions, url: string): LoopTask {
  const { vault, originBase, limits, load, onFault, onStep } = options;
  const sequencer = new Sequencer({
    vault,
    originBase,
    ...(limits && { limits }),
    ...(onFault && { onFault }),
    ...(onStep && { onStep }),
  });
  return {
    name: 'sequencer',
    url,
    claim: 'audit_claim_sequencing',
    next: async (query) => {
      const { consumed, isDrained } = await sequencer.next(query);
      load?.note(consumed);
      return { did: consumed, isDrained };
    },
    forget: () => sequencer.forget(),
    idleMs: 20,
    idleMsMax: 250,
    gatherMs: GATHER_MS,
  };
}

function signerTask(options: AuditWorkerOptions, url: string): LoopTask {
  const { onRefusal, onStep } = options;
  const signer = new Signer({
    keys: options.signingKeys.map(parseSigningKey),
    ...(onRefusal && { onRefusal }),
    ...(onStep && { onStep }),
  });
  const everyMs = options.checkpointEveryMs ?? CHECKPOINT_EVERY_MS;
  return {
    name: 'signer',
    url,
    claim: 'audit_claim_signing',
    next: async (query) => {
      const { signed, isDrained } = await signer.next(query);
      return { did: signed, isDrained };
    },
    idleMs: everyMs / 4,
    idleMsMax: everyMs / 2,
    // A checkpoint costs as much for one event as for thousands: what takes long is done seldom.
    gatherMs: (tookMs) => Math.min(everyMs, Math.max(everyMs / 2, SIGNER_RESTS * tookMs)),
  };
}
