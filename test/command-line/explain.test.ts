/** What a message points to is in the package: whoever has only installed it can follow every next step. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { runCommand, runProcess } from '#test/run-command';
import { capabilities } from '../../packages/bulkhead/src/capabilities.ts';

const PACKAGE = join(import.meta.dirname, '../../packages/bulkhead');
const run = promisify(execFile);

const explain = (...words: string[]) => runCommand(['explain', ...words], { cwd: tmpdir() });

const catalogue = capabilities.flatMap(({ errors }) => Object.entries(errors));

test('every error code’s page is in the package', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: PACKAGE,
  });
  const packed = JSON.parse(stdout) as { files: { path: string }[] }[];
  const files = new Set(packed.flatMap((one) => one.files.map(({ path }) => path)));
  const missing = catalogue.filter(([code]) => !files.has(`dist/docs/errors/${code}.md`));
  expect(missing.map(([code]) => code)).toEqual([]);
});

test('no next step names a file of the repository', () => {
  for (const [code, { title, next }] of catalogue) {
    expect(`${title} ${next}`, code).not.toMatch(/\bdocs\//);
  }
});

test('a code’s page is printed, and under --json comes with its entry', async () => {
  // The pages are the build's.
  const [topic, at] = ['isolation.context_missing', { cwd: tmpdir() }];
  const { stdout } = await runProcess(['explain', topic], at);
  expect(stdout).toMatch(/^isolation\.context_missing\n/);
  expect(stdout).toContain('What to do');
  const json = JSON.parse((await runProcess(['explain', topic, '--json'], at)).stdout);
  expect(json).toMatchObject({ code: 'isolation.context_missing', status: 500 });
  expect(json.page).toMatch(/^# isolation\.context_missing\n/);
});

test.each([
  ['isolation.contextKeys[0]', ['isolation.contextKeys']],
  ['identity.tenantFrom[1].name', ['identity.tenantFrom[].name', 'identity.tenantFrom[].name']],
  ['isolation.allow', ['isolation.allow', 'isolation.allow.functions']],
  ['database', ['database.adminUrl', 'database.appRole', 'database.operatorRole']],
])('a key is explained as a fault of the configuration names it: %s', async (topic, keys) => {
  const told = JSON.parse((await explain(topic, '--json')).stdout) as { key: string }[];
  expect(told.map(({ key }) => key)).toEqual(expect.arrayContaining(keys));
  expect((await explain(topic)).stdout).toContain(keys[0]);
});

test('without a topic every code is listed', async () => {
  const { stdout } = await explain();
  for (const [code] of catalogue) expect(stdout).toContain(code);
});

test('an unknown topic is wrong use, and says what may have been meant', async () => {
  expect((await explain('isolation.kontext_missing')).code).toBe(64);
  expect((await explain('context_missing')).stderr).toContain(
    'Did you mean isolation.context_missing',
  );
});
