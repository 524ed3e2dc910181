/** What a thread of the worker runs: its part, until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import type { SequencerFault } from '../sequencer/sequencer.ts';
import type { Refusal } from '../signer/signer.ts';
import { WorkerLoad } from './worker-load.ts';
import { startWorkerPart, type WorkerPart } from './worker-part.ts';

export interface ThreadData {
  readonly part: WorkerPart;
  readonly load: SharedArrayBuffer;
}

export type ToldByThread =
  | { readonly what: 'error'; readonly task: string; readonly error: ToldError }
  | {
      readonly what: 'fault';
      readonly fault: Omit<SequencerFault, 'error'>;
      readonly error: ToldError;
    }
  | { readonly what: 'refusal'; readonly refusal: Refusal };

/** What is left of an error between threads. */
export interface ToldError {
  readonly message: string;
  readonly code: string | undefined;
}

const { part, load } = workerData as ThreadData;
const tell = (told: ToldByThread): void => parentPort?.postMessage(told);

function toldOf(error: unknown): ToldError {
  if (!(error instanceof Error)) return { message: String(error), code: undefined };
  const code = 'code' in error ? String(error.code) : undefined;
  return { message: error.message, code };
}

const worker = startWorkerPart(part, new WorkerLoad(load), {
  onError: (task, error) => tell({ what: 'error', task, error: toldOf(error) }),
  onFault: ({ error, ...fault }) => tell({ what: 'fault', fault, error: toldOf(error) }),
  onRefusal: (refusal) => tell({ what: 'refusal', refusal }),
});
// The one message that there is.
parentPort?.once('message', () => void worker.stop());
await worker.stopped;
// Whose port is open lives on.
parentPort?.close();
