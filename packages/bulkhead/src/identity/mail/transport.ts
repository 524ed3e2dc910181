/** The two ways mail goes: to a server by SMTP, or into a folder while developing. */
import type { MailConfig } from './config.ts';

/** A mail, ready to go. */
export interface OutgoingMail {
  /** A UUID; the same on every attempt. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly date: Date;
}

export interface MailTransport {
  /** Resolves once somebody else has taken it. @throws `MailRefused` or whatever kept it from going. */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

/** Trying again would not help. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
}

/** Loads what it needs when the first mail goes, so that nobody else pays for it. */
export function createTransport(config: MailConfig): MailTransport {
  let loading: Promise<MailTransport> | undefined;
  const load = async (): Promise<MailTransport> => {
    if (config.folder !== undefined) {
      return (await import('./folder-transport.ts')).createFolderTransport(config.folder);
    }
    return (await import('./smtp-transport.ts')).createSmtpTransport(
      config.smtpUrl ?? '',
      config.ca,
    );
  };
  return {
    async send(mail) {
      loading ??= load();
      const transport = await loading;
      await transport.send(mail);
    },
    close() {
      loading?.then((transport) => transport.close()).catch(() => {});
    },
  };
}
