import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NotesFixture, openNotes } from './testdata/notes-fixture.ts';

let mailFolder: string;
let notes: NotesFixture;

beforeAll(async () => {
  mailFolder = await mkdtemp(join(tmpdir(), 'notes-mail-'));
  notes = await openNotes({ mailFolder });
});
afterAll(async () => {
  await notes.close();
  await rm(mailFolder, { recursive: true });
});

test('somebody who is invited finds the mail in the mailbox and comes in by its link, once', async () => {
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

const SAID = 'If somebody here has that address';

test('a forgotten password: the mail in the mailbox leads to a new one, once, and ends every session', async () => {
  const { identity } = notes.app.bulkhead;
  const { email, password: old } = notes.people.acme;
  const password = 'another horse battery';

  /** Opens a page with a form, and sends the form filled in. */
  const browse = async (path: string) => {
    const page = await fetch(notes.origin + path);
    const [cookie = ''] = page.headers.get('set-cookie')?.split(';', 1) ?? [];
    const text = await page.text();
    const [, formToken = ''] = /name="form_token" value="([^"]+)"/.exec(text) ?? [];
    const send = (fields: Record<string, string>, to = path) =>
      fetch(notes.origin + to.replace(/\?.*/, ''), {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie },
        body: new URLSearchParams({ form_token: formToken, ...fields }),
      });
    return { text, send };
  };

  const door = await browse(`/t/acme/sign-in?email=${email}`);
  expect(door.text).toContain(`href="/t/acme/forgot-password?email=${encodeURIComponent(email)}"`);
  const forgot = await browse('/t/acme/forgot-password');
  expect((await forgot.send({ email, form_token: 'of another' })).status).toBe(403);
  const known = await (await forgot.send({ email })).text();
  expect(known).toContain(SAID);
  expect(await (await forgot.send({ email: 'nobody@acme.example' })).text()).toBe(known);
  await identity.passwords.settled();
  await identity.mail.sendDue();

  const mailbox = await (await fetch(`${notes.origin}/mailbox`)).text();
  expect(mailbox).not.toContain('nobody@acme.example');
  const [, link = '', token = ''] =
    /href="http:\/\/localhost:3000(\/reset-password)#(bhr_[\w-]+)"/.exec(mailbox) ?? [];
  const page = await browse(link);
  const script = await fetch(`${notes.origin}${/src="([^"]+)"/.exec(page.text)?.[1]}`);
  expect(await script.text()).toContain("getElementById('token').value = token");
  const short = await page.send({ token, password: 'short' });
  expect(short.status).toBe(422);
  expect(await short.text()).toContain('at least 12 characters');
  expect(await (await page.send({ token, password })).text()).toContain('Your password is set');
  const again = await page.send({ token, password: `${password} 2` });
  expect([again.status, await again.text()]).toEqual([
    expect.any(Number),
    expect.stringContaining('This link works no more'),
  ]);

  expect((await notes.as('acme', '/notes')).status).not.toBe(200);
  expect((await door.send({ email, password: old })).status).toBe(401);
  expect((await door.send({ email, password })).headers.get('location')).toBe('/t/acme/');
});
