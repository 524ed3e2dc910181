/** Mail against a real server: what is sent, how it is protected on its way, and what a refusal means. */
import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createCertificateAuthority } from '#test/certificate';
import { headerOf, type MailServer, startMailServer } from '#test/mail-server';
import { createSmtpTransport } from '../../packages/bulkhead/src/identity/mail/smtp-transport.ts';
import {
  MailRefused,
  type OutgoingMail,
} from '../../packages/bulkhead/src/identity/mail/transport.ts';

// Loopback too, yet not one of the names by which the transport knows this machine.
const ELSEWHERE = '127.0.0.2';

const mail = (change: Partial<OutgoingMail> = {}): OutgoingMail => ({
  id: randomUUID(),
  from: 'Notes <hello@notes.example>',
  to: 'ada@acme.example',
  subject: 'Join Acme',
  text: 'Hello,\n.\nA line of one dot does not end it.\n',
  html: '<p>Hello</p>',
  date: new Date('2030-03-05T14:30:00Z'),
  ...change,
});

function transportTo(url: string, ca?: string) {
  const transport = createSmtpTransport(url, ca, { silenceMs: 1_500 });
  onTestFinished(() => transport.close());
  return transport;
}
const plainUrl = ({ port }: MailServer) => `smtp://127.0.0.1:${port}`;

test('a mail arrives whole, in both forms, as one that was written by a machine', async () => {
  const server = await startMailServer();
  const sent = mail({ subject: 'Jürgen hat Sie zu “Äpfel & Söhne” eingeladen' });
  await transportTo(plainUrl(server)).send(sent);
  const [taken] = server.taken;
  expect(taken).toMatchObject({ from: 'hello@notes.example', to: ['ada@acme.example'] });
  const header = (name: string) => headerOf(taken ?? { text: '' }, name);
  expect(header('message-id')).toBe(`<${sent.id}@notes.example>`);
  expect(header('from')).toBe('Notes <hello@notes.example>');
  expect(header('to')).toBe('ada@acme.example');
  expect(header('auto-submitted')).toBe('auto-generated');
  expect(header('date')).toBe('Tue, 05 Mar 2030 14:30:00 +0000');
  expect(header('subject')).toMatch(/^=\?UTF-8\?/);
  expect(taken?.text).toContain('\r\nA line of one dot does not end it.');
  expect(taken?.text).toMatch(/text\/plain[\s\S]*text\/html[\s\S]*<p>Hello<\/p>/);
});

describe('on its way', () => {
  const authority = createCertificateAuthority();

  test.each([
    ['upgraded by STARTTLS', 'smtp', false],
    ['TLS from the start', 'smtps', true],
  ])('%s, to a server whose certificate is right', async (_how, protocol, secure) => {
    const server = await startMailServer({
      host: ELSEWHERE,
      secure,
      ...authority.issue(ELSEWHERE),
    });
    await transportTo(`${protocol}://${ELSEWHERE}:${server.port}`, authority.ca).send(mail());
    expect(server.taken).toMatchObject([{ encrypted: true }]);
  });

  const impostors = {
    'signed by nobody we trust': createCertificateAuthority().issue(ELSEWHERE),
    'for another host': authority.issue('mail.notes.example'),
  };
  test.each(
    Object.entries(impostors).flatMap(([how, cert]) =>
      [false, true].map((secure) => [how, secure ? 'smtps' : 'smtp', secure, cert] as const),
    ),
  )(
    'nothing is sent to a server with a certificate %s (%s)',
    async (_how, protocol, secure, cert) => {
      const server = await startMailServer({ host: ELSEWHERE, secure, password: 'p', ...cert });
      const url = `${protocol}://notes:p@${ELSEWHERE}:${server.port}`;
      const attempt = transportTo(url, authority.ca).send(mail());
      await expect(attempt).rejects.toThrow(/certificate|altnames/i);
      await expect(attempt).rejects.not.toBeInstanceOf(MailRefused);
      expect(server.taken).toEqual([]);
    },
  );

  test('nothing is sent, no password either, where somebody has left STARTTLS out', async () => {
    const passwords: unknown[] = [];
    const server = await startMailServer({
      host: ELSEWHERE,
      allowInsecureAuth: true,
      onAuth: (given, _session, done) => {
        passwords.push(given.password);
        done(null, { user: 'notes' });
      },
    });
    const transport = transportTo(`smtp://notes:secret@${ELSEWHERE}:${server.port}`);
    await expect(transport.send(mail())).rejects.toThrow();
    expect(server.taken).toEqual([]);
    expect(passwords).toEqual([]);
  });
});

