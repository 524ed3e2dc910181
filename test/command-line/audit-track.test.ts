/** `bulkhead audit track`, `tracked`, `untrack`, `erase` and what generates keys. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineActions } from 'bulkhead';
import { expect, onTestFinished, test } from 'vitest';
import { ACME, createAuditApp } from '#test/audit-app';
import { ORIGIN } from '#test/audit-ground';
import { runCommand } from '#test/run-command';

const OPERATORS = '00000000-0000-0000-0000-000000000000';
const actions = defineActions({ 'note.created': { description: 'A note was written.' } });

async function createShell() {
  const app = await createAuditApp(actions);
  const cwd = await mkdtemp(join(tmpdir(), 'bulkhead-audit-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const { database, vaultKey } = app.ground;
  await writeFile(
    join(cwd, 'bulkhead.config.json'),
    JSON.stringify({
      database: { appRole: 'test_app', operatorRole: 'test_operator' },
      isolation: { contextKeys: [database.contextKey] },
      identity: {},
      audit: { origin: ORIGIN, vaultKeys: [vaultKey], sequencerUrl: database.auditUrl },
    }),
  );
  const run = async (...words: string[]) => {
    const { code, stdout, stderr } = await runCommand(words, {
      cwd,
      env: { BULKHEAD_ADMIN_URL: database.superuserUrl, NO_COLOR: '1' },
    });
    return { code, out: stdout + stderr };
  };
  return { ...app, cwd, run };
}

test('a table is tracked, listed and untracked, and the operators’ log says so', async () => {
  const { run, asAcme, pool, events } = await createShell();
  expect(await run('audit', 'track', 'note', '--mask', 'title')).toMatchObject({ code: 0 });
  const listed = await run('audit', 'tracked', '--json');
  expect(JSON.parse(listed.out).tables).toMatchObject([
    { table: 'note', enabled: true, settings: { type: 'note', mask: ['title'] } },
  ]);
  await asAcme(() => pool.query(`insert into note (title) values ('secret')`));
  expect(await events(ACME)).toMatchObject([
    { action: 'row.inserted', after: { title: { $masked: true } } },
  ]);
  expect((await run('audit', 'untrack', 'note')).out).toContain('no more');
  expect((await run('audit', 'untrack', 'note')).out).toContain('was not tracked');
  expect((await run('audit', 'tracked')).out).toContain('No table is tracked');
  const told = await events(OPERATORS);
  expect(told.map(({ action, targets }) => `${action} ${targets[0]?.id}`)).toEqual([
    'table.tracked note',
    'table.untracked note',
  ]);
  expect(told[0]?.actor).toMatchObject({ type: 'operator', id: expect.stringMatching(/^cli:/) });
});

test('wrong settings are refused with the reason, and --sql changes nothing', async () => {
  const { run } = await createShell();
  expect(await run('audit', 'track', 'nowhere')).toMatchObject({
    code: 1,
    out: expect.stringContaining('no table nowhere'),
  });
  // What is no table of the app's, and what is no name at all.
  for (const table of ['pg_class', 'x; y']) {
    const { code, out } = await run('audit', 'track', table);
    expect([code, out]).toEqual([1, expect.stringContaining('audit.track_refused')]);
  }
  expect(await run('audit', 'track', 'note', '--exclude', 'colour')).toMatchObject({
    code: 1,
    out: expect.stringContaining('no column colour'),
  });
  expect(await run('audit', 'track', 'note', '--personal', 'title')).toMatchObject({ code: 64 });
  const { out } = await run('audit', 'track', 'note', '--personal', 'title=actor', '--sql');
  expect(out.trim()).toBe(
    `select bulkhead.audit_track('note', '{"personal":{"title":{"type":"actor"}}}');`,
  );
  expect((await run('audit', 'tracked')).out).toContain('No table is tracked');
});

test('a person is erased from the command line; keys are written where only their owner reads them', async () => {
  const { run, cwd, asAcme, pool, bulkhead, events } = await createShell();
  await asAcme(() => bulkhead.audit.record({ action: 'note.created', ip: '192.0.2.8' }, pool));
  await events();
  const erase = ['audit', 'erase', 'user:alice'];
  expect(await run(...erase, '--tenant', ACME)).toMatchObject({ code: 64 });
  expect(await run(...erase, '--tenant', 'nosuch', '--reason', 'a try')).toMatchObject({
    code: 64,
    out: expect.stringContaining('no tenant has the slug'),
  });
  const erased = await run(...erase, '--tenant', 'acme', '--reason', 'Request 17', '--json');
  expect(JSON.parse(erased.out)).toMatchObject({ wasKnown: true, openingsDeleted: 1 });
  expect((await events())[0]?.closed).toMatchObject({ '/ip': 'erased' });
  for (const [words, variable] of [
    ['audit key generate vault', 'AUDIT_VAULT_KEY'],
    ['audit key generate signing', 'AUDIT_SIGNING_KEY'],
    ['credential-key generate', 'BULKHEAD_CREDENTIAL_KEY'],
  ] as const) {
    const { code, out } = await run(...words.split(' '));
    const written = await readFile(join(cwd, '.env'), 'utf8');
    const key =
      new RegExp(`^${variable}=(bh[vac]1_[A-Za-z0-9_-]{43})$`, 'm').exec(written)?.[1] ?? 'absent';
    expect({ code, shown: out.includes(key) }).toEqual({ code: 0, shown: false });
  }
  expect((await stat(join(cwd, '.env'))).mode & 0o777).toBe(0o600);
});

test('a credential key is never replaced: the next one gets a name of its own, and the refusal says so', async () => {
  const { run, cwd } = await createShell();
  expect((await run('credential-key', 'generate')).code).toBe(0);
  const [first] = (await readFile(join(cwd, '.env'), 'utf8')).split('\n');
  const again = await run('credential-key', 'generate', '--json');
  expect(JSON.parse(again.out)).toMatchObject({
    code: 'kernel.file_exists',
    next: expect.stringMatching(/--name BULKHEAD_CREDENTIAL_KEY_2\b/),
  });
  expect(again.out).not.toContain('--force');
  const next = await run('credential-key', 'generate', '--name', 'BULKHEAD_CREDENTIAL_KEY_2');
  expect(next.code).toBe(0);
  const lines = (await readFile(join(cwd, '.env'), 'utf8')).split('\n');
  expect(lines).toEqual([first, expect.stringMatching(/^BULKHEAD_CREDENTIAL_KEY_2=bhc1_/), '']);
});

test('bringing a table behind the wall is on record with the operators', async () => {
  const { run, admin, events } = await createShell();
  await admin.query('create table loose (org_id uuid not null, id int primary key)');
  expect(await run('protect', 'loose', '--tenant-column', 'org_id', '--dry-run')).toMatchObject({
    code: 0,
  });
  expect(await events(OPERATORS)).toEqual([]);
  expect(await run('protect', 'loose', '--tenant-column', 'org_id', '--apply')).toMatchObject({
    code: 0,
  });
  expect(await events(OPERATORS)).toMatchObject([
    { action: 'table.protected', targets: [{ type: 'table', id: 'loose' }] },
  ]);
});
