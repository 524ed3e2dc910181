/**
 * Runs a part of the worker in a thread, so that neither the app's requests nor the other part wait for it.
 *
 * Promises: a thread that dies is told of and comes again, like a connection that is lost; what it had under way
 * is the server's to do whole or not at all.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { pause } from './run-loop.ts';
import type { AuditWorker } from './worker.ts';
import type { WorkerLoad } from './worker-load.ts';
import type { WorkerPart, WorkerReports } from './worker-part.ts';
import type { ThreadData, ToldByThread, ToldError } from './worker-thread.ts';

const SCRIPT = new URL('./worker-thread.js', import.meta.url);
const RESTART_MS = 1_000;
/**
 * Twice V8's own. A batch of events is garbage once it is sent: with room for all of it, little of it is alive when the
 * collector comes, and the living are what costs.
 */
const YOUNG_MB = 96;

/** Not where Bulkhead runs from its sources or was bundled: then there is no script that a thread could load. */
export function canRunThreads(): boolean {
  return import.meta.url.startsWith('file:') && existsSync(fileURLToPath(SCRIPT));
}

export function startThread(
  part: WorkerPart,
  load: WorkerLoad,
  reports: WorkerReports,
): AuditWorker {
  const ending = new AbortController();
  const stopped = keepRunning({ part, load: load.shared }, ending.signal, reports);
  return {
    stopped,
    stop: () => {
      ending.abort();
      return stopped;
    },
  };
}

async function keepRunning(
  data: ThreadData,
  signal: AbortSignal,
  reports: WorkerReports,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await runOnce(data, signal, reports);
    } catch (error) {
      reports.onError?.('thread', error);
      await pause(RESTART_MS, signal);
    }
  }
}

function runOnce(data: ThreadData, signal: AbortSignal, reports: WorkerReports): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(SCRIPT, {
      workerData: data,
      ...(data.part.sequencerUrl !== undefined && {
        resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      }),
    });
    const stop = (): void => thread.postMessage('stop');
    signal.addEventListener('abort', stop, { once: true });
    thread.on('message', (told: ToldByThread) => report(told, reports));
    thread.on('error', reject);
    thread.on('exit', () => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) resolve();
      else reject(new Error('A thread of the audit worker ended by itself.'));
    });
  });
}

function report(told: ToldByThread, reports: WorkerReports): void {
  if (told.what === 'error') reports.onError?.(told.task, errorOf(told.error));
  if (told.what === 'fault') reports.onFault?.({ ...told.fault, error: errorOf(told.error) });
  if (told.what === 'refusal') reports.onRefusal?.(told.refusal);
}

const errorOf = ({ message, code }: ToldError): Error =>
  Object.assign(new Error(message), code !== undefined && { code });
