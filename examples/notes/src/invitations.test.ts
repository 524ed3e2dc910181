import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openNotes } from './testdata/notes-fixture.ts';

test('somebody who is invited finds the mail in the mailbox and comes in by its link, once', async () => {
  const mailFolder = await mkdtemp(join(tmpdir(), 'notes-mail-'));
  const notes = await openNotes({ mailFolder });
  onTestFinished(async () => {
    await notes.close();
    await rm(mailFolder, { recursive: true });
  });
  const { bulkhead } = notes.app;
  await bulkhead.asTenant('acme', () =>
    bulkhead.identity.invitations.create({ email: 'newcomer@acme.example', role: 'member' }),
  );
  await bulkhead.identity.mail.sendDue();
  const mailbox = await (await fetch(`${notes.origin}/mailbox`)).text();
  expect(mailbox).toContain('To newcomer@acme.example');
  const [, path, token] = /href="http:\/\/localhost:3000([^"#]*)#(bhi_[\w-]+)"/.exec(mailbox) ?? [];
  expect(path).toBe('/invitation');
  const page = await fetch(`${notes.origin}${path}`);
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");

  const post = (where: string, body: object) =>
    fetch(`${notes.origin}/api/invitation/${where}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  expect(await (await post('look', { token })).json()).toMatchObject({
    slug: 'acme',
    email: 'newcomer@acme.example',
  });
  const accept = () => post('accept', { token, name: 'Ada', password: 'correct horse battery' });
  const accepted = await accept();
  expect(await accepted.json()).toEqual({ location: '/t/acme/' });
  const cookie = accepted.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  const inside = await fetch(`${notes.origin}/t/acme/`, { headers: { cookie } });
  expect(inside.status).toBe(200);
  const elsewhere = await fetch(`${notes.origin}/t/borealis/`, { headers: { cookie } });
  expect(elsewhere.status).not.toBe(200);
  expect((await accept()).status).toBeGreaterThanOrEqual(400);
});
