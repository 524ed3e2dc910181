/** `bulkhead work`, killed and told to stop. Runs the built package. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { headerOf, startMailServer } from '#test/mail-server';
import { openHouse } from '../../packages/bulkhead/src/identity/testdata/house.ts';

const MAIN = join(import.meta.dirname, '../../packages/bulkhead/dist/cli/main.js');

async function folderWith(config: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-work-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'bulkhead.config.json'), JSON.stringify(config));
  await writeFile(
    join(folder, 'bulkhead.config.mjs'),
    `import { readFileSync } from 'node:fs';
     export default JSON.parse(readFileSync(new URL('./bulkhead.config.json', import.meta.url), 'utf8'));`,
  );
  return folder;
}

function work(cwd: string) {
  const child = spawn(process.execPath, [MAIN, 'work', '--json'], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  return { child, exited: once(child, 'exit'), stdout: () => stdout };
}

test('killed between sending and saying so, mail goes again with the same Message-ID and nothing is lost', {
  timeout: 60_000,
}, async () => {
  const server = await startMailServer();
  const smtpUrl = `smtp://127.0.0.1:${server.port}`;
  const mail = { smtpUrl, from: 'Notes <hello@notes.example>', sendFrom: 'worker' as const };
  const house = await openHouse({ mail, publicUrl: 'https://app.example' });
  const { invitations } = house.bulkhead.identity;
  const emails = ['ada@acme.example', 'bob@acme.example', 'eve@acme.example'];
  for (const email of emails) {
    await house.as(house.acme, { type: 'system', id: 'test' }, () =>
      invitations.create({ email, role: 'member' }),
    );
  }
  const folder = await folderWith({
    database: { appRole: 'test_app', identityRole: 'test_identity' },
    isolation: { contextKeys: [house.database.contextKey] },
    identity: { accountsUrl: house.database.identityUrl, mail, publicUrl: 'https://app.example' },
  });

  // The server has the whole message, and dies a worker before it hears so.
  const first = work(folder);
  server.onMessage(async () => {
    first.child.kill('SIGKILL');
    await first.exited;
  });
  expect(await first.exited).toEqual([null, 'SIGKILL']);
  const before = server.taken.length;
  expect(before).toBeGreaterThan(0);
  server.onMessage(() => undefined);
  await house.admin.query('update bulkhead.mail set due_at = now()');

  const second = work(folder);
  await vi.waitFor(
    async () => {
      const { rows } = await house.admin.query('select from bulkhead.mail where sent_at is null');
      expect(rows).toHaveLength(0);
    },
    { timeout: 20_000, interval: 50 },
  );
  const ids = new Map<string | undefined, Set<string | undefined>>();
  for (const taken of server.taken) {
    const [to] = taken.to;
    ids.set(to, (ids.get(to) ?? new Set()).add(headerOf(taken, 'message-id')));
  }
  expect([...ids.keys()].sort()).toEqual(emails);
  expect([...ids.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
  expect(server.taken.length).toBeGreaterThanOrEqual(before + 3);

  second.child.kill('SIGTERM');
  expect((await second.exited)[0]).toBe(0);
  expect(JSON.parse(second.stdout())).toEqual({
    stopped: true,
    tasks: ['mail', 'domains', 'sessions'],
  });
});

test('without anything to do it says what is missing', async () => {
  const folder = await folderWith({
    database: { appRole: 'app' },
    isolation: { contextKeys: [`bhk1_${'A'.repeat(43)}`] },
    identity: {},
  });
  expect((await work(folder).exited)[0]).toBe(78);
});
