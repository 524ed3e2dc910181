/** An import of invitations, killed (SIGKILL) in the middle of its table: run again, it invites the rest, and nobody twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { MAIN } from '#test/run-command';
import { openHouse } from '../../packages/bulkhead/src/identity/testdata/house.ts';

const IMPORTER = join(import.meta.dirname, 'testdata/importer.mjs');
/** Two pieces of the import, of which the second is short and holds the last of them. */
const PEOPLE = 600;
const HELD = 'person550@acme.example';
const csv = [
  'email,role',
  ...Array.from({ length: PEOPLE }, (_, index) => `person${index}@acme.example,viewer`),
].join('\n');

async function openOffice() {
  const house = await openHouse();
  const { database, admin, acme } = house;
  const cwd = await mkdtemp(join(tmpdir(), 'bulkhead-import-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  const file = join(cwd, 'people.csv');
  await writeFile(file, csv);
  await admin.query(
    'insert into bulkhead.invitation_quota (tenant_id, per_day) values ($1, 5000)',
    [acme.id],
  );
  const { appUrl, identityUrl, contextKey } = database;
  const config = {
    database: { appRole: 'test_app', identityRole: 'test_identity' },
    isolation: { contextKeys: [contextKey] },
    identity: { publicUrl: 'https://app.example' },
  };
  await writeFile(join(cwd, 'bulkhead.config.json'), JSON.stringify(config));
  const words = {
    command: [MAIN, 'invite', 'import', 'acme', 'people.csv'],
    app: [IMPORTER, JSON.stringify({ appUrl, identityUrl, contextKey, file })],
  };
  return { house, cwd, words, env: { ...process.env, DATABASE_URL: appUrl } };
}

test.each([
  ['the app’s process, whose last piece is committed unseen', 'app', 'lives', 0],
  ['the app’s process and its connection', 'app', 'dies', 100],
  ['the command, which commits all or nothing', 'command', 'lives', PEOPLE],
] as const)('of %s', async (_, which, backend, left) => {
  const { house, cwd, words, env } = await openOffice();
  const { admin, acme, bulkhead } = house;
  // Somebody else is about to invite one of them: whoever comes to that line waits.
  const holder = await admin.connect();
  await holder.query('begin');
  await holder.query(
    `insert into bulkhead.invitation (tenant_id, id, email, role, node, token_hash, invited_by, expires_at)
     values ($1, gen_random_uuid(), $2, 'viewer', $1, sha256('another'), 'system:test', now() + interval '1 hour')`,
    [acme.id, HELD],
  );
  const child = spawn(process.execPath, words[which], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const closed = once(child, 'close');
  let pid: unknown;
  while (pid === undefined) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    await sleep(20);
    const { rows } = await admin.query(
      `select pid from pg_stat_activity
        where datname = current_database() and usename = 'test_app' and wait_event_type = 'Lock'`,
    );
    pid = rows[0]?.pid;
  }
  child.kill('SIGKILL');
  expect((await closed)[1]).toBe('SIGKILL');
  if (backend === 'dies') await admin.query('select pg_terminate_backend($1)', [pid]);
  await holder.query('rollback');
  holder.release();
  // What had been sent goes on by itself, to its end.
  const alive = `select from pg_stat_activity where pid = $1 and usename = 'test_app'`;
  while ((await admin.query(alive, [pid])).rowCount !== 0) await sleep(20);

  const again = await bulkhead.asTenant('acme', () =>
    bulkhead.identity.invitations.import({ csv }),
  );
  expect(again).toMatchObject({ invited: left, present: PEOPLE - left, refused: 0 });
  const { rows } = await admin.query(
    `select (select count(*)::int from bulkhead.invitation) as invitations,
            (select count(distinct email)::int from bulkhead.invitation) as people,
            (select count(*)::int from bulkhead.mail) as mails,
            (select count(distinct recipient)::int from bulkhead.mail) as mailed,
            (select used from bulkhead.invitation_quota) as spent`,
  );
  expect(rows[0]).toEqual({
    invitations: PEOPLE,
    people: PEOPLE,
    mails: PEOPLE,
    mailed: PEOPLE,
    spent: PEOPLE,
  });
  const told = (await house.events(acme.id)).filter(
    ({ action }) => action === 'invitation.created',
  );
  expect(told).toHaveLength(PEOPLE);
});
