import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '#test/database';
import { type Outcome, runCommand } from '#test/run-command';

const A = '00000000-0000-4000-8000-0000000000a1';
const leakySql = `
  create table tenants (id uuid primary key, name text not null);
  create table notes (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants, body text);
  create table invoices (id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenants, number text);
  alter table notes enable row level security;
  create policy tenant_isolation on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
  insert into tenants values ('${A}', 'Acme');
  insert into invoices (tenant_id, number) values ('${A}', 'secret');
  grant usage on schema public to test_app;
  grant select, insert, update, delete on notes, invoices to test_app;`;

let leaky: TestDatabase;
let leakyUrl: string;
beforeAll(async () => {
  leaky = await createTestDatabase({ migrated: false });
  leakyUrl = leaky.superuserUrl;
  await query(leakyUrl, leakySql);
});
afterAll(() => leaky?.drop());

async function query(url: string, sql: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql);
  } finally {
    await client.end();
  }
}

async function newFolder(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-prove-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

async function prove(
  words: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  const { cwd = await newFolder(), env } = options;
  return runCommand(['prove', ...words], { cwd, ...(env && { env }) });
}

const isApp = ['--role', 'test_app'];

describe('any database, with nothing of Bulkhead in it', () => {
  test('a leak ends with 1, and is told with the SQL that shows it and the SQL that closes it', async () => {
    const { code, stdout } = await prove([leakyUrl, ...isApp]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✖ LEAK/);
    expect(stdout).toContain('public.invoices');
    expect(stdout).toContain('it was run, gave tenant A away, and was rolled back');
    expect(stdout).toContain('What no catalog can see');
  });

  test('the URL may come as option or from the environment, the tenant setting be named', async () => {
    const { code } = await prove(['--database-url', leakyUrl, ...isApp]);
    const fromEnvironment = await prove([...isApp, '--tenant-setting', 'app.tenant_id'], {
      env: { DATABASE_URL: leakyUrl },
    });
    expect([code, fromEnvironment.code]).toEqual([1, 1]);
  });

  test('JSON is one document, the same on every run, and says what was run', async () => {
    const first = await prove([leakyUrl, ...isApp, '--format', 'json']);
    const second = await prove([leakyUrl, ...isApp, '--json']);
    expect(first.stdout).toBe(second.stdout);
    const report = JSON.parse(first.stdout);
    expect(report).toMatchObject({ version: 1, role: 'test_app', database: leaky.name });
    const invoices = report.objects.find(
      (one: { object: string }) => one.object === 'public.invoices',
    );
    expect(invoices).toMatchObject({ type: 'table', verdict: 'leak' });
    expect(invoices.findings[0]).toMatchObject({ kind: 'rls-not-enabled', confirmed: true });
    const { proven, leak, unknown } = report.summary;
    expect(proven + leak + unknown).toBe(report.objects.length);
  });

  test('without the probe nothing is confirmed, and the verdict is the same', async () => {
    const { code, stdout } = await prove([leakyUrl, ...isApp, '--no-probe', '--json']);
    expect(code).toBe(1);
    expect(stdout).not.toContain('"confirmed": true');
  });

  test('--fix writes a migration that closes it; afterwards all is proven', async () => {
    const database = await createTestDatabase({ migrated: false });
    onTestFinished(() => database.drop());
    await query(database.superuserUrl, leakySql);
    const cwd = await newFolder({ 'mine.sql': 'select 1;' });
    const written = await prove([database.superuserUrl, ...isApp, '--fix', 'fix.sql'], { cwd });
    expect(written.code).toBe(1);
    await query(database.superuserUrl, await readFile(join(cwd, 'fix.sql'), 'utf8'));
    const { code, stdout } = await prove([database.superuserUrl, ...isApp]);
    expect(stdout).toMatch(/^✔ PROVEN/);
    expect(code).toBe(0);
    // It writes over its own file, never over another.
    expect((await prove([leakyUrl, ...isApp, '--fix', 'fix.sql'], { cwd })).code).toBe(1);
    const refused = await prove([leakyUrl, ...isApp, '--fix', 'mine.sql'], { cwd });
    expect(refused.stderr).toContain('kernel.file_exists');
    expect(await readFile(join(cwd, 'mine.sql'), 'utf8')).toBe('select 1;');
  });

  test('a baseline forgives what it lists and nothing else', async () => {
    const { stdout } = await prove([leakyUrl, ...isApp, '--json']);
    const report = JSON.parse(stdout);
    const cwd = await newFolder({
      'all.json': stdout,
      'none.json': JSON.stringify({ ...report, objects: [] }),
      'bad.json': '{}',
    });
    expect((await prove([leakyUrl, ...isApp, '--baseline', 'all.json'], { cwd })).code).toBe(0);
    expect((await prove([leakyUrl, ...isApp, '--baseline', 'none.json'], { cwd })).code).toBe(1);
    const bad = await prove([leakyUrl, ...isApp, '--baseline', 'bad.json'], { cwd });
    expect([bad.code, bad.stderr]).toEqual([64, expect.stringContaining('prove_baseline_invalid')]);
  });

  test('--out keeps SARIF in a file and the report on the terminal', async () => {
    const cwd = await newFolder();
    const { stdout } = await prove([leakyUrl, ...isApp, '--format', 'sarif', '--out', 'p.sarif'], {
      cwd,
    });
    expect(stdout).toMatch(/^✖ LEAK/);
    const sarif = JSON.parse(await readFile(join(cwd, 'p.sarif'), 'utf8'));
    expect(sarif.version).toBe('2.1.0');
    expect(sarif.runs[0].results.length).toBeGreaterThan(0);
  });

  test('an attestation opens with the public part of its key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const cwd = await newFolder({ 'key.pem': pem });
    const { stdout } = await prove([leakyUrl, ...isApp, '--format', 'intoto', '--key', 'key.pem'], {
      cwd,
    });
    const { payloadType, payload, signatures } = JSON.parse(stdout);
    const body = Buffer.from(payload, 'base64');
    const signed = Buffer.concat([
      Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `),
      body,
    ]);
    const signature = Buffer.from(signatures[0].sig, 'base64');
    expect(
      verify(
        null,
        signed,
        createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
        signature,
      ),
    ).toBe(true);
    expect(JSON.parse(body.toString())).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: `postgresql:${leaky.name}` }],
      predicate: { verdict: 'leak', role: 'test_app' },
    });
    const ephemeral = await prove([leakyUrl, ...isApp, '--format', 'intoto']);
    expect(ephemeral.stderr).toContain('BEGIN PUBLIC KEY');
  });

  test('leaves the database as it was', async () => {
    const state = `select (select json_agg(n order by n.id) from notes n), (select json_agg(i) from (select i.*, i.xmin::text, i.ctid::text from invoices i) i),
      (select json_agg(c order by oid) from (select oid, relname, relfilenode, relacl::text, relrowsecurity from pg_class where relnamespace = 'public'::regnamespace) c)`;
    const before = await query(leakyUrl, state);
    await prove([leakyUrl, ...isApp]);
    const after = await query(leakyUrl, state);
    expect(after.rows).toEqual(before.rows);
  });
});

describe('wrong use ends with 64', () => {
  test.each([
    [['--role', 'nobody_here'], 'prove_role_absent'],
    [['--tenant-setting', 'app.tenant_id', '--tenant-expression', '1'], 'tenant-setting'],
    [['--tenant-setting', "x'; drop"], 'not the name of a setting'],
    [['--key', 'key.pem'], 'intoto'],
    [['--migrations', 'db'], 'no other can be named'],
    [['--format', 'yaml'], 'yaml'],
    [['--baseline', 'not-there.json'], 'prove_baseline_invalid'],
  ])('%s', async (words, said) => {
    const { code, stderr } = await prove([leakyUrl, ...words]);
    expect(stderr).toContain(said);
    expect(code).toBe(64);
  });

  test('no database named, and none to be found', async () => {
    const { code, stderr } = await prove([]);
    expect([code, stderr]).toEqual([64, expect.stringContaining('No database was named')]);
  });
});

test('a database that cannot be reached ends with 69, and never prints the password', async () => {
  const { code, stderr } = await prove(['postgres://me:hunter2@127.0.0.1:1/x', ...isApp]);
  expect(code).toBe(69);
  expect(stderr).not.toContain('hunter2');
});

describe('migrations', { timeout: 60_000 }, () => {
  test('of Prisma, in which the app owns its tables: the owner is bound by no policy', async () => {
    const cwd = await newFolder({
      'prisma/migrations/20240101_init/migration.sql':
        'create table tenants (id uuid primary key);\ncreate table notes (id uuid primary key, tenant_id uuid not null references tenants);',
      'prisma/migrations/20240201_rls/migration.sql': `alter table notes enable row level security;
        create policy p on notes using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);`,
      'prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
      'package.json': '{}',
    });
    const { code, stdout } = await prove(['--migrations', '.', '--format', 'sarif'], { cwd });
    expect(code).toBe(1);
    const notes = JSON.parse(stdout).runs[0].results.find(
      ({ locations }: { locations: { logicalLocations: { fullyQualifiedName: string }[] }[] }) =>
        locations[0]?.logicalLocations[0]?.fullyQualifiedName === 'public.notes',
    );
    expect(notes.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'prisma/migrations/20240101_init/migration.sql' },
      region: { startLine: 2 },
    });
  });

  test('of Supabase: policies by auth.uid() hold, a table without them does not', async () => {
    const cwd = await newFolder({
      'supabase/migrations/20240101000000_todos.sql': `
        create table public.todos (id uuid primary key default gen_random_uuid(), user_id uuid not null references auth.users, body text);
        alter table public.todos enable row level security;
        create policy "own todos" on public.todos for all to authenticated using (auth.uid() = user_id) with check (auth.uid() = user_id);`,
      'supabase/migrations/20240102000000_cards.sql':
        'create extension pg_cron;\ncreate table public.cards (id uuid primary key default gen_random_uuid(), user_id uuid not null references auth.users, number text);',
    });
    const { stdout } = await prove(
      ['--migrations', 'supabase/migrations', '--role', 'authenticated', '--json'],
      { cwd },
    );
    const report = JSON.parse(stdout);
    const verdictOf = (object: string) =>
      report.objects.find((one: { object: string }) => one.object === object)?.verdict;
    expect(verdictOf('public.cards')).toBe('leak');
    expect(report.notSeen.join()).toContain('pg_cron');
  });

  test('what could not be run is unknown, with its file and line', async () => {
    const cwd = await newFolder({
      'db/V2__more.sql': 'select 1;\n\nalter table not_there add column x int;',
      'db/V10__last.sql': 'drop table notes;',
      'db/V1__init.sql': 'create table notes (id int);\ngrant select on notes to app_somebody;',
      'db/U1__undo.sql': 'drop table never;',
    });
    const { code, stdout } = await prove(
      ['--migrations', 'db', '--role', 'app_somebody', '--json'],
      { cwd },
    );
    expect(code).toBe(2);
    const report = JSON.parse(stdout);
    expect(report.objects[0]).toMatchObject({
      object: 'migration:db/V2__more.sql:3',
      verdict: 'unknown',
      findings: [{ kind: 'statement-not-run' }],
    });
    expect(report.summary.unknown).toBe(1);
  });

  test('a folder without any is refused', async () => {
    const cwd = await newFolder({ 'db/readme.md': '' });
    const { code, stderr } = await prove(['--migrations', 'db'], { cwd });
    expect([code, stderr]).toEqual([64, expect.stringContaining('prove_migrations_missing')]);
  });
});
