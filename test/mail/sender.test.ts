/** Posted mail and what becomes of it: sent, tried again, given up; by one process or several. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { headerOf, type MailServer, startMailServer } from '#test/mail-server';
import type { IdentityConfigInput } from '../../packages/bulkhead/src/identity/config.ts';
import { createFolderTransport } from '../../packages/bulkhead/src/identity/mail/folder-transport.ts';
import { createMailSeal } from '../../packages/bulkhead/src/identity/mail/mail-seal.ts';
import { createMailSender } from '../../packages/bulkhead/src/identity/mail/mail-sender.ts';
import { type House, openHouse } from '../../packages/bulkhead/src/identity/testdata/house.ts';

let server: MailServer;
let house: House;
const FROM = 'Notes <hello@notes.example>';

beforeEach(async () => {
  server = await startMailServer();
  house = await openHouse(mailBy('worker'));
});

function mailBy(sendFrom: 'any' | 'worker'): Partial<IdentityConfigInput> {
  return {
    publicUrl: 'https://app.example',
    productName: 'Notes',
    mail: { smtpUrl: `smtp://127.0.0.1:${server.port}`, from: FROM, sendFrom },
  };
}

async function invite(emails: readonly string[], bulkhead = house.bulkhead): Promise<void> {
  for (const email of emails) {
    await bulkhead.asTenant(house.acme.id, () =>
      bulkhead.identity.invitations.create({ email, role: 'member' }),
    );
  }
}

const idOf = (mail: { text: string } | undefined) => headerOf(mail ?? { text: '' }, 'message-id');
const makeDue = () => house.admin.query('update bulkhead.mail set due_at = now()');
async function rows() {
  const result = await house.admin.query(
    `select id, attempts, sent_at is not null as sent, failed_at is not null as failed, last_error as error,
            data, sealed, round(extract(epoch from due_at - clock_timestamp()))::int as wait
       from bulkhead.mail order by created_at`,
  );
  return result.rows;
}

test('a mail that the server takes is sent once, and what it said is forgotten', async () => {
  await invite(['ada@acme.example']);
  expect(await house.bulkhead.identity.mail.sendDue()).toBe(1);
  expect(await house.bulkhead.identity.mail.sendDue()).toBe(0);
  expect(server.taken).toMatchObject([{ to: ['ada@acme.example'] }]);
  expect(await rows()).toMatchObject([{ sent: true, attempts: 1, data: null, sealed: null }]);
});

test('a server that is busy is tried again, later each time, with the same Message-ID', async () => {
  await invite(['ada@acme.example']);
  server.refuse('message', 451);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    expect(await house.bulkhead.identity.mail.sendDue()).toBe(0);
    const [row] = await rows();
    expect(row).toMatchObject({ attempts: attempt, sent: false, failed: false });
    expect(row.error).toContain('451');
    waits.push(row.wait);
    // Not due yet: nobody tries before the wait is over.
    await house.bulkhead.identity.mail.sendDue();
    expect((await rows())[0]).toMatchObject({ attempts: attempt });
    await makeDue();
  }
  const expected = [60, 240, 960, 3_840, 15_360, 21_600];
  for (const [index, wait] of waits.entries()) {
    expect(Math.abs(wait - (expected[index] ?? 0))).toBeLessThan(20);
  }
  server.accept();
  expect(await house.bulkhead.identity.mail.sendDue()).toBe(1);
  const [mail] = await rows();
  expect(server.taken.map(idOf)).toEqual([`<${mail.id}@notes.example>`]);
});

test('an address that the server will never take is given up at once, and so is what never goes; both are on record', async () => {
  await invite(['gone@acme.example']);
  server.refuse('recipient', 550);
  await house.bulkhead.identity.mail.sendDue();
  expect(await rows()).toMatchObject([{ failed: true, attempts: 1, data: null, sealed: null }]);
  server.refuse('recipient', 450);
  await invite(['slow@acme.example']);
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await makeDue();
    await house.bulkhead.identity.mail.sendDue();
  }
  expect(await rows()).toMatchObject([{ attempts: 1 }, { failed: true, attempts: 14 }]);
  // What the server says of a mailbox names it; neither the row nor the event does.
  expect(JSON.stringify(await rows())).not.toMatch(/gone@|slow@/);
  const failures = (await house.events(house.acme.id)).filter(
    ({ action }) => action === 'mail.failed',
  );
  expect(failures).toMatchObject([
    { actor: 'system:mail', outcome: 'failure', metadata: { template: 'invitation', attempts: 1 } },
    {
      actor: 'system:mail',
      outcome: 'failure',
      metadata: { template: 'invitation', attempts: 14 },
    },
  ]);
});

test('of several processes that send at once each mail goes by one', async () => {
  const emails = Array.from({ length: 40 }, (_, index) => `p${index}@acme.example`);
  await invite(emails);
  const processes = [house.bulkhead, house.another(), house.another()];
  const counts = await Promise.all(processes.map((each) => each.identity.mail.sendDue()));
  expect(counts.reduce((a, b) => a + b)).toBe(40);
  expect(server.taken.map(({ to }) => to[0]).sort()).toEqual(emails.sort());
});

test('what a process has taken and not finished goes to another once its lease is over, never before', async () => {
  await invite(['ada@acme.example']);
  await house.admin.query('select bulkhead.mail_claim(5, 120)');
  expect(await house.bulkhead.identity.mail.sendDue()).toBe(0);
  await makeDue();
  expect(await house.bulkhead.identity.mail.sendDue()).toBe(1);
  // The first one wakes up, and its word no longer counts.
  const { rows: late } = await house.admin.query(
    `select bulkhead.mail_failed(id, gen_random_uuid(), 'late', true) as counted from bulkhead.mail`,
  );
  expect(late).toEqual([{ counted: false }]);
  expect(await rows()).toMatchObject([{ sent: true, failed: false }]);
});

test('a process that posts sends, and takes over what another left; nobody has to start anything', async () => {
  await invite(['left@acme.example']);
  expect(server.taken).toEqual([]);
  const posting = house.another(mailBy('any'));
  await invite(['ada@acme.example'], posting);
  await vi.waitFor(() => expect(server.taken).toHaveLength(2), 5_000);
  // Closing finishes what was posted just before.
  await invite(['last@acme.example'], posting);
  await posting.close();
  expect(server.taken).toHaveLength(3);
});

test('names that people chose make no markup, no line, no link and no header', async () => {
  const evil = `<img src=x onerror=alert(1)>"'& Visit https://evil.example\u2028now\u202e`;
  await house.admin.query('update bulkhead.tenant set name = $1 where id = $2', [
    evil,
    house.acme.id,
  ]);
  const { bulkhead } = house;
  await bulkhead.asTenant(house.acme.id, () =>
    bulkhead.identity.invitations.create({
      email: 'ada@acme.example',
      role: 'member',
      name: 'Ada <b>Lovelace</b> https://evil.example/x',
    }),
  );
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-mail-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const developing = house.another({
    publicUrl: 'https://app.example',
    mail: { folder, from: FROM },
  });
  expect(await developing.identity.mail.sendDue()).toBe(1);
  const [mail] = await developing.identity.mail.mailbox();
  const { html = '', text = '', subject = '' } = mail ?? {};
  expect(html).not.toMatch(/<img|<b>/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect([...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url]) => url)).toEqual([
    expect.stringMatching(/^https:\/\/app\.example\/invitation#bhi_[\w-]{43}$/),
  ]);
  for (const part of [html, text, subject]) {
    expect(part).not.toMatch(/https?:\/\/evil|evil\.example|[\u2028\u202e]/);
  }
  expect(subject).not.toMatch(/[\r\n]/);
});

test('the mailbox of development holds each mail once, for its owner alone, newest first', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'bulkhead-mail-')), 'mailbox');
  onTestFinished(() => rm(join(folder, '..'), { recursive: true }));
  const developing = house.another({
    publicUrl: 'https://app.example',
    mail: { folder, from: FROM },
  });
  expect(await developing.identity.mail.mailbox()).toEqual([]);
  await invite(['one@acme.example', 'two@acme.example'], developing);
  await vi.waitFor(async () => expect(await readdir(folder)).toHaveLength(4), 5_000);
  const mails = await developing.identity.mail.mailbox();
  expect(mails.map(({ to }) => to)).toEqual(['two@acme.example', 'one@acme.example']);
  const names = await readdir(folder);
  expect((await stat(join(folder, names[0] ?? ''))).mode & 0o077).toBe(0);
  const eml = names.filter((name) => name.endsWith('.eml')).sort()[0] ?? '';
  const text = await readFile(join(folder, eml), 'utf8');
  expect(headerOf({ text }, 'to')).toBe('one@acme.example');
  expect(idOf({ text })).toBe(`<${mails[1]?.id}@notes.example>`);
  // As after a crash between laying it there and saying so.
  const again = createFolderTransport(folder);
  for (const mail of mails) await again.send(mail);
  expect((await readdir(folder)).sort()).toEqual(names.sort());
});

test('mail without a key that opens it waits, and goes once the key is back', async () => {
  await invite(['ada@acme.example']);
  await house.admin.query(
    `update bulkhead.mail set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)`,
  );
  expect(await house.bulkhead.identity.mail.sendDue()).toBe(0);
  expect(await rows()).toMatchObject([
    { failed: false, attempts: 1, error: expect.stringContaining('identity.mail_unreadable') },
  ]);
  // Nor does a mail that somebody has readdressed in the database open.
  await house.admin.query(
    `update bulkhead.mail set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1), recipient = 'eve@evil.example', due_at = now()`,
  );
  expect(await house.bulkhead.identity.mail.sendDue()).toBe(0);
  await house.admin.query(
    `update bulkhead.mail set recipient = 'ada@acme.example', due_at = now()`,
  );
  expect(await house.bulkhead.identity.mail.sendDue()).toBe(1);
  expect(server.taken.map(({ to }) => to)).toEqual([['ada@acme.example']]);
});

test.each([`${randomUUID()}\r\nbcc`, 'a@b, c@d'])(
  'the outbox takes no address such as %j',
  async (to) => {
    await expect(
      house.admin.query('select bulkhead.mail_post(null, $1, $2, null, null)', [to, 'plain']),
    ).rejects.toMatchObject({ code: '23514' });
  },
);

test('whoever stops waits for what is under way and not for thousands that are due', async () => {
  await invite(Array.from({ length: 12 }, (_, n) => `p${n}@acme.example`));
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-mail-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const sender = () =>
    createMailSender({
      accounts: { query: (text, values) => house.admin.query(text, values) },
      transport: createFolderTransport(folder),
      seal: createMailSeal([house.database.contextKey]),
      from: FROM,
      settings: {
        product: 'Notes',
        invitationUrl: 'https://app.example/join',
        emailChangeUrl: undefined,
      },
      drainMs: 0,
    });
  const stopped = sender();
  stopped.start();
  await stopped.stop();
  const sent = async () => (await rows()).filter((row) => row.sent).length;
  expect(await sent()).toBe(5);
  expect(await sender().sendDue()).toBe(7);
  expect(await sent()).toBe(12);
});
