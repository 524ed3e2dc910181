/** What the thread of `proveIsolation` runs: proves what it was given, tells how far it is, and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { isBulkheadError } from '../../kernel/errors.ts';
import { type ProofTarget, proveDatabase } from './prove-database.ts';

export type ToldByThread =
  | { readonly what: 'progress'; readonly done: number; readonly total: number | null }
  | { readonly what: 'proof'; readonly proof: string }
  | {
      readonly what: 'refusal';
      readonly code: string;
      readonly status: number;
      readonly title: string;
      readonly next: string;
      readonly detail: string | undefined;
    };

const tell = (told: ToldByThread): void => parentPort?.postMessage(told);

try {
  const proof = await proveDatabase(workerData as ProofTarget, {
    // Whoever wants it to stop ends the thread.
    signal: new AbortController().signal,
    report: (done, total) => tell({ what: 'progress', done, total }),
  });
  tell({ what: 'proof', proof: JSON.stringify(proof) });
} catch (error) {
  if (!isBulkheadError(error)) throw error;
  const { code, status, message: title, next, detail } = error;
  tell({ what: 'refusal', code, status, title, next, detail });
}
