/** `bulkhead invite`, `domain` and `policy`: what they print, do and exit with. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startNameServer } from '#test/name-server';
import { type Outcome, runCommand } from '#test/run-command';
import { openHouse } from '../../packages/bulkhead/src/identity/testdata/house.ts';

interface Answer extends Outcome {
  // biome-ignore lint/suspicious/noExplicitAny: what each command answers is the test's to say
  readonly json: any;
}

async function openOffice() {
  const dns = await startNameServer();
  const house = await openHouse();
  const cwd = await mkdtemp(join(tmpdir(), 'bulkhead-office-'));
  onTestFinished(() => rm(cwd, { recursive: true }));
  const config = {
    database: { appRole: 'test_app', identityRole: 'test_identity' },
    isolation: { contextKeys: [house.database.contextKey] },
    identity: {
      accountsUrl: house.database.identityUrl,
      publicUrl: 'https://app.example',
      mail: { folder: join(cwd, 'mailbox'), from: 'hello@notes.example' },
      nameServers: [dns.address],
    },
  };
  await writeFile(join(cwd, 'bulkhead.config.mjs'), `export default ${JSON.stringify(config)}`);
  const run = async (...words: string[]): Promise<Answer> => {
    const env = { DATABASE_URL: house.database.appUrl };
    const outcome = await runCommand([...words, '--json'], { cwd, env });
    return { ...outcome, json: outcome.stdout === '' ? undefined : JSON.parse(outcome.stdout) };
  };
  return { dns, house, cwd, run };
}

test('bulkhead invite: create, list, resend, revoke, import', async () => {
  const { house, cwd, run } = await openOffice();
  const made = await run('invite', 'create', 'acme', 'Ada@acme.example', 'owner', '--name', 'Ada');
  expect(made).toMatchObject({
    code: 0,
    json: { email: 'ada@acme.example', role: 'owner', status: 'pending', name: 'Ada' },
  });
  expect(made.json.invitedBy).toMatch(/^operator:cli:/);
  // The mail has gone by the time the command returns.
  expect(await readdir(join(cwd, 'mailbox'))).toHaveLength(2);
  expect(await run('invite', 'create', 'acme', 'аda@acme.example', 'owner')).toMatchObject({
    code: 1,
    json: { code: 'identity.email_invalid' },
  });
  expect(await run('invite', 'create', 'nobody', 'a@acme.example', 'owner')).toMatchObject({
    code: 64,
    json: { code: 'kernel.usage' },
  });
  expect((await run('invite', 'create', 'acme')).code).toBe(64);

  const { id } = made.json;
  expect(await run('invite', 'resend', 'acme', id)).toMatchObject({
    code: 1,
    json: { code: 'identity.invitation_resend_limit' },
  });
  await house.admin.query(`update bulkhead.invitation set sent_at = sent_at - interval '1 hour'`);
  expect(await run('invite', 'resend', 'acme', id)).toMatchObject({ code: 0, json: { id } });
  expect(await run('invite', 'revoke', 'acme', id)).toMatchObject({
    code: 0,
    json: { status: 'revoked' },
  });
  // Another tenant's invitation is none.
  expect(await run('invite', 'revoke', 'globex', id)).toMatchObject({
    code: 1,
    json: { code: 'identity.invitation_absent' },
  });

  const table = 'email,role,name\nbob@acme.example,member,Bob\neve@acme.example,king,Eve\n';
  await writeFile(join(cwd, 'people.csv'), table);
  expect(await run('invite', 'import', 'acme', 'people.csv', '--dry-run')).toMatchObject({
    code: 1,
    json: {
      invited: 1,
      refused: 1,
      lines: [{ outcome: 'would_invite' }, { line: 3, code: 'access.role_absent' }],
    },
  });
  expect(await run('invite', 'import', 'acme', 'people.csv')).toMatchObject({
    code: 1,
    json: { invited: 1, present: 0, refused: 1 },
    // Off a terminal a line at each tenth; on one a bar.
    stderr: expect.stringContaining('Inviting: 2/2'),
  });
  expect((await run('invite', 'import', 'acme', 'absent.csv')).json).toMatchObject({
    code: 'kernel.file_unreadable',
  });
  const pending = await run('invite', 'list', 'acme', '--status', 'pending');
  expect(pending.json.items).toMatchObject([{ email: 'bob@acme.example' }]);
  expect((await run('invite', 'list', 'acme', '--csv')).json.csv).toContain('bob@acme.example,Bob');
});

test('bulkhead domain: add, verify, list, remove', async () => {
  const { dns, run } = await openOffice();
  const added = await run('domain', 'add', 'acme', 'Acme-Corp.dev');
  expect(added).toMatchObject({ code: 0, json: { domain: 'acme-corp.dev', status: 'pending' } });
  const verify = () => run('domain', 'verify', 'acme', 'acme-corp.dev');
  expect(await verify()).toMatchObject({ code: 1, json: { status: 'pending' } });
  dns.zone.set('acme-corp.dev', [[added.json.record]]);
  expect(await verify()).toMatchObject({ code: 0, json: { status: 'verified', taken: false } });
  expect((await run('domain', 'list', 'acme')).json.items).toMatchObject([{ status: 'verified' }]);
  expect(await run('domain', 'remove', 'acme', 'acme-corp.dev')).toMatchObject({ code: 0 });
  expect(await verify()).toMatchObject({ code: 1, json: { code: 'identity.domain_unknown' } });
  expect(await run('domain', 'add', 'acme', 'gmail.com')).toMatchObject({
    code: 1,
    json: { code: 'identity.domain_public' },
  });
});

test('bulkhead policy: show, set, preview, history', async () => {
  const { house, run } = await openOffice();
  await house.person('owner', house.acme);
  const shown = await run('policy', 'show', 'acme');
  expect(shown.json.items.map(({ kind }: { kind: string }) => kind)).toEqual([
    'password',
    'session',
    'api',
    'mfa',
  ]);
  const everyone = ['acme', 'mfa', 'required=everyone'];
  const preview = await run('policy', 'preview', ...everyone);
  expect(preview).toMatchObject({ code: 0, json: { membersAffected: 1, ownersShutOut: 0 } });
  expect(preview.json.members[0]).toMatchObject({ rules: ['mfa.enrolment'], shutOut: false });
  expect(await run('policy', 'set', ...everyone, '--reason', 'Contract')).toMatchObject({
    code: 0,
    json: { kind: 'mfa', version: 1, body: { required: 'everyone', stepUp: true } },
  });
  expect((await run('policy', 'set', 'acme', 'mfa', 'stepUp=false')).json).toMatchObject({
    version: 2,
    body: { required: 'everyone', stepUp: false },
  });
  const history = await run('policy', 'history', 'acme', 'mfa');
  expect(history.json.items).toMatchObject([
    { version: 2, body: { stepUp: false } },
    { version: 1, changedBy: expect.stringMatching(/^operator:cli:/) },
  ]);
  expect((await run('policy', 'history', 'acme', 'mfa', '--after', '2')).json.items).toHaveLength(
    1,
  );
  expect((await run('policy', 'set', 'acme', 'mfa', 'nothing=1')).code).toBe(64);
  expect((await run('policy', 'set', 'acme', 'colour', 'a=1')).code).toBe(64);
  expect(await run('policy', 'set', 'acme', 'password', 'lengthMin=4')).toMatchObject({ code: 1 });
  expect(
    (await house.events(house.acme.id)).filter(({ action }) => action === 'policy.set'),
  ).toMatchObject([
    { reason: 'Contract', after: { required: 'everyone' } },
    { before: { stepUp: true }, after: { stepUp: false } },
  ]);
});
