/**
 * Runs a plan step by step on one connection.
 *
 * Promises: never waits for a strong lock longer than `lockTimeoutMs`, so no writer waits longer than that
 * for us; never redoes a finished step; killed at any moment, the next run completes the work; two runs at
 * once exclude each other.
 * Does not promise: an end in bounded time. A transaction that the app keeps open for an hour is waited for,
 * up to `patienceMs`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { isolationError } from '../errors.ts';
import { fillBatches } from './fill-batches.ts';
import type { Plan, Stage, Step } from './plan.ts';
import { quoteIdent } from './quote.ts';

export interface ProtectProgress {
  readonly step: Step;
  readonly number: number;
  readonly total: number;
  readonly status: 'started' | 'skipped' | 'waiting' | 'filling' | 'done';
  /** Rows filled so far; for `filling`. */
  readonly rows?: number;
}

export interface ApplyOptions {
  readonly onProgress?: (progress: ProtectProgress) => void;
  readonly signal?: AbortSignal;
  /** The last stage to run. Default `contract`, which is all. */
  readonly until?: Stage;
  readonly lockTimeoutMs?: number;
  /** How long one step may go on asking for its lock. */
  readonly patienceMs?: number;
  readonly batchRows?: number;
  /** Rest after each batch, as a share of the batch's own time. */
  readonly pauseRatio?: number;
}

const STAGE_ORDER: Readonly<Record<Stage, number>> = { prepare: 0, enforce: 1, contract: 2 };
// "bulkhead protect" in ASCII would not fit 63 bits; any constant does.
const ADVISORY_KEY = 0x62756c6b_70726f74n;
const RETRIED = new Set(['55P03', '40P01']);

/**
 * @throws `isolation.protect_refused` for a plan with refusals, `isolation.protect_busy` when another run is
 * under way, `isolation.protect_lock_timeout` when a lock was not to be had within `patienceMs`,
 * `isolation.protect_interrupted` when `signal` was aborted.
 */
export async function applyProtection(
  client: ClientBase,
  plan: Plan,
  options: ApplyOptions = {},
): Promise<{ done: number; skipped: number }> {
  if (plan.refusals.length > 0) throw isolationError('isolation.protect_refused');
  const locked = await client.query<{ ok: boolean }>(
    'select pg_try_advisory_lock($1::int8) as ok',
    [ADVISORY_KEY.toString()],
  );
  if (locked.rows[0]?.ok !== true) throw isolationError('isolation.protect_busy');
  try {
    return await runSteps(client, plan, options);
  } finally {
    // A dead connection has released it already.
    await client
      .query('select pg_advisory_unlock($1::int8)', [ADVISORY_KEY.toString()])
      .catch(() => {});
  }
}

async function runSteps(client: ClientBase, plan: Plan, options: ApplyOptions) {
  await client.query(
    "set statement_timeout = 0; set row_security = off; set lock_timeout = 0; set application_name = 'bulkhead protect'",
  );
  const mayHurry = await client.query<{ ok: boolean }>(
    "select (select rolsuper from pg_roles where rolname = current_user) or has_parameter_privilege('deadlock_timeout', 'set') as ok",
  );
  const until = STAGE_ORDER[options.until ?? 'contract'];
  const steps = plan.steps.filter((step) => STAGE_ORDER[step.stage] <= until);
  const run: StepRun = { client, options, hurry: mayHurry.rows[0]?.ok === true };
  let done = 0;
  let skipped = 0;
  for (const [at, step] of steps.entries()) {
    const report = (status: ProtectProgress['status'], rows?: number) =>
      options.onProgress?.({
        step,
        number: at + 1,
        total: steps.length,
        status,
        ...(rows === undefined ? {} : { rows }),
      });
    assertGoing(options.signal);
    if (await isDone(client, step)) {
      skipped += 1;
      report('skipped');
      continue;
    }
    report('started');
    await runStep(run, step, report);
    done += 1;
    report('done');
  }
  return { done, skipped };
}

interface StepRun {
  readonly client: ClientBase;
  readonly options: ApplyOptions;
  /** May shorten deadlock_timeout, after which a running autovacuum gives way. */
  readonly hurry: boolean;
}

async function isDone(client: ClientBase, step: Step): Promise<boolean> {
  const result = await client.query<{ done: boolean | null }>(`select (${step.done}) as done`);
  return result.rows[0]?.done === true;
}

async function runStep(
  run: StepRun,
  step: Step,
  report: (status: ProtectProgress['status'], rows?: number) => void,
): Promise<void> {
  const { client, options } = run;
  if (step.kind === 'transaction') return inShortTransaction(run, step, () => report('waiting'));
  if (step.kind === 'backfill' && step.backfill !== undefined) {
    await fillBatches(client, step.backfill, {
      ...options,
      onRows: (rows) => report('filling', rows),
      assertGoing: () => assertGoing(options.signal),
    });
    return;
  }
  if (step.index !== undefined) {
    // Not done, yet there: the invalid rest of a build that was cut off.
    await client.query(
      `drop index concurrently if exists ${quoteIdent(step.index.schema)}.${quoteIdent(step.index.name)}`,
    );
  }
  for (const statement of step.statements) await client.query(statement);
}

async function inShortTransaction(run: StepRun, step: Step, onWait: () => void): Promise<void> {
  const { client, options } = run;
  const patienceUntil = Date.now() + (options.patienceMs ?? 600_000);
  const lockTimeoutMs = step.online ? (options.lockTimeoutMs ?? 60) : 5_000;
  for (let attempt = 0; ; attempt += 1) {
    assertGoing(options.signal);
    try {
      await client.query('begin');
      await client.query(`set local lock_timeout = ${Math.trunc(lockTimeoutMs)}`);
      // Autovacuum yields to whoever waits for it past deadlock_timeout, a second by default: too long a wait.
      if (run.hurry) await client.query("set local deadlock_timeout = '20ms'");
      for (const statement of step.statements) await client.query(statement);
      await client.query('commit');
      return;
    } catch (error) {
      await client.query('rollback').catch(() => {});
      if (!RETRIED.has((error as { code?: string }).code ?? '')) throw error;
      if (Date.now() > patienceUntil) {
        throw isolationError('isolation.protect_lock_timeout', {
          message: `${step.table}: ${step.title}: the lock was not to be had; what was done so far stays.`,
          cause: error,
        });
      }
      onWait();
      // Grows to a second, with jitter, so that writers get long rests between our attempts.
      await sleep(Math.min(1_000, 50 * 1.5 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2));
    }
  }
}

function assertGoing(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw isolationError('isolation.protect_interrupted');
}
