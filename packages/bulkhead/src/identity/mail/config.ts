/** What the identity section says of mail. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
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
    sendFrom: z
      .enum(['any', 'worker'])
      .default('any')
      .describe(
        'Which processes send: `any` that posts mail does, and takes over what another left; `worker` leaves it to `bulkhead work`, `bulkhead serve --worker` and processes that call `bulkhead.start()`, for where others do not reach the server.',
      ),
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

/** An address, perhaps with a port: what the resolver is told, and nothing that itself would need a name server. */
const nameServer = z
  .string()
  .refine(
    (text) => readNameServer(text) !== undefined,
    'must be 192.0.2.53, 192.0.2.53:5353, 2001:db8::53 or [2001:db8::53]:5353',
  );

function readNameServer(text: string): string | undefined {
  const [, six, four, port] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (port !== undefined && Number(port) > 65_535) return undefined;
  if (isIP(text) !== 0 || isIPv6(six ?? '') || isIPv4(four ?? '')) return text;
  return undefined;
}

/** What the room's section takes in of mail, invitations and domains. */
export const mailFields = {
  mail: mailSchema.optional().describe('How mail is sent. Without it, mail is posted and waits.'),
  invitationPath: z
    .string()
    .regex(/^\/[\w./-]*$/, 'must be a path such as /invitation')
    .optional()
    .describe(
      'The page below `publicUrl` that the link of an invitation leads to; `#` and the token are appended, so that no server ever logs it. Unless given, the console’s where there is a control plane, else `/invitation`.',
    ),
  invitationDays: z
    .int()
    .min(1)
    .max(30)
    .default(7)
    .describe('How long the link of an invitation works.'),
  nameServers: z
    .array(nameServer)
    .min(1)
    .max(10)
    .optional()
    .describe(
      'Who is asked for the TXT records of domains, such as `9.9.9.9`; the machine’s own name servers unless given. Where those answer for names inside the house, give public ones.',
    ),
} as const;
