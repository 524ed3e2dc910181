/**
 * Keeps one task of the audit log going on one connection of its own.
 *
 * Promises: a lost connection, a server that restarts or another process at work end nothing: it waits and
 * goes on. Stops between two pieces of work, never within one.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Query } from '../sequencer/log-heads.ts';

export interface LoopTask {
  readonly name: string;
  /** Of the task's own role. */
  readonly url: string;
  /** `bulkhead.audit_claim_…`: true while the task is ours. Without one, any number of processes run it. */
  readonly claim?: 'audit_claim_sequencing' | 'audit_claim_signing';
  /** One piece of work; says whether more is known to wait. */
  next(query: Query): Promise<{ readonly did: number; readonly isDrained: boolean }>;
  /** Called before the first piece on a new connection. */
  forget?(): void;
  /** How long to wait after a piece that found nothing; doubles up to the other. */
  readonly idleMs: number;
  readonly idleMsMax: number;
  /**
   * How long to wait after a piece that found all there was, so that the next one finds some; perhaps by how long
   * that piece took.
   */
  readonly gatherMs: number | ((tookMs: number) => number);
}

export interface LoopOptions {
  readonly signal: AbortSignal;
  /** Connection losses and the like; the loop goes on by itself. */
  readonly onError?: ((task: string, error: unknown) => void) | undefined;
}

const LEASE_MS = 3_000;
const CLAIM_EVERY_MS = 1_000;
const WAIT_FOR_LEASE_MS = 500;
const RECONNECT_MS = 200;
const RECONNECT_MS_MAX = 5_000;
const STATEMENT_TIMEOUT_MS = 120_000;

export async function runLoop(task: LoopTask, options: LoopOptions): Promise<void> {
  let delayMs = RECONNECT_MS;
  while (!options.signal.aborted) {
    try {
      await runOnConnection(task, options.signal, () => {
        delayMs = RECONNECT_MS;
      });
    } catch (error) {
      options.onError?.(task.name, error);
      await pause(delayMs, options.signal);
      delayMs = Math.min(delayMs * 2, RECONNECT_MS_MAX);
    }
  }
}

async function runOnConnection(
  task: LoopTask,
  signal: AbortSignal,
  onWorked: () => void,
): Promise<void> {
  const client = new pg.Client({
    connectionString: task.url,
    application_name: `bulkhead audit ${task.name}`,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // A killed backend also rejects the query under way, and that is what is told.
  client.on('error', () => undefined);
  await client.connect();
  const query = preparing(client);
  const holder = randomUUID();
  const claim = async (leaseMs: number): Promise<boolean> => {
    if (task.claim === undefined) return true;
    const { rows } = await query(`select bulkhead.${task.claim}($1, $2) as mine`, [
      holder,
      leaseMs,
    ]);
    return rows[0]?.mine === true;
  };
  task.forget?.();
  let claimedAtMs = Number.NEGATIVE_INFINITY;
  let idleMs = task.idleMs;
  try {
    while (!signal.aborted) {
      if (performance.now() - claimedAtMs > CLAIM_EVERY_MS) {
        const askedAtMs = performance.now();
        if (!(await claim(LEASE_MS))) {
          await pause(WAIT_FOR_LEASE_MS, signal);
          continue;
        }
        claimedAtMs = askedAtMs;
      }
      const begunAtMs = performance.now();
      const { did, isDrained } = await task.next(query);
      const tookMs = performance.now() - begunAtMs;
      onWorked();
      if (!isDrained) continue;
      idleMs = did > 0 ? task.idleMs : Math.min(idleMs * 2, task.idleMsMax);
      await pause(did > 0 ? gatherMsOf(task, tookMs) : idleMs, signal);
    }
    await claim(0);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const gatherMsOf = ({ gatherMs }: LoopTask, tookMs: number): number =>
  typeof gatherMs === 'number' ? gatherMs : gatherMs(tookMs);

/**
 * Prepares each distinct statement once: there are a dozen, and they run all day. Statements may be asked for
 * while another is under way, and run in the order in which they were.
 */
export function preparing(client: pg.ClientBase): Query {
  const names = new Map<string, string>();
  let before: Promise<unknown> = Promise.resolve();
  return (text, values) => {
    const name = names.get(text) ?? `bulkhead_audit_${names.size}`;
    names.set(text, name);
    const answer = before.then(() => client.query({ name, text, values }));
    before = answer.catch(() => undefined);
    return answer;
  };
}

/** Waits, but not when asked to stop. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
