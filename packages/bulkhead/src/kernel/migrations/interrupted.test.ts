import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createTestDatabase } from '#test/database';
import { migrate } from './migrate.ts';
import { createTestRoom, type TestRoom } from './testdata/migration-folder.ts';

const CHILD = fileURLToPath(new URL('./testdata/migrate-child.mjs', import.meta.url));

async function setUp(files: Record<string, string>) {
  const database = await createTestDatabase({ migrated: false });
  onTestFinished(() => database.drop());
  const client = new pg.Client({ connectionString: database.superuserUrl });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  const room = await createTestRoom(files);
  return { url: database.superuserUrl, client, room };
}

/** Starts a migrator in a process of its own and kills it (SIGKILL) once the server runs `statement`. */
async function killMigratorDuring(
  statement: string,
  url: string,
  room: TestRoom,
  client: pg.Client,
) {
  const input = { connectionString: url, room: room.name, folder: room.migrations.href };
  const child = spawn(process.execPath, [CHILD, JSON.stringify(input)], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await vi.waitFor(
    async () => {
      const { rowCount } = await client.query(
        `select from pg_stat_activity where datname = current_database()
            and state = 'active' and query like $1 and pid <> pg_backend_pid()`,
        [`%${statement}%`],
      );
      expect(rowCount).toBe(1);
    },
    { timeout: 10_000, interval: 25 },
  );
  child.kill('SIGKILL');
  expect(await exited).toEqual([null, 'SIGKILL']);
}

test('a migrator killed inside a transactional file leaves nothing of it; the next run completes', async () => {
  const sleep = `create table bulkhead.one (id int);
    select pg_sleep(case when current_setting('application_name') = 'bulkhead migrate' and
      not exists (select from public.go_on) then 60 else 0 end);`;
  const { url, client, room } = await setUp({ '000001_one': sleep });
  await client.query('create table public.go_on (); grant select on public.go_on to public');
  await killMigratorDuring('pg_sleep', url, room, client);
  const half = await client.query(`select to_regclass('bulkhead.one') as one`);
  expect(half.rows).toEqual([{ one: null }]);

  await client.query('insert into public.go_on default values');
  const report = await migrate({
    connectionString: url,
    capabilities: [room],
    appRole: 'test_app',
  });
  expect(report.applied.map(({ migration }) => migration)).toEqual(['room/000001_one']);
});

test('a migrator killed while it builds an index concurrently leaves it invalid; the next run drops it and builds it anew', async () => {
  const { url, client, room } = await setUp({
    '000001_big':
      'create table bulkhead.big (v int); insert into bulkhead.big select generate_series(1, 1000);',
    '000002_index': `-- bulkhead: no-transaction
insert into bulkhead.big values (-1); -- not repeatable: it must not run twice
create index concurrently big_v on bulkhead.big (v);
comment on index bulkhead.big_v is 'Built in the end; it holds a semicolon.';`,
  });
  const first = await createTestRoom({
    '000001_big':
      'create table bulkhead.big (v int); insert into bulkhead.big select generate_series(1, 1000);',
  });
  await migrate({ connectionString: url, capabilities: [first], appRole: 'test_app' });
  const writer = new pg.Client({ connectionString: url });
  await writer.connect();
  onTestFinished(() => writer.end());
  await writer.query('begin');
  await writer.query('insert into bulkhead.big values (0)');

  await killMigratorDuring('create index concurrently', url, room, client);
  await vi.waitFor(
    async () => {
      const { rowCount } = await client.query(
        `select from pg_stat_activity where application_name = 'bulkhead migrate' and datname = current_database()`,
      );
      expect(rowCount).toBe(0);
    },
    { timeout: 10_000, interval: 50 },
  );
  const half = await client.query(
    `select i.indisvalid, m.applied_at, m.statements_done
       from pg_index i, bulkhead.migration m
      where i.indexrelid = 'bulkhead.big_v'::regclass and m.number = 2`,
  );
  expect(half.rows).toEqual([{ indisvalid: false, applied_at: null, statements_done: 1 }]);

  await writer.query('commit');
  await migrate({ connectionString: url, capabilities: [room], appRole: 'test_app' });
  const whole = await client.query(
    `select i.indisvalid, m.applied_at is not null as applied,
            (select count(*)::int from bulkhead.big where v = -1) as once
       from pg_index i, bulkhead.migration m
      where i.indexrelid = 'bulkhead.big_v'::regclass and m.number = 2`,
  );
  expect(whole.rows).toEqual([{ indisvalid: true, applied: true, once: 1 }]);
}, 30_000);
