/** What the identity section says of signing in; spread into it. */
import { z } from 'zod';
import { isCredentialKey } from './credential-key.ts';

const LOCAL = /^(?:localhost|127\.0\.0\.1|\[::1\])$/;

const publicUrl = z.url().refine((text) => {
  const { protocol, hostname, search, hash } = new URL(text);
  const safe = protocol === 'https:' || (protocol === 'http:' && LOCAL.test(hostname));
  return safe && search === '' && hash === '';
}, 'must be https (plain http only to this machine), without query and fragment');

export const passwordHashingSchema = z.strictObject({
  memoryKib: z
    .int()
    .min(19_456)
    .max(1_048_576)
    .default(19_456)
    .describe('Memory of one hash, in KiB.'),
  passes: z.int().min(2).max(20).default(2).describe('Passes over that memory.'),
  lanes: z.int().min(1).max(8).default(1).describe('Threads of one hash.'),
  concurrencyMax: z
    .int()
    .min(1)
    .max(256)
    .default(4)
    .describe('Hashes at a time; their memory together is the most that sign-ins can take.'),
  waitingMax: z
    .int()
    .min(0)
    .max(100_000)
    .default(200)
    .describe('How many may wait for their turn before others are told to come back.'),
});

export const breachedPasswordsSchema = z.strictObject({
  url: z
    .url()
    .default('https://api.pwnedpasswords.com/range/')
    .describe(
      'A list that speaks the range protocol of Have I Been Pwned; a mirror of your own, if you like.',
    ),
  timeoutMs: z
    .int()
    .min(100)
    .max(30_000)
    .default(2_000)
    .describe('How long the list is waited for.'),
  onFailure: z
    .enum(['allow', 'refuse'])
    .default('allow')
    .describe('What becomes of a new password while the list cannot be asked.'),
  always: z
    .boolean()
    .default(false)
    .describe(
      'Ask for every new password, and not only where a policy of the tenant’s demands it.',
    ),
});

export const signInFields = {
  publicUrl: publicUrl
    .optional()
    .describe(
      'Where people reach this service, such as `https://app.notes.example`. Passkeys are made for its host and its origin, and links in mails begin with it.',
    ),
  productName: z
    .string()
    .min(1)
    .max(64)
    .default('Bulkhead')
    .describe('How authenticator apps and passkeys name this service.'),
  passwordResetPath: z
    .string()
    .regex(/^\/[\w./-]*$/, 'must be a path such as /reset-password')
    .optional()
    .describe(
      'The page below `publicUrl` that a reset link leads to; `#` and the token are appended, so that no server ever logs it. Unless given, the console’s where there is a control plane, else `/reset-password`.',
    ),
  emailChangePath: z
    .string()
    .regex(/^\/[\w./-]*$/, 'must be a path such as /confirm-email')
    .optional()
    .describe(
      'The page below `publicUrl` that the link to another address leads to; `#` and the token are appended. Unless given, the console’s where there is a control plane, else `/confirm-email`.',
    ),
  credentialKeys: z
    .array(z.string().refine(isCredentialKey, 'must be a key of `generateCredentialKey()`, bhc1_…'))
    .max(10)
    .prefault([])
    .describe(
      'Keys that TOTP secrets and recovery codes lie under, of `bulkhead credential-key generate` or `generateCredentialKey()`. The first writes, all read. Losing them is losing every authenticator app.',
    ),
  passwordHashing: passwordHashingSchema
    .prefault({})
    .describe('argon2id, from what OWASP recommends upward.'),
  breachedPasswords: breachedPasswordsSchema
    .prefault({})
    .describe(
      'How passwords that are known from breaches are told. Asked where a tenant’s policy demands it; five hexadecimal digits of a hash leave the house.',
    ),
} as const;

/** The part of the identity section that signing in reads. */
export type SignInConfig = Readonly<z.output<z.ZodObject<typeof signInFields>>>;
