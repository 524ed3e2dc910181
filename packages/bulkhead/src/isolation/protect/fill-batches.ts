/**
 * Fills a tenant column batch by batch, in passes over the primary key, until no row is left without one.
 *
 * Promises: a batch commits by itself and skips what the app holds. Its size follows its time, about 50 ms;
 * one that takes longer than 150 ms gives its rows back and is tried again at half the size, so that a writer
 * of the app waits no longer than that for a row.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase, QueryResult } from 'pg';
import { isolationError } from '../errors.ts';
import type { Backfill } from './plan.ts';

const BATCH_ROWS_MIN = 50;
const BATCH_ROWS_START = 500;
const BATCH_ROWS_MAX = 5_000;
const BATCH_AIM_MS = 50;
const BATCH_MS_MAX = 150;
const QUERY_CANCELED = '57014';
const IDLE_PASSES_MAX = 600;

export interface FillOptions {
  readonly batchRows?: number;
  readonly pauseRatio?: number;
  readonly onRows: (rows: number) => void;
  readonly assertGoing: () => void;
}

export async function fillBatches(
  client: ClientBase,
  backfill: Backfill,
  options: FillOptions,
): Promise<void> {
  let size = options.batchRows ?? BATCH_ROWS_START;
  let total = 0;
  // The work can be found again by looking, so its batches need not wait for the disk.
  await client.query('set synchronous_commit = off');
  try {
    for (let idle = 0; ; ) {
      let last: (string | null)[] = Array.from({ length: backfill.keyCount }, () => null);
      const before = total;
      for (;;) {
        options.assertGoing();
        const startedMs = performance.now();
        const batch = await fillOne(client, backfill, last, size);
        const tookMs = performance.now() - startedMs;
        if (batch === 'too long') {
          size = Math.max(BATCH_ROWS_MIN, size >> 1);
          continue;
        }
        if (batch.seen === 0) break;
        total += batch.filled;
        options.onRows(total);
        last = batch.last;
        if (batch.seen === size) size = resize(size, tookMs);
        await sleep(tookMs * (options.pauseRatio ?? 0.25));
      }
      const left = await client.query<{ remaining: boolean }>(backfill.remainingSql);
      if (left.rows[0]?.remaining !== true) return;
      idle = total === before ? idle + 1 : 0;
      if (idle >= IDLE_PASSES_MAX) throw isolationError('isolation.protect_rows_left');
      await sleep(100);
    }
  } finally {
    await client.query('reset synchronous_commit').catch(() => {});
  }
}

async function fillOne(
  client: ClientBase,
  backfill: Backfill,
  last: readonly (string | null)[],
  size: number,
) {
  // The smallest batch may take what it takes: there is nothing left to halve.
  const timeoutMs = size > BATCH_ROWS_MIN ? BATCH_MS_MAX : 0;
  const replica = backfill.silent ? '; set local session_replication_role = replica' : '';
  await client.query(`begin; set local statement_timeout = ${timeoutMs}${replica}`);
  let result: QueryResult<Record<string, unknown>>;
  try {
    result = await client.query(backfill.batchSql, [...last, size]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    if ((error as { code?: string }).code === QUERY_CANCELED && timeoutMs > 0) return 'too long';
    throw error;
  }
  const row = result.rows[0] ?? {};
  return {
    filled: Number(row.filled),
    seen: Number(row.seen),
    last: Array.from(
      { length: backfill.keyCount },
      (_, at) => row[`last_${at + 1}`] as string | null,
    ),
  };
}

function resize(size: number, tookMs: number): number {
  const aimed = size * Math.min(2, Math.max(0.5, BATCH_AIM_MS / Math.max(tookMs, 1)));
  return Math.round(Math.min(BATCH_ROWS_MAX, Math.max(BATCH_ROWS_MIN, aimed)));
}
