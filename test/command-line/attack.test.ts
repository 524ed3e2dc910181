import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runCommand } from '#test/run-command';
import {
  BASALT,
  createStock,
  type Stock,
} from '../../packages/bulkhead/src/isolation/attack/testdata/stock.ts';

async function attack({ database }: Stock, words: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const cwd = await mkdtemp(join(tmpdir(), 'bulkhead-attack-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const config = {
    database: { appRole: 'test_app' },
    isolation: { contextKeys: [database.contextKey], pooler: 'none' },
    identity: { tenantFrom: [{ from: 'header', name: 'x-tenant' }] },
  };
  await writeFile(join(cwd, 'bulkhead.config.json'), JSON.stringify(config));
  return runCommand(['attack', ...words], {
    cwd,
    env: { DATABASE_URL: database.appUrl, BULKHEAD_ADMIN_URL: database.superuserUrl, ...env },
  });
}

test('bulkhead attack ends with 0 when all held, with a table and the verdict', async () => {
  const stock = await createStock();
  const words = [
    '--tenant',
    BASALT,
    '--seed',
    '5',
    '--family',
    'reading',
    '--family',
    'function abuse',
  ];
  const { code, stdout, stderr } = await attack(stock, words);
  expect({ code, stderr: stderr.includes('Attacking') }).toEqual({ code: 0, stderr: true });
  expect(stdout).toMatch(/reading\s+│\s+pool/);
  expect(stdout).toMatch(/function abuse\s+│\s+raw/);
  expect(stdout).toContain('HELD');
  expect(stdout).toContain('seed 5');
});

test('it ends with 1 when something crossed, and prints the statement that shows it', async () => {
  const stock = await createStock('alter table item disable row level security');
  const shown = await attack(stock, ['--tenant', BASALT, '--driver', 'raw', '--family', 'reading']);
  expect(shown.code).toBe(1);
  expect(shown.stdout).toContain('LEAK');
  expect(shown.stdout).toContain('public.item');
  expect(shown.stdout).toMatch(/select .* from public\.item/);
  const json = await attack(stock, ['--driver', 'pool', '--family', 'reading', '--json']);
  expect(json.code).toBe(1);
  const report = JSON.parse(json.stdout);
  expect(report).toMatchObject({
    verdict: 'leak',
    families: [{ name: 'reading', driver: 'pool' }],
  });
  expect(report.families[0].findings[0]).toMatchObject({
    object: 'public.item',
    canary: { table: 'public.item' },
  });
  // The judge's connection and the key stay with the judge.
  expect(json.stdout).not.toContain(stock.database.contextKey);
  expect(json.stdout).not.toContain(new URL(stock.database.appUrl).password);
});

test('it says what is wrong with how it was called, by its exit code', async () => {
  const stock = await createStock();
  expect((await attack(stock, ['--family', 'gardening'])).code).toBe(64);
  expect((await attack(stock, ['--seconds', 'soon'])).code).toBe(64);
  expect((await attack(stock, [], { DATABASE_URL: '' })).code).toBe(78);
  const unreachable = { DATABASE_URL: 'postgres://test_app@127.0.0.1:1/none' };
  expect((await attack(stock, [], unreachable)).code).toBe(69);
  const list = await attack(stock, ['--list']);
  expect(list.code).toBe(0);
  expect(list.stdout).toContain('constraint oracles');
});
