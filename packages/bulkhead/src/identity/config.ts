/** The identity section of the configuration: how a request names its tenant, and who vouches for its user. */
import { z } from 'zod';

const HEADER = /^[A-Za-z0-9-]{1,64}$/;
const HOST = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/;

const tenantSourceSchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('domain') }),
  z.strictObject({
    from: z.literal('subdomain'),
    of: z.string().regex(HOST, 'must be a domain in lower case, such as notes.example'),
  }),
  z.strictObject({
    from: z.literal('header'),
    name: z.string().regex(HEADER, 'must be the name of a header'),
  }),
  z.strictObject({
    from: z.literal('path'),
    prefix: z.string().regex(/^\/(.*\/)?$/, 'must begin and end with a slash, such as /t/'),
  }),
  z.strictObject({ from: z.literal('claim'), name: z.string().min(1, 'must name a claim') }),
]);

/** Symmetric algorithms are left out: whoever can verify could also sign. */
const algorithmSchema = z.enum([
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]);

const jwtIssuerSchema = z
  .strictObject({
    issuer: z.string().min(1, 'must not be empty'),
    audience: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    jwksUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    publicKeys: z.array(z.string().min(1)).min(1).optional(),
    algorithms: z.array(algorithmSchema).min(1).optional(),
    tenantClaim: z.string().min(1).optional(),
    clockToleranceSeconds: z.int().min(0).max(120).optional(),
  })
  .refine((value) => (value.jwksUrl === undefined) !== (value.publicKeys === undefined), {
    error: 'must have either jwksUrl or publicKeys',
  });

/** The app's own answer to "who is this?"; null for nobody. */
export type Authenticate = (
  request: Request,
) => Promise<{ id: string; name?: string } | null> | { id: string; name?: string } | null;

export const identitySection = z.strictObject({
  tenantFrom: z
    .array(tenantSourceSchema)
    .min(1, 'must name at least one source')
    .describe('Where a request names its tenant, tried in order.'),
  jwt: z
    .array(jwtIssuerSchema)
    .min(1)
    .optional()
    .describe(
      'Issuers whose bearer tokens are accepted. `audience` is required: a token for another app is no token.',
    ),
  authenticate: z
    .custom<Authenticate>((value) => typeof value === 'function', 'must be a function')
    .optional()
    .describe("The app's own sign-in: takes the request, gives the user or null."),
});
