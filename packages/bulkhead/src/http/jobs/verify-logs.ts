/** Every tenant's log held against what was signed, one after the other, each in a snapshot of its own. */

import { parseVerifierKey } from 'bulkhead-verify';
import pg from 'pg';
import { createLocalKeyWrapper, knownLogs, verifyDatabaseLog } from '../../audit/verify/index.ts';
import { connectionError } from '../../kernel/migrations/index.ts';
import type { VerificationResult } from '../operations/overview.ts';
import type { JobProgress } from './job-runner.ts';

export interface VerificationTarget {
  /** As the operators' role. */
  readonly url: string;
  readonly originBase: string;
  readonly vaultKeys: readonly string[];
  readonly verifierKeys: (origin: string) => readonly string[];
}

const FAULTS_MAX = 20;

export async function verifyLogs(
  target: VerificationTarget,
  { signal, report }: JobProgress,
): Promise<VerificationResult> {
  const client = new pg.Client({
    connectionString: target.url,
    application_name: 'bulkhead verify',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, target.url);
  }
  const wrapper = createLocalKeyWrapper(target.vaultKeys);
  const faults: VerificationResult['faults'][number][] = [];
  let events = 0;
  try {
    const logs = await knownLogs((text, values) => client.query(text, values));
    const total = logs.reduce((sum, { leaves }) => sum + leaves, 0);
    for (const { tenant, class: of } of logs) {
      signal.throwIfAborted();
      await client.query('begin isolation level repeatable read read only');
      const before = events;
      const verified = await verifyDatabaseLog({
        query: (text, values) => client.query(text, values),
        log: { tenant, class: of },
        originBase: target.originBase,
        keysFor: (origin) => target.verifierKeys(origin).map(parseVerifierKey),
        wrapper,
        pins: [],
        onProgress: (leaves) => {
          signal.throwIfAborted();
          report(Math.min(total, before + leaves), total);
        },
      });
      await client.query('commit');
      events += verified.size;
      report(Math.min(total, events), total);
      for (const { status, id, detail } of verified.findings) {
        if (status === 'FAIL' && faults.length < FAULTS_MAX) {
          faults.push({ tenant, class: of, detail: `${id}: ${detail}` });
        }
      }
    }
    return { ok: faults.length === 0, events, logs: logs.length, faults };
  } finally {
    await client.end().catch(() => undefined);
  }
}
