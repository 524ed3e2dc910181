/**
 * The `identity` section of the configuration.
 *
 * Promises: what could silently weaken a check refuses to start: an issuer without audience, a tenant
 * claim that users may edit, keys of two kinds for one issuer.
 */
import { z } from 'zod';
import { databaseUrlSchema } from '../kernel/config/index.ts';
import { identityError } from './errors.ts';
import { isAsymmetric, jwtAlgorithms } from './identify/algorithms.ts';
import type { AuthenticatedIdentity } from './identify/identity.ts';
import { readDomain } from './locate/host.ts';
import { mailFields } from './mail/config.ts';
import type { RequestLike } from './request.ts';
import { signInFields } from './sign-in/config.ts';
import { readClaimedName } from './tenant-record.ts';

const claimName = z
  .string()
  .min(1)
  .max(200)
  .refine((name) => !/^(?:user_metadata|unsafe_metadata)(?:\.|$)/.test(name), {
    message:
      'users can edit this claim themselves: use one that only the issuer or your server writes',
  });

const baseDomain = z.string().transform((text, context) => {
  // `localhost` has no dot and is what every development machine uses.
  if (text.toLowerCase() === 'localhost') return 'localhost';
  try {
    return readDomain(text);
  } catch {
    context.addIssue('not a host name: write it without scheme, port or path');
    return z.NEVER;
  }
});

export const tenantSourceSchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('domain') }),
  z.strictObject({
    from: z.literal('subdomain'),
    of: baseDomain.describe('The domain whose subdomains are tenants, without scheme or port.'),
    except: z
      .array(z.string().toLowerCase())
      .default([])
      .describe('Subdomains that are the product’s own, such as `www` and `app`.'),
  }),
  z.strictObject({
    from: z.literal('header'),
    name: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/)
      .describe('The header that names a tenant by slug or id.'),
  }),
  z.strictObject({
    from: z.literal('path'),
    prefix: z
      .string()
      .regex(/^\/(?:[\w-]+\/)*$/, 'must begin and end with a slash, as in /t/')
      .describe(
        'What stands before the tenant in the path: `/t/` reads `acme` from `/t/acme/notes`.',
      ),
  }),
  z.strictObject({
    from: z.literal('claim'),
    name: claimName.describe(
      'The claim of the verified token that names the tenant; dots walk into objects.',
    ),
  }),
]);
export type TenantSource = z.output<typeof tenantSourceSchema>;

const httpsUrl = z.url().refine((text) => {
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}, 'must be https (plain http only to this machine)');

const audience = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);

/** In the one spelling that the directory uses. */
const tenantName = z.string().transform((text, context) => {
  const name = readClaimedName(text);
  if (name !== undefined) return name.value;
  context.addIssue('names no tenant: write a slug, an id or an external id');
  return z.NEVER;
});

const publicKey = z.union([
  z.string().regex(/^-----BEGIN PUBLIC KEY-----/, 'must be a PEM public key (SPKI)'),
  z.looseObject({
    kty: z.enum(['RSA', 'EC', 'OKP']),
    d: z.undefined({ error: 'this is a private key' }).optional(),
  }),
]);

