/** From a mail to what nodemailer takes: the one place where headers are made. */
import type { SendMailOptions } from 'nodemailer';
import { MailRefused, type OutgoingMail } from './transport.ts';

/** @throws MailRefused for what would end a header and begin another. */
export function compose(mail: OutgoingMail): SendMailOptions {
  for (const value of [mail.from, mail.to, mail.subject]) {
    // nodemailer folds such characters away; what carries them was not written by us.
    if (/[\r\n\0]/.test(value)) throw new MailRefused('a line break in a header');
  }
  const domain = /@([^@>]+)>?$/.exec(mail.from)?.[1] ?? 'localhost';
  return {
    from: mail.from,
    // An object, so that no text is read as a list of addresses.
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: mail.date,
    messageId: `<${mail.id}@${domain}>`,
    // RFC 3834: no out-of-office answers, and none to those.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
