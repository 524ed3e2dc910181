/**
 * Work that takes longer than a request: kept in the database, done in the process that was asked.
 *
 * Promises: of a kind one is under way at a time, whatever number of processes there are; one whose process
 * has died is told as failed within a minute. Its result is read from any process.
 */
import { runOutsideContext } from '../../isolation/index.ts';
import { moment } from '../../kernel/moment.ts';
import { OPERATORS } from '../control-gate.ts';
import { httpError } from '../errors.ts';
import type { Caller } from '../operation.ts';
import type { Job } from '../operations/jobs.ts';
import { type ControlWork, nameOf, type Row, type RowQuery } from '../operations/work.ts';
import { asBulkheadError } from '../request/answer.ts';

export interface JobProgress {
  readonly signal: AbortSignal;
  report(done: number, total: number | null): void;
}

export type JobKind = 'proof' | 'verification';
export type JobWork = Readonly<Record<JobKind, (progress: JobProgress) => Promise<unknown>>>;

export interface JobRunner {
  /** @throws `http.job_running` */
  start(caller: Caller, kind: JobKind, title: string, action: string): Promise<Job>;
  /** The same when nobody asked; does nothing while one is under way. */
  startBySchedule(kind: JobKind, title: string): Promise<void>;
  list(): Promise<Job[]>;
  /** @throws `http.absent` */
  get(id: string): Promise<Job>;
  /** @throws `http.absent`, `http.job_finished` */
  cancel(caller: Caller, id: string): Promise<Job>;
  /** How many minutes ago the last of a kind ended well; null when none did. */
  minutesSince(kind: JobKind): Promise<number | null>;
  close(): Promise<void>;
}

const BEAT_MS = 5_000;
const SILENT_SECONDS = 60;
const LISTED = 50;

const COLUMNS = `id, kind, title, status, done, total, problem, ${moment('created_at')} as created_at,
  ${moment('finished_at')} as finished_at`;

const HREFS: Readonly<Record<string, string>> = { proof: 'isolation', verification: 'overview' };

const readJob = (row: Row): Job => ({
  id: String(row.id),
  // Of our own table, which checks them.
  kind: row.kind as Job['kind'],
  title: String(row.title),
  status: row.status as Job['status'],
  done: Number(row.done),
  total: row.total === null ? null : Number(row.total),
  createdAt: String(row.created_at),
  finishedAt: row.finished_at === null ? null : String(row.finished_at),
  resultHref: row.status === 'done' ? (HREFS[String(row.kind)] ?? null) : null,
  problem: row.problem as Job['problem'],
});

/** What is told of a result to those who watch. */
function outcomeOf(kind: Job['kind'], at: string, result: unknown): unknown {
  if (kind === 'proof') {
    const { summary } = result as { summary?: { leak?: number } };
    return { provenAt: at, leak: summary?.leak ?? 0 };
  }
  const { events, ok } = result as { events?: number; ok?: boolean };
  return { verifiedAt: at, events: events ?? 0, whole: ok === true };
}

