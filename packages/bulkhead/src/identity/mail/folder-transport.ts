/**
 * Lays mail into a folder instead of sending it: the mailbox of development.
 *
 * Promises: a mail is there whole or not at all, and once, however often it is sent.
 */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { compose } from './compose.ts';
import type { MailTransport, OutgoingMail } from './transport.ts';

export function createFolderTransport(folder: string): MailTransport {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const put = async (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    await writeFile(`${path}.part`, content, { mode: 0o600 });
    await rename(`${path}.part`, path);
  };
  return {
    async send(mail) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { message } = await transport.sendMail(compose(mail));
      const name = `${mail.date.toISOString().replaceAll(/[-:.]/g, '')}-${mail.id}`;
      await put(`${name}.eml`, message as Buffer);
      // What the mailbox page shows, so that nothing has to read MIME.
      await put(`${name}.json`, JSON.stringify(mail));
    },
    close: () => undefined,
  };
}

const NAME = /^[0-9TZ]{19}-([0-9a-f-]{36})\.json$/;

/** The mails in a folder, the newest first. */
export async function readMailbox(folder: string, limit = 100): Promise<OutgoingMail[]> {
  const names = await readdir(folder).catch(() => []);
  const newest = names
    .filter((name) => NAME.test(name))
    .sort()
    .reverse()
    .slice(0, limit);
  return Promise.all(
    newest.map(async (name) => {
      const mail = JSON.parse(await readFile(join(folder, name), 'utf8'));
      // Only this room writes files of that name.
      return { ...mail, date: new Date(mail.date) } as OutgoingMail;
    }),
  );
}
