/** Protects a big child table while writers work on it, and measures how long the longest of them waited. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { ACME, APP_ROLE, GLOBEX, openSandbox, protect } from './typical.ts';

export interface LoadResult {
  readonly rows: number;
  readonly prepareMs: number;
  readonly writes: number;
  readonly failures: readonly string[];
  /** The longest write of the seconds before, with nothing else going on: what this machine does by itself. */
  readonly longestWriteBeforeMs: number;
  readonly longestWriteMs: number;
  /** The step that was under way at that write. */
  readonly longestDuring: string;
  readonly withoutTenant: number;
}

interface Writing {
  stop: boolean;
  writes: number;
  longestMs: number;
  longestDuring: string;
  step: string;
  failures: string[];
}

/**
 * Stops before enforcement, from which on an unprotected writer must fail.
 *
 * @param quietMs how long the writers are watched before, to have something to compare with
 */
export async function protectUnderLoad(rows: number, quietMs: number): Promise<LoadResult> {
  const { admin, database } = await openSandbox(`
    create table projects (id bigint primary key, org_id uuid not null);
    insert into projects select n, case n % 2 when 0 then '${ACME}'::uuid else '${GLOBEX}'::uuid end from generate_series(1, 1000) n;
    create table tasks (id bigserial primary key, project_id bigint not null references projects on delete cascade, title text not null);
    create index tasks_project on tasks (project_id);
    grant select, insert, update, delete on projects, tasks to ${APP_ROLE}; grant usage on sequence tasks_id_seq to ${APP_ROLE}`);
  await admin.query(
    `alter table tasks disable trigger all; insert into tasks (project_id, title) select 1 + n % 1000, 't' || n from generate_series(1, ${rows}) n; alter table tasks enable trigger all; analyze tasks`,
  );
  const state: Writing = {
    stop: false,
    writes: 0,
    longestMs: 0,
    longestDuring: '',
    step: '',
    failures: [],
  };
  const writers = Array.from({ length: 3 }, () => write(database.appUrl, rows, state));
  await sleep(quietMs);
  const longestWriteBeforeMs = state.longestMs;
  state.longestMs = 0;
  const startedMs = performance.now();
  await protect(admin, ['projects', 'tasks'], { tenantColumns: ['org_id'] }, 'prepare', {
    pauseRatio: 0,
    onProgress: ({ step }) => {
      state.step = step.title;
    },
  });
  const prepareMs = performance.now() - startedMs;
  state.stop = true;
  await Promise.all(writers);
  const left = await admin.query<{ n: number }>(
    'select count(*)::int as n from tasks t join projects p on p.id = t.project_id where t.tenant_id is distinct from p.org_id',
  );
  return {
    rows,
    prepareMs,
    writes: state.writes,
    failures: state.failures,
    longestWriteBeforeMs: Math.round(longestWriteBeforeMs),
    longestWriteMs: Math.round(state.longestMs),
    longestDuring: state.longestDuring,
    withoutTenant: left.rows[0]?.n ?? -1,
  };
}

async function write(url: string, rows: number, state: Writing): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    while (!state.stop) {
      const startedMs = performance.now();
      const pick = Math.floor(Math.random() * rows);
      try {
        if (state.writes % 2 === 0)
          await client.query('insert into tasks (project_id, title) values ($1, $2)', [
            1 + (pick % 1000),
            'new',
          ]);
        else
          await client.query('update tasks set title = $2, project_id = $3 where id = $1', [
            1 + pick,
            'changed',
            1 + ((pick * 7) % 1000),
          ]);
      } catch (error) {
        state.failures.push(String(error));
      }
      state.writes += 1;
      const tookMs = performance.now() - startedMs;
      if (tookMs > state.longestMs) {
        state.longestMs = tookMs;
        state.longestDuring = state.step;
      }
      await sleep(4);
    }
  } finally {
    await client.end();
  }
}