export const jwtIssuerSchema = z
  .strictObject({
    issuer: z
      .string()
      .min(1)
      .describe('Compared whole with the token’s `iss`; a trailing slash matters.'),
    audience: audience.describe('What the token’s `aud` must name: your API, not the issuer.'),
    audienceClaim: z
      .enum(['aud', 'azp'])
      .default('aud')
      .describe('`azp` for issuers whose tokens carry no `aud` (Clerk).'),
    jwksUrl: httpsUrl
      .optional()
      .describe(
        'Where the issuer publishes its keys; fetched when first needed and again within 15 minutes. Exactly one of `jwksUrl`, `publicKeys` and `sharedSecret`.',
      ),
    publicKeys: z
      .array(publicKey)
      .min(1)
      .optional()
      .describe('The issuer’s keys themselves, as PEM (SPKI) or JWK, where it publishes none.'),
    sharedSecret: z
      .string()
      .refine((secret) => Buffer.byteLength(secret) >= 32, 'must have at least 32 bytes')
      .optional()
      .describe(
        'For HS256 alone, at least 32 bytes. Whoever can verify with it can also sign, so prefer keys.',
      ),
    algorithms: z
      .array(z.enum(jwtAlgorithms))
      .min(1)
      .optional()
      .describe(
        'Those the issuer signs with. Without it: every asymmetric one, or HS256 with a shared secret.',
      ),
    tenantClaim: claimName
      .optional()
      .describe(
        'Where the token says which tenants its bearer belongs to, by slug, id or external id; dots walk into objects. Without it the claim of `tenantFrom`.',
      ),
    tenants: z
      .array(tenantName)
      .min(1, 'must name at least one tenant; leave it out for any')
      .max(1_000)
      .optional()
      .describe(
        'The only tenants that tokens of this issuer may enter, by slug, id or external id, whatever the tokens claim. Without it the issuer may name any tenant: leave it out only for an issuer of your own.',
      ),
    clockToleranceSeconds: z
      .number()
      .int()
      .min(0)
      .max(300)
      .default(30)
      .describe('How far the issuer’s clock and ours may differ.'),
  })
  .superRefine((entry, context) => {
    const kinds = [entry.jwksUrl, entry.publicKeys, entry.sharedSecret].filter(
      (kind) => kind !== undefined,
    );
    if (kinds.length !== 1) {
      context.addIssue('give exactly one of jwksUrl, publicKeys and sharedSecret');
    }
    const wantsAsymmetric = entry.sharedSecret === undefined;
    if (entry.algorithms?.some((algorithm) => isAsymmetric(algorithm) !== wantsAsymmetric)) {
      context.addIssue({
        code: 'custom',
        path: ['algorithms'],
        message: 'HS256, HS384 and HS512 go with sharedSecret, all others with keys',
      });
    }
  });
export type JwtIssuer = z.output<typeof jwtIssuerSchema>;
/** What one writes for an issuer; the presets return it. */
export type JwtIssuerInput = z.input<typeof jwtIssuerSchema>;

/** The app's own way to identify a request; null when nobody is signed in. */
export type Authenticate = (
  request: RequestLike,
) => AuthenticatedIdentity | null | Promise<AuthenticatedIdentity | null>;

const minutes = (most: number) => z.int('must be a whole number').min(1).max(most);

/** Bulkhead's own sessions; a tenant's policy can only narrow what stands here. */
export const sessionsSchema = z.strictObject({
  cookieName: z
    .string()
    .regex(/^[A-Za-z][\w-]{0,40}$/, 'must be letters, digits, _ and -')
    .default('bulkhead_session')
    .describe(
      'The cookie of a session, without `__Host-`, which is put before it wherever the site is served by https.',
    ),
  idleMinutes: minutes(60 * 24 * 90)
    .default(60 * 24)
    .describe('A session that nobody used for so long has ended.'),
  absoluteMinutes: minutes(60 * 24 * 366)
    .default(60 * 24 * 30)
    .describe('A session ends this long after its start, however much it is used.'),
  rotateMinutes: minutes(60 * 24)
    .default(15)
    .describe('How old a session’s token gets before the browser is given another.'),
  graceSeconds: z
    .int()
    .min(1)
    .max(300)
    .default(30)
    .describe(
      'How long a replaced token is still good, for requests under way. Used later it counts as stolen, and the session ends.',
    ),
});

export const apiKeysSchema = z.strictObject({
  prefix: z
    .string()
    .regex(
      /^(?!bh[a-z]1$)[a-z][a-z0-9]{1,15}(?:_[a-z0-9]{1,15})?$/,
      'must be lower-case letters and digits, perhaps with one _ inside, and not that of a Bulkhead key',
    )
    .default('bhkey')
    .describe(
      'What your customers’ API keys begin with, such as `acme_live`: secret scanners find them by it.',
    ),
});

