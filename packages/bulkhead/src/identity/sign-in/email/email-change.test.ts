/** Another address: asked for by a session, taken by a link in the new mailbox, told to the old one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { type House, openHouse, refusal } from '../../testdata/house.ts';
import { generateCredentialKey } from '../credential-key.ts';

const HERE = { ip: '192.0.2.10', userAgent: 'a browser' };
const PASSWORD = 'correct horse battery';

let house: House;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-email-change-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  house = await openHouse({
    publicUrl: 'https://notes.example',
    productName: 'Notes',
    credentialKeys: [generateCredentialKey()],
    mail: { folder, from: 'notes@notes.example' },
  });
});
const identity = () => house.bulkhead.identity;

async function signedIn() {
  const id = await house.person('member', house.acme);
  await identity().passwords.establish({ userId: id, password: PASSWORD });
  const { id: sessionId } = await identity().sessions.start(id, { methods: ['password'] });
  const email = String((await identity().users.find({ id }))?.email);
  const request = (to: string) => identity().emailChange.request({ sessionId, email: to }, HERE);
  const finish = (token: string) => identity().emailChange.finish({ sessionId, token }, HERE);
  return { id, sessionId, email, request, finish };
}

/** What lies in a mailbox, the newest first. */
async function mailsTo(address: string): Promise<readonly string[]> {
  const { mail } = identity();
  await mail.sendDue();
  return (await mail.mailbox()).filter(({ to }) => to === address).map(({ text }) => text);
}

/** Until one session of this database waits for a lock. */
async function somebodyWaits(): Promise<void> {
  await expect
    .poll(async () => {
      const { rows } = await house.admin.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows.length;
    })
    .toBe(1);
}

async function tokenFor(address: string): Promise<string> {
  const [text] = await mailsTo(address);
  return /https:\/\/notes\.example\/confirm-email#(bhe_\S+)/.exec(text ?? '')?.[1] ?? 'no link';
}

it('holds once the link in the new mailbox was followed, and the old one is told twice', async () => {
  const { id, sessionId, email, request, finish } = await signedIn();
  await request('Ada@New.example');
  expect(await identity().users.find({ id })).toMatchObject({ email });
  expect(await mailsTo(email)).toEqual([expect.stringMatching(/set a new password now/)]);
  const token = await tokenFor('ada@new.example');
  expect(await finish(token)).toEqual({ email: 'ada@new.example' });
  expect(await mailsTo(email)).toEqual([
    expect.stringMatching(/has another address now/),
    expect.anything(),
  ]);
  expect((await mailsTo(email)).join()).not.toContain('bhe_');
  await expect(finish(token)).rejects.toEqual(refusal('identity.link_invalid'));
  const events = (await house.events(house.acme.id)).filter(({ action }) =>
    String(action).startsWith('user.email_change'),
  );
  expect(events).toMatchObject([
    { action: 'user.email_change_asked', actor: `user:${id}`, sessionId, ip: HERE.ip },
    { action: 'user.email_changed', before: { email }, after: { email: 'ada@new.example' } },
  ]);
});

it('tells whoever asks nothing of whether the address is taken; its owner hears of it', async () => {
  const { email, request, finish } = await signedIn();
  const eve = await signedIn();
  expect(await request('nobody@acme.example')).toBeUndefined();
  expect(await request(eve.email)).toBeUndefined();
  const token = await tokenFor(eve.email);
  await expect(finish(token)).rejects.toEqual(refusal('identity.email_taken'));
  expect(await identity().users.find({ email })).not.toBeNull();
});

