import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { capabilities } from '../../capabilities.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../embedded/index.ts';
import { migrate } from './migrate.ts';

// A cluster of its own: on the shared one the role `bulkhead` is there already, made by a superuser.
let server: EmbeddedPostgres;
let folder: string;
let superuser: pg.Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-managed-'));
  server = await startEmbeddedPostgres({ dataDir: folder });
  superuser = new pg.Client({ connectionString: server.superuserUrl });
  await superuser.connect();
  await superuser.query(`create role managed_admin login createrole createdb password 'm'`);
  await superuser.query(`create role bare_owner login password 'b'`);
  await superuser.query('create database managed owner managed_admin');
  await superuser.query('create database bare owner bare_owner');
}, 60_000);

afterAll(async () => {
  await superuser.end();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a role without CREATEROLE is told which privilege it lacks, and nothing is changed', async () => {
  const connectionString = server.url({ database: 'bare', user: 'bare_owner', password: 'b' });
  await expect(
    migrate({ connectionString, capabilities, appRole: 'bare_app' }),
  ).rejects.toMatchObject({
    code: 'kernel.privilege_missing',
    message: expect.stringContaining('CREATEROLE'),
  });
});

test('the administrator of a managed service, no superuser, migrates; what the service refuses is a warning', async () => {
  const connectionString = server.url({
    database: 'managed',
    user: 'managed_admin',
    password: 'm',
  });
  const options = {
    connectionString,
    capabilities,
    appRole: 'managed_app',
    operatorRole: 'managed_operator',
  };
  const report = await migrate(options);
  expect(report.applied.length).toBeGreaterThan(0);
  expect(report.warnings.join('\n')).toMatch(/only a superuser may give BYPASSRLS/);
  expect(report.warnings.join('\n')).toMatch(/hardening not applied: .*pg_terminate_backend/);
  expect((await migrate(options)).applied).toEqual([]);
});

test('another role that may not become bulkhead is told what to have granted', async () => {
  await superuser.query(`create role second_admin login createrole password 's'`);
  await superuser.query('create database second owner second_admin');
  const connectionString = server.url({ database: 'second', user: 'second_admin', password: 's' });
  const options = { connectionString, capabilities, appRole: 'second_app' };
  await expect(migrate(options)).rejects.toMatchObject({
    code: 'kernel.privilege_missing',
    message: expect.stringContaining('grant bulkhead to "second_admin"'),
  });
  await superuser.query('grant bulkhead to second_admin');
  expect((await migrate(options)).applied.length).toBeGreaterThan(0);
});
