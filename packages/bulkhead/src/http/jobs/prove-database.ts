/** The prover on a database that a URL leads to. */
import pg from 'pg';
import { connectionError } from '../../kernel/migrations/index.ts';
import type { JobProgress } from './job-runner.ts';

const CONNECT_TIMEOUT_MS = 10_000;

export interface ProofTarget {
  readonly url: string;
  readonly appRole: string;
  /** Leaks are shown by running them, in a transaction that is rolled back. */
  readonly probe: boolean;
}

export async function proveDatabase(
  target: ProofTarget,
  { signal, report }: JobProgress,
): Promise<unknown> {
  // The prover brings a parser of its own: nobody who does not prove should wait for it.
  const { prove } = await import('../../isolation/prove/index.ts');
  const client = new pg.Client({
    connectionString: target.url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'bulkhead prove',
  });
  // A killed backend also rejects the query under way, and that is what is told.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, target.url);
  }
  try {
    return await prove(client, {
      role: target.appRole,
      probe: target.probe,
      signal,
      onProgress(step) {
        if (step.step === 'rule' || step.step === 'probe') report(step.done, step.total);
      },
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
