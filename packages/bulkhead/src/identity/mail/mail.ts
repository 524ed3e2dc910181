/** Mail at work: posting, sending, and the mailbox of development. */
import type { AccountsQuery } from '../accounts/accounts-query.ts';
import type { MailConfig } from './config.ts';
import { createMailSeal, type MailSeal } from './mail-seal.ts';
import { createMailSender, type MailSender } from './mail-sender.ts';
import type { TemplateSettings } from './templates.ts';
import { createTransport, type OutgoingMail } from './transport.ts';

export interface PlainMail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mail {
  /**
   * Sends what is posted by whatever process, from now on, until `bulkhead.close()`. A process that posts mail
   * does so by itself, unless `identity.mail.sendFrom` says `worker`; `bulkhead.start()` and `bulkhead work` do.
   * Any number of processes may.
   *
   * @throws `identity.mail_unconfigured`
   */
  start(): void;
  /** Sends what is due and returns how many mails that were. @throws `identity.mail_unconfigured` */
  sendDue(): Promise<number>;
  /** The newest mails of the folder that development has instead of a server; empty with a server. */
  mailbox(): Promise<readonly OutgoingMail[]>;
}

export interface MailRoom {
  readonly mail: Mail;
  readonly seal: MailSeal;
  /** Posts a mail that is written out already; it is sent once this has returned. */
  post(mail: PlainMail): Promise<void>;
  /** Something was posted: look for it now. */
  kick(): void;
  close(): Promise<void>;
}

export interface MailPorts {
  readonly config: MailConfig | undefined;
  readonly contextKeys: readonly string[];
  readonly accounts: AccountsQuery;
  /** Whether this process may send without being told to. */
  readonly sendsByItself: boolean;
  readonly settings: TemplateSettings;
  /** Raises what a use without configuration meets. */
  unconfigured(): Error;
}

export function createMail(ports: MailPorts): MailRoom {
  const { config, accounts } = ports;
  const seal = createMailSeal(ports.contextKeys);
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  let sender: MailSender | undefined;
  const sending = (): MailSender => {
    if (config === undefined) throw ports.unconfigured();
    sender ??= createMailSender({
      accounts,
      seal,
      transport: createTransport(config),
      from: config.from,
      settings: ports.settings,
      onFailure(error) {
        // Each mail keeps its own reason; whoever runs this hears that there is something to look at.
        const nowMs = performance.now();
        if (nowMs - warnedAtMs < 60_000) return;
        warnedAtMs = nowMs;
        const code = (error as { code?: unknown } | null)?.code ?? 'unknown';
        process.emitWarning(`Mail could not be sent (${String(code)}).`, { code: 'BULKHEAD_MAIL' });
      },
    });
    return sender;
  };
  const kick = (): void => {
    if (config === undefined) return;
    if (ports.sendsByItself) sending().start();
    sender?.kick();
  };
  return {
    mail: {
      start: () => sending().start(),
      sendDue: async () => sending().sendDue(),
      async mailbox() {
        if (config?.folder === undefined) return [];
        return (await import('./folder-transport.ts')).readMailbox(config.folder);
      },
    },
    seal,
    async post({ to, subject, text }) {
      await accounts.query('select bulkhead.mail_post(null, $1, $2, $3, $4)', [
        to,
        'plain',
        '{}',
        seal.seal(to, { subject, text }),
      ]);
      kick();
    },
    kick,
    async close() {
      await sender?.stop();
    },
  };
}
