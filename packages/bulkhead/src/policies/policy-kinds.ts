/**
 * What a tenant's policies may say: one schema a kind, each with the defaults that hold until somebody sets it.
 *
 * Promises: every limit has a least and a greatest value, so that no policy locks everybody out by a slip of
 * the keyboard or weighs a request down. `bulkhead.policy_fault` in the database holds the same bounds.
 */
import { z } from 'zod';
import { parseNetwork } from './cidr.ts';

const NETWORKS_MAX = 200;

const network = z
  .string()
  .max(49)
  .refine(
    isPlainNetwork,
    'must be an address or a network such as 192.0.2.0/24 or 2001:db8::/32, without bits of a host',
  );
const networks = z.array(network).max(NETWORKS_MAX);

const days = z.int().min(1).max(3_650).nullable();

export const passwordPolicySchema = z.strictObject({
  lengthMin: z
    .int()
    .min(8)
    .max(128)
    .default(12)
    .describe('The fewest characters that a new password has.'),
  lengthMax: z
    .int()
    .min(64)
    .max(1_024)
    .default(256)
    .describe('The most; long enough for any passphrase.'),
  reuseHistory: z
    .int()
    .min(0)
    .max(24)
    .default(5)
    .describe('How many earlier passwords a new one must differ from.'),
  ageMaxDays: days
    .default(null)
    .describe('After so many days it must be changed; null for never, as NIST SP 800-63B advises.'),
  breachedCheck: z
    .boolean()
    .default(false)
    .describe('Refuse passwords known from breaches: a list is asked for each new one.'),
});

export const sessionPolicySchema = z.strictObject({
  idleMaxMinutes: z
    .int()
    .min(5)
    .max(129_600)
    .default(10_080)
    .describe('A session that nobody uses for so long ends.'),
  ageMaxMinutes: z
    .int()
    .min(15)
    .max(525_600)
    .default(43_200)
    .describe('A session ends after so long, used or not.'),
  concurrentMax: z
    .int()
    .min(1)
    .max(1_000)
    .nullable()
    .default(null)
    .describe('How many sessions a user may have at once: the newest stay. Null for any number.'),
  ipAllowlist: networks
    .default([])
    .describe('Where sessions may be used from, in CIDR form; empty for anywhere.'),
});

export const apiPolicySchema = z.strictObject({
  keyAgeMaxDays: days
    .default(null)
    .describe('An API key is refused once it is so old; null for no limit.'),
  ipAllowlist: networks
    .default([])
    .describe('Where API keys may be used from, in CIDR form; empty for anywhere.'),
  scopesAllowed: z
    .array(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$/, 'must be a permission such as note:read'),
    )
    .max(500)
    .nullable()
    .default(null)
    .describe('The permissions that API keys may carry; null for all.'),
});

export const mfaPolicySchema = z.strictObject({
  required: z
    .enum(['nobody', 'roles', 'everyone'])
    .default('nobody')
    .describe('Who needs a second factor to enter.'),
  roles: z
    .array(z.string().min(1).max(64))
    .max(100)
    .default([])
    .describe('With `roles`: who holds one of these, or a role that inherits one, needs it.'),
  stepUp: z
    .boolean()
    .default(true)
    .describe('Dangerous actions need the second factor anew, of those who have one or need one.'),
  stepUpAgeMaxMinutes: z
    .int()
    .min(1)
    .max(1_440)
    .default(15)
    .describe('How long a second factor counts for dangerous actions.'),
});

/** IPv4 is written as IPv4: a mapped form would be read differently by people and by PostgreSQL. */
function isPlainNetwork(text: string): boolean {
  const network = parseNetwork(text);
  return network !== undefined && (network.family === 6) === text.includes(':');
}

/** A kind, and the schema of its body. */
export const policySchemas = {
  password: passwordPolicySchema,
  session: sessionPolicySchema,
  api: apiPolicySchema,
  mfa: mfaPolicySchema,
} as const;

export type PolicyKind = keyof typeof policySchemas;
export const policyKinds = Object.keys(policySchemas) as readonly PolicyKind[];
export const policyKindSchema = z.enum(['password', 'session', 'api', 'mfa']);

/** The body of each kind, with every default filled in. */
export type PolicyBodies = { readonly [K in PolicyKind]: z.output<(typeof policySchemas)[K]> };
/** What somebody writes; what is left out is the default. */
export type PolicyInputs = { readonly [K in PolicyKind]: z.input<(typeof policySchemas)[K]> };

export const defaultPolicies: PolicyBodies = {
  password: passwordPolicySchema.parse({}),
  session: sessionPolicySchema.parse({}),
  api: apiPolicySchema.parse({}),
  mfa: mfaPolicySchema.parse({}),
};
