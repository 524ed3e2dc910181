import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { capabilities } from '../../capabilities.ts';
import { migrate } from './migrate.ts';
import { assertServerVersion } from './server-check.ts';
import { createTestRoom } from './testdata/migration-folder.ts';

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase({ migrated: false });
  onTestFinished(() => database.drop());
  return database;
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

const appRole = 'test_app';

describe('a database is migrated', () => {
  test('by the files of all rooms, once; a second run has nothing to do', async () => {
    const { superuserUrl: connectionString } = await emptyDatabase();
    const first = await migrate({ connectionString, capabilities, appRole });
    expect(first.applied.map(({ migration }) => migration)).toContain(
      'isolation/000001_signed_context',
    );
    const second = await migrate({ connectionString, capabilities, appRole });
    expect(second.applied).toEqual([]);
    expect(second.present).toBe(first.applied.length);
  });

  test('so that everything in the schema belongs to the role bulkhead, which cannot log in', async () => {
    const { superuserUrl: connectionString } = await emptyDatabase();
    await migrate({ connectionString, capabilities, appRole });
    const client = await connect(connectionString);
    const { rows } = await client.query(
      `select distinct pg_get_userbyid(relowner)::text as owner from pg_class
        where relnamespace = 'bulkhead'::regnamespace
       union select distinct pg_get_userbyid(proowner)::text from pg_proc
        where pronamespace = 'bulkhead'::regnamespace`,
    );
    expect(rows).toEqual([{ owner: 'bulkhead' }]);
    const role = await client.query(`select rolcanlogin from pg_roles where rolname = 'bulkhead'`);
    expect(role.rows).toEqual([{ rolcanlogin: false }]);
  });

  test('by several migrators at once, each file by one of them', async () => {
    const { superuserUrl: connectionString } = await emptyDatabase();
    const room = await createTestRoom({
      '000001_first': 'create table bulkhead.first (id int); select pg_sleep(0.3);',
      '000002_second': 'create table bulkhead.second (id int);',
    });
    const waits: string[] = [];
    const reports = await Promise.all(
      [1, 2, 3].map(() =>
        migrate({
          connectionString,
          capabilities: [room],
          appRole,
          onProgress: ({ kind }) => waits.push(kind),
        }),
      ),
    );
    expect(reports.flatMap(({ applied }) => applied).map(({ migration }) => migration)).toEqual([
      'room/000001_first',
      'room/000002_second',
    ]);
    expect(waits).toContain('waiting');
  });

  test('while another database of the cluster is, both making the same roles', async () => {
    const databases = await Promise.all([1, 2, 3].map(emptyDatabase));
    const fresh = `kern_race_${databases[0]?.name.slice(-8)}`;
    const superuser = await connect(databases[0]?.superuserUrl ?? '');
    await Promise.all(
      databases.map(({ superuserUrl: connectionString }) =>
        migrate({ connectionString, capabilities, appRole: fresh }),
      ),
    );
    const { rowCount } = await superuser.query('select from pg_roles where rolname = $1', [fresh]);
    expect(rowCount).toBe(1);
    for (const { superuserUrl } of databases) {
      const client = await connect(superuserUrl);
      await client.query(`drop owned by ${fresh}`);
    }
    await superuser.query(`drop role ${fresh}`);
  });
});

