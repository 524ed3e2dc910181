/**
 * The prover as a job: its report is what the control plane shows of the walls.
 *
 * Promises: requests are answered while it judges, which takes seconds of a processor: it has a thread of its own.
 */
import { Worker } from 'node:worker_threads';
import { BulkheadError } from '../../kernel/errors.ts';
import type { JobProgress } from './job-runner.ts';
import { type ProofTarget, proveDatabase } from './prove-database.ts';
import type { ToldByThread } from './prove-thread.ts';

export function proveIsolation(target: ProofTarget, progress: JobProgress): Promise<unknown> {
  // Run from the sources, as tests are, there is no script that a thread could load.
  const isBuilt = import.meta.url.endsWith('.js');
  return isBuilt ? proveInThread(target, progress) : proveDatabase(target, progress);
}

function proveInThread(target: ProofTarget, { signal, report }: JobProgress): Promise<unknown> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const thread = new Worker(new URL('./prove-thread.js', import.meta.url), {
      workerData: target,
    });
    const stop = () => {
      reject(signal.reason);
      // Its connection ends with it, and the server rolls back.
      void thread.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    thread.on('message', (told: ToldByThread) => {
      if (told.what === 'progress') report(told.done, told.total);
      if (told.what === 'proof') resolve(JSON.parse(told.proof));
      if (told.what === 'refusal') {
        const { code, status, title, next, detail } = told;
        reject(new BulkheadError(code, { status, title, next }, { ...(detail && { detail }) }));
      }
    });
    thread.on('error', reject);
    thread.on('exit', (code) => {
      signal.removeEventListener('abort', stop);
      reject(new Error(`the prover's thread ended with ${code} and no proof`));
    });
  });
}