describe('authentication', () => {
  const authority = createCertificateAuthority();
  const start = () =>
    startMailServer({
      host: ELSEWHERE,
      secure: true,
      password: 'p@ss:/%',
      ...authority.issue(ELSEWHERE),
    });

  test('is by the user and password of the URL, whatever characters they have', async () => {
    const server = await start();
    const url = `smtps://notes:${encodeURIComponent('p@ss:/%')}@${ELSEWHERE}:${server.port}`;
    await transportTo(url, authority.ca).send(mail());
    expect(server.taken).toMatchObject([{ user: 'notes' }]);
  });

  test('that fails is the operator’s fault and no reason to give the mail up', async () => {
    const server = await start();
    const transport = transportTo(`smtps://notes:wrong@${ELSEWHERE}:${server.port}`, authority.ca);
    const error = await transport.send(mail()).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'EAUTH', responseCode: 535 });
    expect(error).not.toBeInstanceOf(MailRefused);
  });
});

test.each([
  ['recipient', 550, true],
  ['recipient', 553, true],
  ['recipient', 450, false],
  ['recipient', 530, false],
  ['message', 554, true],
  ['message', 451, false],
] as const)('a refusal of the %s by %i is final: %s', async (at, code, final) => {
  const server = await startMailServer();
  server.refuse(at, code);
  const error = await transportTo(plainUrl(server))
    .send(mail())
    .catch((caught) => caught);
  expect(error).toBeInstanceOf(Error);
  expect(error instanceof MailRefused).toBe(final);
  expect(server.taken).toEqual([]);
});

test('a server that says nothing, or is not there, is given up and may be tried again', async () => {
  const server = await startMailServer();
  const transport = transportTo(plainUrl(server));
  server.onMessage(() => new Promise(() => undefined));
  const silent = await transport.send(mail()).catch((caught) => caught);
  expect(silent).toMatchObject({ code: 'ETIMEDOUT' });
  expect(silent).not.toBeInstanceOf(MailRefused);
  const nowhere = transportTo('smtp://127.0.0.1:9');
  await expect(nowhere.send(mail())).rejects.toMatchObject({ code: 'ESOCKET' });
});

describe('nobody writes a header through', () => {
  const LINES = ['a\r\nBcc: eve@evil.example', 'a\nBcc: eve@evil.example', 'a\rBcc: x', 'a\0b'];

  test.each(LINES)('a line break in any field: %j', async (bad) => {
    const server = await startMailServer();
    const transport = transportTo(plainUrl(server));
    for (const field of ['from', 'to', 'subject'] as const) {
      await expect(transport.send(mail({ [field]: bad }))).rejects.toBeInstanceOf(MailRefused);
    }
    expect(server.taken).toEqual([]);
  });

  test('an address that is a list, or has a name: it goes to one mailbox or to none', async () => {
    const server = await startMailServer();
    const transport = transportTo(plainUrl(server));
    const others = [
      'ada@acme.example,eve@evil.example',
      'Eve <eve@evil.example>, ada@acme.example',
      '"ada@acme.example" eve@evil.example',
      'group: eve@evil.example;',
    ];
    for (const to of others) await transport.send(mail({ to })).catch(() => undefined);
    for (const { to } of server.taken) {
      expect(to).toHaveLength(1);
      expect(to).not.toContain('eve@evil.example');
    }
  });
});
