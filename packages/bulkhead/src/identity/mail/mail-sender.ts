/**
 * Sends what was posted.
 *
 * Promises: every mail whose posting committed is sent at least once, whatever dies meanwhile, and again only
 * when nobody heard how it went; each attempt has the same Message-ID. Any number of processes may run it.
 * Does not promise order, nor that a mailbox exists.
 */
import { z } from 'zod';
import type { AccountsQuery } from '../accounts/accounts-query.ts';
import { renderHtml, renderText } from './mail-content.ts';
import type { MailSeal } from './mail-seal.ts';
import { type TemplateSettings, templates } from './templates.ts';
import { MailRefused, type MailTransport } from './transport.ts';

export interface MailSenderOptions {
  readonly accounts: AccountsQuery;
  readonly transport: MailTransport;
  readonly seal: MailSeal;
  readonly from: string;
  readonly settings: TemplateSettings;
  /** How long an attempt may be silent before another process takes the mail over. */
  readonly leaseSeconds?: number;
  readonly pollMs?: number;
  /** How long stopping may take for what nobody has begun to send. */
  readonly drainMs?: number;
  /** Told of what keeps mail from going. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

export interface MailSender {
  /** Sends what is due now, whatever is under way already; returns how many were taken by a server. */
  sendDue(): Promise<number>;
  /** Sends whatever becomes due, until stopped. */
  start(): void;
  /** Looks at once instead of at the next turn: for the process that has just posted. */
  kick(): void;
  /**
   * Finishes what is under way, and goes on with what is due for a moment: the rest of thousands is sent by the next
   * process.
   */
  stop(): Promise<void>;
}

/** As many as the transport has connections: a mail that waits for one would wait in its lease. */
const BATCH = 5;
const LEASE_SECONDS = 120;
const POLL_MS = 2_000;
const DRAIN_MS = 10_000;

const claimed = z.object({
  id: z.string(),
  claim: z.string(),
  recipient: z.string(),
  template: z.string(),
  data: z.unknown(),
  sealed: z.instanceof(Buffer).nullable(),
  created_at: z.date(),
});
type Claimed = z.output<typeof claimed>;

export function createMailSender(options: MailSenderOptions): MailSender {
  const { accounts, transport, seal, from, settings } = options;
  const pollMs = options.pollMs ?? POLL_MS;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<number> | undefined;
  let again = false;
  let started = false;
  let stopAtMs = Number.POSITIVE_INFINITY;

  async function sendOne(mail: Claimed): Promise<boolean> {
    try {
      const template = templates[mail.template];
      if (template === undefined) throw new MailRefused(`no template ${mail.template}`);
      const secret = mail.sealed === null ? {} : seal.open(mail.recipient, mail.sealed);
      const content = template(settings, mail.data, secret);
      await transport.send({
        id: mail.id,
        from,
        to: mail.recipient,
        subject: content.subject,
        text: renderText(content),
        html: renderHtml(content, settings.product),
        date: mail.created_at,
      });
    } catch (error) {
      options.onFailure?.(error);
      await accounts.query('select bulkhead.mail_failed($1, $2, $3, $4)', [
        mail.id,
        mail.claim,
        reasonOf(error, mail.recipient),
        error instanceof MailRefused,
      ]);
      return false;
    }
    await accounts.query('select bulkhead.mail_sent($1, $2)', [mail.id, mail.claim]);
    return true;
  }

  async function sendAll(): Promise<number> {
    let sent = 0;
    for (;;) {
      const { rows } = await accounts.query('select * from bulkhead.mail_claim($1, $2)', [
        BATCH,
        options.leaseSeconds ?? LEASE_SECONDS,
      ]);
      // All of them come to an end before the first fault is told, so that stopping leaves nothing under way.
      const results = await Promise.allSettled(rows.map((row) => sendOne(claimed.parse(row))));
      for (const result of results) {
        if (result.status === 'rejected') throw result.reason;
        if (result.value) sent += 1;
      }
      if (rows.length < BATCH || performance.now() >= stopAtMs) return sent;
    }
  }

  /** One round at a time; a kick meanwhile makes one more. */
  function round(): Promise<number> {
    running ??= sendAll().finally(() => {
      running = undefined;
    });
    return running;
  }

  function turn(): void {
    clearTimeout(timer);
    if (!started) return;
    round()
      .catch((error) => options.onFailure?.(error))
      .then(() => {
        if (!started) return;
        timer = setTimeout(turn, again ? 0 : pollMs);
        again = false;
        timer.unref();
      });
  }

  return {
    async sendDue() {
      // What is under way may have looked before the last mail was posted.
      await running?.catch(() => 0);
      return round();
    },
    start() {
      if (started) return;
      started = true;
      turn();
    },
    kick() {
      if (!started) return;
      if (running === undefined) turn();
      else again = true;
    },
    async stop() {
      started = false;
      clearTimeout(timer);
      stopAtMs = performance.now() + (options.drainMs ?? DRAIN_MS);
      await running?.catch(() => 0);
      // What was posted while that round was under way may have come after its look.
      if (again && performance.now() < stopAtMs) await round().catch(() => 0);
      again = false;
      transport.close();
    },
  };
}

/** What the mail server said, for whoever runs it: without the person. */
function reasonOf(error: unknown, recipient: string): string {
  const { message, code } =
    error instanceof Error
      ? (error as Error & { code?: unknown })
      : { message: String(error), code: undefined };
  const text = code === undefined ? message : `${String(code)} ${message}`;
  return text
    .replaceAll(recipient, '<recipient>')
    .replace(/[\p{C}]+/gu, ' ')
    .slice(0, 500);
}
