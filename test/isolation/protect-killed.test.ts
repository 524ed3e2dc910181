/** `bulkhead protect --apply` killed with SIGKILL: the next run completes it. Runs the built package. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import {
  ACME,
  APP_ROLE,
  openSandbox,
  planFor,
  protect,
  TYPICAL,
  TYPICAL_REQUEST,
  TYPICAL_TABLES,
} from '../../packages/bulkhead/src/isolation/protect/testdata/typical.ts';

const worker = join(import.meta.dirname, 'testdata/protect-worker.mjs');
const MOMENTS = [
  'tasks:column started',
  'tasks:backfill filling',
  'tasks:validate started',
  'tasks:index:tasks_pkey_tenant started',
  'tasks:fk-validate:tasks_project_id_fkey:tasks done',
  'projects:enforce done',
  'tasks:swap:tasks_pkey started',
];

test('killed with SIGKILL at several moments, the next run completes the work', {
  timeout: 90_000,
}, async () => {
  const { admin, asTenant, database } = await openSandbox(TYPICAL);
  await admin.query(
    "insert into tasks (project_id, title) select 1 + n % 2, 't' from generate_series(1, 3000) n",
  );
  const reached: string[] = [];
  for (const moment of MOMENTS) {
    const child = spawn(
      process.execPath,
      [
        worker,
        database.superuserUrl,
        APP_ROLE,
        TYPICAL_TABLES.join(','),
        JSON.stringify(TYPICAL_REQUEST),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise((resolve) => child.once('exit', resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      if (line !== moment) continue;
      if (reached.at(-1) !== moment) reached.push(moment);
      child.kill('SIGKILL');
    }
    await ended;
    // The server notices a dead client only when its statement ends, and holds its locks until then.
    await admin.query(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'bulkhead protect' and datname = current_database()",
    );
  }
  expect(reached).toEqual(MOMENTS);
  await protect(admin, TYPICAL_TABLES, TYPICAL_REQUEST);
  expect(await asTenant(ACME, 'select * from comments')).toHaveLength(6);
  expect((await planFor(admin, TYPICAL_TABLES, TYPICAL_REQUEST)).steps).toEqual([]);
});
