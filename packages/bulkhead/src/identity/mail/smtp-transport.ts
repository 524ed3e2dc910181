/**
 * Sends by SMTP.
 *
 * Promises: never in the clear off this machine; a server that does not answer is given up in time; a refusal
 * of the recipient is final, everything else is tried again.
 */
import { createTransport } from 'nodemailer';
import { compose } from './compose.ts';
import { isLocalHost } from './config.ts';
import { MailRefused, type MailTransport } from './transport.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 30_000;
const CONNECTIONS_MAX = 5;

/** @param limits how long a server may say nothing; half a minute unless given. */
export function createSmtpTransport(
  url: string,
  ca?: string,
  { silenceMs = SILENCE_TIMEOUT_MS }: { readonly silenceMs?: number } = {},
): MailTransport {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    // STARTTLS that somebody on the way can leave out protects nobody.
    requireTLS: !secure && !isLocalHost(hostname),
    ignoreTLS: !secure && isLocalHost(hostname),
    ...(username !== '' && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: silenceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail) {
      const message = compose(mail);
      try {
        await transport.sendMail(message);
      } catch (error) {
        if (isFinal(error)) throw new MailRefused(String((error as Error).message));
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

/** The server said that this recipient or this message will never do (RFC 5321, 4.2.1), not that we may not send. */
function isFinal(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  if (code !== 'EENVELOPE' && code !== 'EMESSAGE') return false;
  return typeof responseCode === 'number' && responseCode >= 550 && responseCode < 560;
}