describe('nothing is changed', () => {
  test('in a database that is newer than the code', async () => {
    const { superuserUrl: connectionString } = await emptyDatabase();
    const files = { '000001_first': 'select 1;', '000002_second': 'select 2;' };
    await migrate({ connectionString, capabilities: [await createTestRoom(files)], appRole });
    const older = await createTestRoom({ '000001_first': 'select 1;' });
    await expect(
      migrate({ connectionString, capabilities: [older], appRole }),
    ).rejects.toMatchObject({
      code: 'kernel.database_newer',
      message: expect.stringContaining('room/000002_second'),
    });
  });

  test('when an applied file was edited', async () => {
    const { superuserUrl: connectionString } = await emptyDatabase();
    await migrate({
      connectionString,
      capabilities: [await createTestRoom({ '000001_first': 'select 1;' })],
      appRole,
    });
    const edited = await createTestRoom({
      '000001_first': 'select 2;',
      '000002_next': 'create table bulkhead.next (id int);',
    });
    await expect(
      migrate({ connectionString, capabilities: [edited], appRole }),
    ).rejects.toMatchObject({ code: 'kernel.migration_changed' });
    const client = await connect(connectionString);
    const { rows } = await client.query(`select to_regclass('bulkhead.next') as next`);
    expect(rows).toEqual([{ next: null }]);
  });

  test('by a file that fails: what it did before is rolled back, and the message names it', async () => {
    const { superuserUrl: connectionString } = await emptyDatabase();
    const broken = await createTestRoom({
      '000001_broken': 'create table bulkhead.half (id int); select 1/0;',
    });
    await expect(
      migrate({ connectionString, capabilities: [broken], appRole }),
    ).rejects.toMatchObject({
      code: 'kernel.migration_failed',
      message: 'room/000001_broken failed: division by zero; nothing of it was kept.',
    });
    const client = await connect(connectionString);
    const { rows } = await client.query(
      `select to_regclass('bulkhead.half') as half, (select count(*)::int from bulkhead.migration) as journal`,
    );
    expect(rows).toEqual([{ half: null, journal: 0 }]);
  });

  test.each([
    ['a gap', { '000001_first': '', '000003_third': '' }],
    ['a twin', { '000001_first': '', '000001_other': '' }],
    ['a misspelt name', { '00001_first': '' }],
  ])('when a folder has %s', async (_, files) => {
    const room = await createTestRoom(files);
    await expect(
      migrate({ connectionString: 'postgres://127.0.0.1:1/x', capabilities: [room], appRole }),
    ).rejects.toMatchObject({ code: 'kernel.migration_invalid' });
  });

  test.each([140_012, 190_001, 0])('on a server of version %i', (version) => {
    expect(() => assertServerVersion(version)).toThrow(
      expect.objectContaining({ code: 'kernel.server_unsupported' }),
    );
  });

  test('when the server cannot be reached, and the password is not in the message', async () => {
    const connectionString = 'postgres://owner:hunter2@127.0.0.1:1/notes';
    const failure = migrate({ connectionString, capabilities, appRole });
    await expect(failure).rejects.toMatchObject({
      code: 'kernel.database_unavailable',
      message: expect.stringContaining('127.0.0.1:1/notes'),
    });
    const error: Error = await failure.catch((thrown) => thrown);
    expect(JSON.stringify(error) + error.message).not.toContain('hunter2');
  });
});

test("migrating steps back from a lock that is taken, so the app's statements do not queue behind it", async () => {
  const { superuserUrl: connectionString } = await emptyDatabase();
  const before = { '000001_table': 'create table bulkhead.busy (id int);' };
  await migrate({ connectionString, capabilities: [await createTestRoom(before)], appRole });
  const holder = await connect(connectionString);
  await holder.query('begin');
  await holder.query('insert into bulkhead.busy values (1)');

  const room = await createTestRoom({
    ...before,
    '000002_column': 'alter table bulkhead.busy add column name text;',
  });
  const options = { connectionString, capabilities: [room], appRole, lockTimeoutMs: 100 };
  await expect(migrate({ ...options, lockAttemptsMax: 1 })).rejects.toMatchObject({
    code: 'kernel.lock_unavailable',
  });

  const attempts: number[] = [];
  const report = await migrate({
    ...options,
    onProgress(event) {
      if (event.kind !== 'retrying') return;
      attempts.push(event.attempt);
      void holder.query('commit');
    },
  });
  expect(attempts).toEqual([1]);
  expect(report.applied).toHaveLength(1);
});