it('is taken once, by however many links were asked for and however often one is followed', async () => {
  const { request, finish } = await signedIn();
  await request('typo@new.example');
  const typo = await tokenFor('typo@new.example');
  await request('ada@new.example');
  await expect(finish(typo)).rejects.toEqual(refusal('identity.link_invalid'));
  const token = await tokenFor('ada@new.example');
  const tries = await Promise.allSettled(Array.from({ length: 10 }, () => finish(token)));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('counts for its own account alone: a stranger’s press proves nobody an address that is not theirs', async () => {
  const eve = await signedIn();
  const victim = await signedIn();
  await eve.request('victim@globex.example');
  const token = await tokenFor('victim@globex.example');
  await expect(victim.finish(token)).rejects.toEqual(refusal('identity.link_invalid'));
  const nobody = '00000000-0000-4000-8000-000000000000';
  await expect(identity().emailChange.finish({ sessionId: nobody, token }, HERE)).rejects.toEqual(
    refusal('identity.session_invalid'),
  );
  expect(await identity().users.find({ id: eve.id })).toMatchObject({ email: eve.email });
  expect(await eve.finish(token)).toEqual({ email: 'victim@globex.example' });
});

it.each<[string, (who: { id: string; sessionId: string }) => Promise<unknown>]>([
  [
    'a new password',
    ({ sessionId }) =>
      identity().passwords.change(
        { sessionId, current: PASSWORD, password: 'another horse battery' },
        HERE,
      ),
  ],
  ['the end of all sessions', ({ id }) => identity().sessions.revokeAll(id)],
  [
    'being shut out and let in again',
    async ({ id }) => {
      await identity().users.disable(id);
      await identity().users.enable(id);
    },
  ],
])('is dead after %s: whoever asked for it may have been thrown out', async (_, end) => {
  const who = await signedIn();
  await who.request('thief@new.example');
  const token = await tokenFor('thief@new.example');
  await end(who);
  const { id: sessionId } = await identity().sessions.start(who.id, { methods: ['password'] });
  await expect(identity().emailChange.finish({ sessionId, token }, HERE)).rejects.toEqual(
    refusal('identity.link_invalid'),
  );
});

it('is asked for by a session that proved itself of late, and of nothing that is no address', async () => {
  const { id, sessionId, request } = await signedIn();
  await expect(request('no address')).rejects.toEqual(refusal('identity.email_invalid'));
  await house.admin.query(
    "update bulkhead.session set authenticated_at = authenticated_at - interval '1 hour' where id = $1",
    [sessionId],
  );
  await expect(request('ada@new.example')).rejects.toEqual(refusal('identity.step_up_required'));
  await identity().sessions.revoke(id, sessionId);
  await expect(request('ada@new.example')).rejects.toEqual(refusal('identity.session_invalid'));
  expect(await mailsTo('ada@new.example')).toEqual([]);
});

it.each([
  ['all sessions end', 'select bulkhead.sessions_revoke($1, null, $2)', ['user_request']],
  [
    'the user is disabled',
    'select bulkhead.user_set_status($1, $2, $3, $3)',
    ['disabled', 'operator:it'],
  ],
])('is not asked for by a session that is ended just then: %s', async (_, text, values) => {
  const { id, request } = await signedIn();
  await house.admin.query('begin');
  await house.admin.query(text, [id, ...values]);
  const asked = request('thief@new.example').then(
    () => 'asked',
    ({ code }) => code,
  );
  await somebodyWaits();
  await house.admin.query('commit');
  expect(await asked).toBe('identity.session_invalid');
});

it('leaves whoever reads the old address no link to a new password, asked for while it changes', async () => {
  const { id, email } = await signedIn();
  await house.admin.query('begin');
  await house.admin.query(
    "update bulkhead.user_account set email = 'ada@new.example' where id = $1",
    [id],
  );
  const asked = identity().passwords.requestReset({ email }, HERE);
  await somebodyWaits();
  await house.admin.query('commit');
  await asked;
  const { rows } = await house.admin.query('select from bulkhead.password_reset');
  expect(rows).toEqual([]);
});

it('keeps no mail from whose address it is, and fills nobody’s mailbox', async () => {
  const strangers = [await signedIn(), await signedIn(), await signedIn()];
  for (const { request } of strangers) {
    for (let asked = 0; asked < 3; asked += 1) await request('victim@new.example');
    await expect(request('victim@new.example')).rejects.toMatchObject({
      code: 'identity.throttled',
    });
  }
  const { request, finish } = await signedIn();
  await request('victim@new.example');
  expect(await finish(await tokenFor('victim@new.example'))).toEqual({
    email: 'victim@new.example',
  });
  // All together no more than twelve, and whoever comes later hears that it is so.
  const [fifth, sixth] = [await signedIn(), await signedIn()];
  for (let asked = 0; asked < 2; asked += 1) await fifth.request('victim@new.example');
  await expect(sixth.request('victim@new.example')).rejects.toMatchObject({
    code: 'identity.throttled',
  });
  expect(await mailsTo('victim@new.example')).toHaveLength(12);
});

it('asks for five links an hour at most for one user', async () => {
  const { request } = await signedIn();
  for (let asked = 0; asked < 5; asked += 1) await request(`ada${asked}@new.example`);
  await expect(request('ada6@new.example')).rejects.toMatchObject({ code: 'identity.throttled' });
});

it('says what is missing where no mail can be sent', async () => {
  const { sessionId } = await signedIn();
  const mute = house.another({ mail: undefined });
  await expect(
    mute.identity.emailChange.request({ sessionId, email: 'ada@new.example' }, HERE),
  ).rejects.toEqual(refusal('identity.mail_unconfigured'));
});
