/** A real SMTP server on this machine, which keeps what it takes and refuses what a test tells it to. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The message as it came, headers and all. */
  readonly text: string;
  readonly encrypted: boolean;
  readonly user: string | undefined;
}

export interface MailServer {
  readonly port: number;
  readonly taken: TakenMail[];
  /** Answers the next recipients and messages with an error, until it is taken back. */
  refuse(at: 'recipient' | 'message', code: number): void;
  accept(): void;
  /** Runs when a message is wholly there and not yet acknowledged. */
  onMessage(hook: (mail: TakenMail) => Promise<void> | void): void;
  close(): Promise<void>;
}

/** One header of a message, unfolded. */
export function headerOf(mail: Pick<TakenMail, 'text'>, name: string): string | undefined {
  const [head = ''] = mail.text.split('\r\n\r\n', 1);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const found = lines.filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return found.length === 1 ? found[0]?.slice(name.length + 1).trim() : undefined;
}

const smtpError = (code: number) =>
  Object.assign(new Error(`refused by the test with ${code}`), { responseCode: code });

export async function startMailServer(
  options: SMTPServerOptions & { readonly host?: string; readonly password?: string } = {},
): Promise<MailServer> {
  const { host = '127.0.0.1', password, ...rest } = options;
  const taken: TakenMail[] = [];
  let refusal: { at: string; code: number } | undefined;
  let hook: (mail: TakenMail) => Promise<void> | void = () => undefined;
  const server = new SMTPServer({
    authOptional: password === undefined,
    disableReverseLookup: true,
    logger: false,
    // Without a certificate of the test's there is no STARTTLS to offer.
    disabledCommands: rest.cert === undefined ? ['STARTTLS'] : [],
    onAuth: (given, _session, done) =>
      given.password === password && password !== undefined
        ? done(null, { user: given.username ?? '' })
        : done(smtpError(535)),
    onRcptTo: (_address, _session, done) =>
      done(refusal?.at === 'recipient' ? smtpError(refusal.code) : null),
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', async () => {
        if (refusal?.at === 'message') return done(smtpError(refusal.code));
        const { mailFrom, rcptTo } = session.envelope;
        const mail = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString('utf8'),
          encrypted: session.secure,
          user: session.user,
        };
        taken.push(mail);
        await hook(mail);
        done(null);
      });
    },
    ...rest,
  });
  // A client that gives up or is killed is what some tests are about.
  server.on('error', () => undefined);
  server.listen(0, host);
  await once(server.server, 'listening');
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= new Promise<void>((resolve) => server.close(() => resolve()));
    return closing;
  };
  onTestFinished(close);
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    refuse(at, code) {
      refusal = { at, code };
    },
    accept() {
      refusal = undefined;
    },
    onMessage(given) {
      hook = given;
    },
    close,
  };
}
