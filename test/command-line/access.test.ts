/** `bulkhead access …`, run as built: who may do what in a tenant, and why. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ACME, createAccessApp, SYSTEM } from '#test/access-app';
import { runCommand, runProcess } from '#test/run-command';

test('says who may do what in a tenant and why, for people and for programs', {
  timeout: 120_000,
}, async () => {
  const app = await createAccessApp();
  await app.join('olga', 'owner');
  await app.join('ada', 'member');
  const board = 'b0a2d000-0000-4000-8000-000000000001';
  await app.as(SYSTEM, async () => {
    await app.access.nodes.create({ id: board, kind: 'board', name: 'Launch' });
    await app.access.roles.create({
      key: 'voider',
      name: 'Voider',
      permissions: ['invoice:void'],
      inherits: ['viewer'],
    });
    const group = await app.access.groups.create({ name: 'Finance' });
    await app.access.groups.addMembers({ id: group.id, members: [{ type: 'user', id: 'ada' }] });
    await app.access.grants.create({
      holder: { type: 'group', id: group.id },
      role: 'voider',
      node: board,
      expiresAt: '2099-01-01T00:00:00Z',
    });
  });
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-access-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const config = {
    database: { appRole: 'test_app' },
    isolation: { contextKeys: [app.database.contextKey] },
    identity: { tenantFrom: [{ from: 'header', name: 'x-tenant' }] },
  };
  await writeFile(
    join(folder, 'bulkhead.config.mjs'),
    `export default ${JSON.stringify(config)};\n`,
  );
  const at = { cwd: folder, env: { DATABASE_URL: app.database.appUrl } };
  const access = (...args: string[]) => runCommand(['access', ...args], at);

  const asked = ['access', 'explain', 'acme', 'user:ada', 'invoice:void', '--node', board];
  const may = await runCommand(asked, at);
  expect(await runProcess(asked, at)).toEqual(may);
  expect(may).toMatchObject({ code: 0, stderr: '' });
  expect(may.stdout).toContain('user:ada may invoice:void: it was granted.');
  expect(may.stdout).toMatch(/voider.*Launch.*group Finance.*2099-01-01T00:00:00.000Z/);

  const mayNot = await access('explain', ACME, 'user:ada', 'invoice:void', '--json');
  expect(mayNot.code).toBe(1);
  expect(JSON.parse(mayNot.stdout)).toMatchObject({
    permitted: false,
    reason: 'elsewhere',
    near: [{ role: 'voider', node: board, hindrance: 'elsewhere' }],
    rolesWith: expect.arrayContaining(['admin', 'owner', 'voider']),
  });

  const roles = await access('roles', 'acme', '--json');
  const keys = JSON.parse(roles.stdout).items.map(({ key }: { key: string }) => key);
  expect(keys.sort()).toEqual(
    ['admin', 'auditor', 'billing', 'member', 'owner', 'viewer', 'voider'].sort(),
  );
  const voider = await access('roles', 'acme', 'voider');
  expect(voider.stdout).toMatch(/Voider[\s\S]*invoice:read.*inherited[\s\S]*invoice:void/);

  const owners = await access('grants', 'acme', '--role', 'owner');
  expect(owners.stdout).toContain('user:olga');
  expect(owners.stdout).not.toContain('voider');
  expect((await access('grants', 'bora')).stdout).toBe('Nothing of the kind was granted.\n');

  const held = await access('permissions', 'acme', '--actor', 'user:ada', '--json');
  const names = JSON.parse(held.stdout).permissions.map(({ name }: { name: string }) => name);
  expect(names).toContain('invoice:write');
  expect(names).not.toContain('invoice:void');
  expect((await access('permissions', 'acme')).stdout).toMatch(/invoice:void.*Voids invoices.*yes/);

  expect(await access('explain', 'acme', 'ada', 'invoice:void')).toMatchObject({ code: 64 });
  expect(await access('roles', 'nowhere')).toMatchObject({ code: 64 });
  const absent = await access('roles', 'acme', 'absent');
  expect(absent.code).toBe(1);
  expect(absent.stderr).toContain('access.role_absent');
});
