/**
 * Fills a tenant column batch by batch, in passes over the primary key, until no row is left without one.
 *
 * Promises: a batch commits by itself and skips what the app holds; its size follows its time, about 100 ms.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { isolationError } from '../errors.ts';
import type { Backfill } from './plan.ts';

const BATCH_ROWS_MIN = 200;
const BATCH_ROWS_MAX = 10_000;
const BATCH_AIM_MS = 100;
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
  let size = options.batchRows ?? 5_000;
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
        const batch = await fillOne(client, backfill, [...last, size]);
        const tookMs = performance.now() - startedMs;
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

async function fillOne(client: ClientBase, backfill: Backfill, values: readonly unknown[]) {
  if (backfill.silent) await client.query('begin; set local session_replication_role = replica');
  const result = await client.query<Record<string, unknown>>(backfill.batchSql, [...values]);
  if (backfill.silent) await client.query('commit');
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
