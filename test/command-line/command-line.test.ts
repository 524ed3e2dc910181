import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { MAIN, type Outcome, runCommand, runProcess } from '#test/run-command';

const PACKAGE = join(import.meta.dirname, '../../packages/bulkhead');

const run = (cwd: string, words: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> =>
  runCommand(words, { cwd, ...(env && { env }) });

async function createApp(
  manifest: unknown = { type: 'module', dependencies: { fastify: '5', kysely: '0.28' } },
) {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-app-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await mkdir(join(folder, 'node_modules'));
  await symlink(PACKAGE, join(folder, 'node_modules/bulkhead'), 'dir');
  return folder;
}

describe('wrong use', () => {
  test.each([
    [['nope'], 'unknown command'],
    [['migrat'], 'Did you mean migrate?'],
    [['key', 'lst'], 'Did you mean list?'],
    [['migrate', '--dry-rn'], 'Did you mean --dry-run?'],
    [['migrate', 'surplus'], 'too many arguments'],
    [['key', 'revoke'], "missing required argument 'kid'"],
    [['key', 'revoke', 'short'], 'must be 8 hex digits'],
    [['init', '--framework', 'rails'], 'Allowed choices'],
  ])('%j ends with 64 and says what was meant', async (words, hint) => {
    const { code, stdout, stderr } = await run(tmpdir(), words);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(hint);
    expect(stderr).toContain('kernel.usage');
  });

  test('under --json is one problem document on stdout', async () => {
    const { code, stdout, stderr } = await run(tmpdir(), ['nope', '--json']);
    expect({ code, stderr }).toEqual({ code: 64, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ code: 'kernel.usage', status: 400 });
  });
});

test.each([
  [[], 'migrate'],
  [['key'], 'generate'],
  [['tenant', 'domain'], 'remove'],
])('%j without a command shows what there is, and is no failure', async (words, command) => {
  const { code, stdout, stderr } = await run(tmpdir(), words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: bulkhead /);
  expect(stdout).toContain(command);
});

describe('as npm installs it, in a process of its own', () => {
  test('help and version end with 0', async () => {
    const help = await runProcess(['--help'], { cwd: tmpdir() });
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('migrate');
    const version = await runProcess(['--version'], { cwd: tmpdir() });
    expect(version.code).toBe(0);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('wrong use is told on stderr, under --json on stdout, and is the exit code', async () => {
    expect(await runProcess(['nope'], { cwd: tmpdir() })).toMatchObject({
      code: 64,
      stdout: '',
      stderr: expect.stringContaining('kernel.usage'),
    });
    const json = await runProcess(['nope', '--json'], { cwd: tmpdir() });
    expect(json).toMatchObject({ code: 64, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({ code: 'kernel.usage' });
  });

  test('a key from .env is what a command finds in the environment', async () => {
    const folder = await createApp();
    await runProcess(['init', '--yes'], { cwd: folder });
    const env = { BULKHEAD_ADMIN_URL: 'postgres://x@127.0.0.1:1/x' };
    expect(await runProcess(['migrate'], { cwd: folder, env })).toMatchObject({ code: 69 });
  });

  test('the version loads nothing that parses, checks or connects', async () => {
    const { stderr } = await runProcess(['--version'], {
      cwd: tmpdir(),
      env: { NODE_DEBUG: 'esm' },
    });
    expect(stderr).not.toMatch(/node_modules[/\\](?:zod|pg|commander)[/\\]/);
  });
});

describe('bulkhead init', () => {
  test('writes the configuration and a key that only the owner reads, never prints it, and shows two lines', async () => {
    const folder = await createApp();
    const { code, stdout, stderr } = await run(folder, [
      'init',
      '--yes',
      '--app-role',
      'notes_app',
    ]);
    expect(code).toBe(0);
    const env = await readFile(join(folder, '.env'), 'utf8');
    const key = /^BULKHEAD_CONTEXT_KEY=(bhk1_[\w-]{43})$/m.exec(env)?.[1] ?? 'absent';
    expect(key).not.toBe('absent');
    expect(stdout + stderr).not.toContain(key);
    expect((await stat(join(folder, '.env'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, '.gitignore'), 'utf8')).toBe('.env\n');
    expect(stdout).toContain('bulkhead.protect(new pg.Pool(');
    expect(stdout).toContain('app.register(bulkhead.fastify());');
    expect(stdout).toContain('new PostgresDialect({ pool })');
  });

  test('never overwrites without --force, and keeps the key even then', async () => {
    const folder = await createApp({ dependencies: { express: '5', '@prisma/client': '7' } });
    await run(folder, ['init', '--yes']);
    const key = await readFile(join(folder, '.env'), 'utf8');
    const again = await run(folder, ['init', '--yes', '--json']);
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({ code: 'kernel.file_exists' });
    const forced = await run(folder, ['init', '--yes', '--force', '--json']);
    expect(forced.code).toBe(0);
    expect(JSON.parse(forced.stdout)).toMatchObject({
      framework: 'express',
      queryLayer: 'prisma',
      modules: 'cjs',
      key: { kid: null },
    });
    expect(await readFile(join(folder, '.env'), 'utf8')).toBe(key);
  });
});

describe('the configuration', () => {
  test('that is missing ends with 78', async () => {
    const folder = await createApp();
    const { code, stderr } = await run(folder, ['doctor']);
    expect(code).toBe(78);
    expect(stderr).toContain('kernel.config_missing');
  });

  test('with faults ends with 78 and tells all of them', async () => {
    const folder = await createApp();
    const config = {
      database: {},
      isolation: { contextKeys: ['x'], colour: 1 },
      identity: { tenantFrom: [{ from: 'domain' }] },
    };
    await writeFile(join(folder, 'bulkhead.config.json'), JSON.stringify(config));
    const { code, stderr } = await run(folder, ['migrate']);
    expect(code).toBe(78);
    for (const path of ['database.appRole', 'isolation.contextKeys[0]', 'isolation.colour']) {
      expect(stderr).toContain(path);
    }
  });

  test('is found above the working directory', async () => {
    const folder = await createApp();
    await run(folder, ['init', '--yes']);
    const env = {
      BULKHEAD_CONTEXT_KEY: `bhk1_${'A'.repeat(43)}`,
      BULKHEAD_ADMIN_URL: 'postgres://x:hunter2@127.0.0.1:1/x',
    };
    await mkdir(join(folder, 'src'));
    const { code, stdout, stderr } = await run(join(folder, 'src'), ['migrate'], env);
    expect(code).toBe(69);
    expect(stdout + stderr).not.toContain('hunter2');
  });
});

describe('on a database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: false });
  });
  afterAll(() => database.drop());

  test('doctor finds what is missing, migrate brings it about, doctor is content; keys come and go', async () => {
    const folder = await createApp();
    const env = { BULKHEAD_ADMIN_URL: database.superuserUrl };
    const json = async (...words: string[]) => {
      const outcome = await run(folder, [...words, '--json'], env);
      return { code: outcome.code, document: JSON.parse(outcome.stdout) };
    };
    await run(folder, ['init', '--yes', '--app-role', 'test_app']);

    const sick = await json('doctor');
    expect(sick).toMatchObject({ code: 1, document: { healthy: false } });
    expect(await json('key', 'list')).toMatchObject({
      code: 78,
      document: {
        code: 'kernel.database_unmigrated',
        next: expect.stringContaining('bulkhead migrate'),
      },
    });

    const first = await json('migrate');
    expect(first.code).toBe(0);
    expect(first.document.applied.length).toBeGreaterThan(0);
    const second = await run(folder, ['migrate'], env);
    expect(second.stdout).toContain('Nothing to do');

    const well = await json('doctor');
    expect(
      well.document.findings.filter(({ status }: { status: string }) => status === 'fault'),
    ).toEqual([]);
    expect(well.code).toBe(0);

    const { document } = await json('key', 'list');
    const listed = await runProcess(['key', 'list', '--json'], { cwd: folder, env });
    expect(JSON.parse(listed.stdout)).toEqual(document);
    expect(document.keys).toHaveLength(1);
    expect(document.keys[0]).toMatchObject({ state: 'accepted', notAfter: null });
    expect(Object.keys(document.keys[0]).sort()).toEqual([
      'createdAt',
      'kid',
      'notAfter',
      'revokedAt',
      'state',
    ]);

    const app = new pg.Client({ connectionString: database.appUrl });
    const ended = new Promise((resolve) => app.on('error', resolve));
    await app.connect();
    const revoked = await json('key', 'revoke', document.keys[0].kid);
    expect(revoked).toMatchObject({ code: 0, document: { sessionsEnded: 1 } });
    await ended;
    expect((await json('doctor')).code).toBe(1);
    // A revoked key stays revoked.
    await json('key', 'install');
    expect((await json('key', 'list')).document.keys[0].state).toBe('revoked');
    expect(await json('key', 'revoke', '00000000')).toMatchObject({
      code: 1,
      document: { code: 'isolation.context_key_unknown' },
    });
  }, 60_000);
});

test('what a mere owner may not harden is one line for a person, and all of it under --json', async () => {
  const database = await createTestDatabase({ migrated: false });
  onTestFinished(() => database.drop());
  const superuser = new pg.Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  onTestFinished(() => superuser.end());
  const owner = `owner_of_${database.name}`;
  await superuser.query(`create role ${owner} login createrole password 'o'`);
  await superuser.query(`grant bulkhead to ${owner}`);
  await superuser.query(`alter database ${database.name} owner to ${owner}`);
  onTestFinished(async () => {
    await superuser.query(`reassign owned by ${owner} to current_user`);
    await superuser.query(`drop owned by ${owner}`);
    await superuser.query(`drop role ${owner}`);
  });
  const folder = await createApp();
  await run(folder, ['init', '--yes', '--app-role', 'test_app']);
  const url = new URL(database.superuserUrl);
  url.username = owner;
  url.password = 'o';
  const env = { BULKHEAD_ADMIN_URL: url.href };

  const first = await run(folder, ['migrate'], env);
  expect(first).toMatchObject({ code: 0 });
  const told = first.stdout.split('\n').filter((line) => /hardening/i.test(line));
  const count = Number(/not applied in (\d+) places/.exec(told[0] ?? '')?.[1]);
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('bulkhead doctor');
  expect(first.stdout).not.toContain('pg_terminate_backend');

  const { warnings } = JSON.parse((await run(folder, ['migrate', '--json'], env)).stdout) as {
    warnings: string[];
  };
  const all = warnings.filter((warning) => warning.startsWith('hardening not applied: '));
  expect(all.length).toBeGreaterThan(30);
  expect(all).toHaveLength(count);
  const doctor = await run(folder, ['doctor'], env);
  expect(doctor.stdout).toContain('hardening');
}, 60_000);

test('migrate --dry-run prints the SQL and connects to nothing', async () => {
  const { code, stdout } = await run(tmpdir(), ['migrate', '--dry-run']);
  expect(code).toBe(0);
  expect(stdout).toContain('create table bulkhead.context_key');
});

test('a reader that closes the pipe early ends the program quietly', async () => {
  const child = spawn(
    'bash',
    ['-c', `"${process.execPath}" "${MAIN}" migrate --dry-run | head -c 10`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  child.stdout.resume();
  await new Promise((resolve) => child.on('close', resolve));
  expect(stderr).toBe('');
});
