/** What the identity section says of mail. */
import { z } from 'zod';

const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

const smtpUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (protocol === 'smtps:' || protocol === 'smtp:') && hostname !== '';
}, 'must be smtps://user:password@host or smtp://user:password@host:587');

/** `Notes <hello@notes.example>` or the address alone; nothing that could end a header. */
const FROM =
  /^(?:([^\p{C}"<>\\]{1,100}) <([!-;=?A-~]{1,64}@[A-Za-z0-9.-]{1,253})>|([!-;=?A-~]{1,64}@[A-Za-z0-9.-]{1,253}))$/u;

export const mailSchema = z
  .strictObject({
    smtpUrl: smtpUrl
      .optional()
      .describe(
        'The server that sends: `smtps://` speaks TLS from the start, `smtp://` upgrades and refuses to go on without, except on this machine.',
      ),
    ca: z
      .string()
      .regex(/^-----BEGIN CERTIFICATE-----/, 'must be a certificate in PEM form')
      .optional()
      .describe('The certificate that the server’s is signed with, where that is one of your own.'),
    folder: z
      .string()
      .min(1)
      .optional()
      .describe('For development: mail is not sent but laid into this folder, as `.eml` files.'),
    from: z
      .string()
      .regex(FROM, 'must be an address, or a name and an address in <>')
      .describe('Who mail comes from, such as `Notes <hello@notes.example>`.'),
  })
  .refine(({ smtpUrl: server, folder }) => (server === undefined) !== (folder === undefined), {
    message: 'give exactly one of smtpUrl and folder',
  });
export type MailConfig = z.output<typeof mailSchema>;

/** Where mail may go unencrypted: it does not leave the machine. */
export const isLocalHost = (hostname: string): boolean => LOCAL.test(hostname);

/** What the room's section takes in of mail and invitations. */
export const mailFields = {
  mail: mailSchema.optional().describe('How mail is sent. Without it, mail is posted and waits.'),
  invitationPath: z
    .string()
    .regex(/^\/[\w./-]*$/, 'must be a path such as /invitation')
    .default('/invitation')
    .describe(
      'The page below `publicUrl` that the link of an invitation leads to; `#` and the token are appended, so that no server ever logs it.',
    ),
  invitationDays: z
    .int()
    .min(1)
    .max(30)
    .default(7)
    .describe('How long the link of an invitation works.'),
} as const;