const aFunction = (value: unknown): boolean => typeof value === 'function';

export const identitySection = z
  .strictObject({
    tenantFrom: z
      .array(tenantSourceSchema)
      .max(8)
      .prefault([])
      .describe(
        'Where a request names its tenant. All that say something must agree; where none does, a user of exactly one tenant enters that one.',
      ),
    jwt: z
      .array(jwtIssuerSchema)
      .max(50)
      .prefault([])
      .describe('The issuers whose bearer tokens identify a user, each by its exact `iss`.'),
    authenticate: z
      .custom<Authenticate>(aFunction, 'must be a function')
      .optional()
      .describe(
        'The app’s own way to identify a request, such as its session: `(request) => { actor, tenants }`, or null when nobody is signed in. Asked where there is no bearer token.',
      ),
    accountsUrl: databaseUrlSchema
      .optional()
      .describe(
        'Where users, sessions and credentials are kept: as `database.identityRole`, whose functions the app’s own role cannot call. Without it there are only identities from tokens and `authenticate`.',
      ),
    sessions: sessionsSchema
      .optional()
      .describe('Bulkhead’s own sessions identify requests. Needs `accountsUrl`.'),
    apiKeys: apiKeysSchema
      .optional()
      .describe(
        'Bulkhead’s own API keys identify requests, as `Authorization: Bearer` or `X-Api-Key`.',
      ),
    ...signInFields,
    ...mailFields,
    requireMembership: z
      .boolean()
      .default(false)
      .describe(
        'Demand an active membership also of who comes by a token or `authenticate`; sessions and API keys always need one.',
      ),
    trustProxy: z
      .boolean()
      .default(false)
      .describe(
        'Read the host from `X-Forwarded-Host`, and the address of the client from the last entry of `X-Forwarded-For`. Only behind a proxy that writes both; otherwise any client could.',
      ),
    publicPaths: z
      .array(
        z.string().regex(/^\/[^*?#%\\]*\*?$/, 'must begin with a slash; only a last * is special'),
      )
      .default([])
      .describe('Paths that run without a context: exact ones, or `/assets/*` for all below.'),
    skip: z
      .custom<(request: RequestLike) => boolean>(aFunction, 'must be a function')
      .optional()
      .describe('True for a request that runs without a context, where a path does not tell.'),
    contextLifetimeSeconds: z
      .number()
      .int()
      .min(1)
      .max(3_600)
      .default(900)
      .describe('A context lives no longer than this, nor than the token it came from.'),
  })
  .superRefine((config, context) => {
    const claimSource = config.tenantFrom.find((source) => source.from === 'claim');
    const seen = new Set<string>();
    for (const [index, entry] of config.jwt.entries()) {
      if (entry.tenantClaim === undefined && claimSource === undefined) {
        context.addIssue({
          code: 'custom',
          path: ['jwt', index, 'tenantClaim'],
          message: 'missing: no token of this issuer could be admitted to any tenant',
        });
      }
      if (seen.has(entry.issuer)) {
        context.addIssue({
          code: 'custom',
          path: ['jwt', index, 'issuer'],
          message: 'given twice',
        });
      }
      seen.add(entry.issuer);
    }
    if (config.sessions !== undefined && config.accountsUrl === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['accountsUrl'],
        message: 'missing: sessions are started by the role database.identityRole',
      });
    }
  });
export type IdentityConfig = z.output<typeof identitySection>;
export type IdentityConfigInput = z.input<typeof identitySection>;

/**
 * Reads an identity section by itself; the whole configuration is read by `createBulkhead`.
 *
 * @throws `identity.config_invalid` naming all faults.
 */
export function parseIdentityConfig(input: IdentityConfigInput): IdentityConfig {
  const parsed = identitySection.safeParse(input);
  if (!parsed.success) {
    throw identityError('identity.config_invalid', { message: z.prettifyError(parsed.error) });
  }
  return parsed.data;
}