export function createJobRunner(
  query: RowQuery,
  record: ControlWork['record'],
  work: JobWork,
): JobRunner {
  const underway = new Map<
    string,
    { readonly abort: AbortController; readonly ended: Promise<void> }
  >();

  /** Those whose process no longer says anything. */
  const buryDead = () =>
    query(
      `update bulkhead.control_job set status = 'failed', finished_at = clock_timestamp(), problem = $1
        where status in ('queued', 'running') and coalesce(seen_at, created_at) < clock_timestamp() - $2 * interval '1 second'`,
      [
        JSON.stringify(
          httpError('http.stopping', { message: 'The process that was at it ended.' }),
        ),
        SILENT_SECONDS,
      ],
    );

  async function insert(kind: JobKind, title: string, by: string): Promise<Job | undefined> {
    await buryDead();
    const { rows } = await query(
      `insert into bulkhead.control_job (tenant_id, kind, title, created_by, status, started_at, seen_at)
       values ($1, $2, $3, $4, 'running', clock_timestamp(), clock_timestamp())
       on conflict (tenant_id, kind) where status in ('queued', 'running') and kind <> 'export' do nothing
       returning ${COLUMNS}`,
      [OPERATORS, kind, title, by],
    );
    return rows[0] === undefined ? undefined : readJob(rows[0]);
  }

  const announce = async (id: string, result?: unknown): Promise<void> => {
    const job = await get(id);
    const messages = [JSON.stringify(job)];
    const kinds = ['job'];
    if (job.status === 'done' && job.finishedAt !== null) {
      kinds.push(job.kind);
      messages.push(JSON.stringify(outcomeOf(job.kind, job.finishedAt, result)));
    }
    await query('select bulkhead.live_announce($1::uuid[], $2::text[], $3::jsonb[])', [
      kinds.map(() => null),
      kinds,
      messages,
    ]);
  };

  function run(id: string, kind: JobKind): void {
    runOutsideContext(() => runHere(id, kind));
  }

  function runHere(id: string, kind: JobKind): void {
    const abort = new AbortController();
    let state = { done: 0, total: null as number | null };
    const beat = setInterval(() => {
      query(
        `update bulkhead.control_job set done = $2, total = $3, seen_at = clock_timestamp()
          where tenant_id = $4 and id = $1 and status = 'running' returning 1`,
        [id, state.done, state.total, OPERATORS],
      )
        .then(
          // Called off from another process.
          ({ rows }) => (rows.length === 0 ? abort.abort() : announce(id)),
          () => undefined,
        )
        .catch(() => undefined);
    }, BEAT_MS);
    const finish = async (status: 'done' | 'failed', result: unknown, problem: unknown) => {
      await query(
        `update bulkhead.control_job set status = $2, result = $3, problem = $4, done = coalesce(total, $5),
                total = coalesce(total, $5), finished_at = clock_timestamp()
          where tenant_id = $6 and id = $1 and status = 'running'`,
        [
          id,
          status,
          JSON.stringify(result ?? null),
          problem === null ? null : JSON.stringify(problem),
          state.done,
          OPERATORS,
        ],
      );
      await announce(id, result);
    };
    const ended = (async () => {
      try {
        const result = await work[kind]({
          signal: abort.signal,
          report(done, total) {
            state = { done, total };
          },
        });
        await finish('done', result, null);
      } catch (error) {
        await finish('failed', null, asBulkheadError(error)).catch(() => undefined);
      } finally {
        clearInterval(beat);
        underway.delete(id);
      }
    })();
    underway.set(id, { abort, ended });
  }

  async function get(id: string): Promise<Job> {
    const { rows } = await query(
      `select ${COLUMNS} from bulkhead.control_job where tenant_id = $1 and id = $2`,
      [OPERATORS, id],
    );
    if (rows[0] === undefined) throw httpError('http.absent');
    return readJob(rows[0]);
  }

  return {
    get,
    async start(caller, kind, title, action) {
      const job = await insert(kind, title, nameOf(caller));
      if (job === undefined) throw httpError('http.job_running');
      run(job.id, kind);
      await record(caller, { action, targets: [{ type: 'job', id: job.id }] });
      await announce(job.id);
      return job;
    },
    async startBySchedule(kind, title) {
      const job = await insert(kind, title, 'system:schedule');
      if (job !== undefined) run(job.id, kind);
    },
    async list() {
      await buryDead();
      const { rows } = await query(
        `select ${COLUMNS} from bulkhead.control_job where tenant_id = $1 order by created_at desc limit $2`,
        [OPERATORS, LISTED],
      );
      return rows.map(readJob);
    },
    async cancel(caller, id) {
      const { rows } = await query(
        `update bulkhead.control_job set status = 'cancelled', finished_at = clock_timestamp()
          where tenant_id = $1 and id = $2 and status in ('queued', 'running') returning ${COLUMNS}`,
        [OPERATORS, id],
      );
      if (rows[0] === undefined) {
        await get(id);
        throw httpError('http.job_finished');
      }
      underway.get(id)?.abort.abort();
      await record(caller, { action: 'job.cancelled', targets: [{ type: 'job', id }] });
      await announce(id);
      return readJob(rows[0]);
    },
    async minutesSince(kind) {
      const { rows } = await query(
        `select extract(epoch from clock_timestamp() - max(finished_at)) / 60 as minutes
           from bulkhead.control_job where tenant_id = $1 and kind = $2 and status = 'done'`,
        [OPERATORS, kind],
      );
      const minutes = rows[0]?.minutes;
      return minutes == null ? null : Number(minutes);
    },
    async close() {
      const all = [...underway.values()];
      for (const { abort } of all) abort.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
