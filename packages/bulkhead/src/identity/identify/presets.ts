/**
 * The issuers people use, as entries of `identity.jwt`.
 *
 * Promises: plain functions that return the entry one would write by hand; each has a guide in docs/guides.
 */
import type { JwtIssuerInput } from '../config.ts';

type Choices = Pick<JwtIssuerInput, 'tenantClaim' | 'tenants' | 'clockToleranceSeconds'>;

/**
 * Auth0: access tokens of an API. The tenant is the organization (`org_id`) unless `tenantClaim` names another.
 *
 * @example auth0({ domain: 'acme.eu.auth0.com', audience: 'https://api.notes.example' })
 */
export function auth0(
  options: { domain: string; audience: string | string[] } & Choices,
): JwtIssuerInput {
  const { domain, tenantClaim = 'org_id', ...rest } = options;
  const origin = `https://${hostOf(domain)}`;
  return {
    ...rest,
    issuer: `${origin}/`,
    jwksUrl: `${origin}/.well-known/jwks.json`,
    algorithms: ['RS256', 'PS256'],
    tenantClaim,
  };
}

/**
 * Okta: access tokens of a custom authorization server (`default` unless named). Those of the org
 * authorization server are Okta's own and can't be verified by others.
 */
export function okta(
  options: {
    domain: string;
    audience: string | string[];
    authorizationServer?: string;
    tenantClaim: string;
  } & Choices,
): JwtIssuerInput {
  const { domain, authorizationServer = 'default', ...rest } = options;
  const issuer = `https://${hostOf(domain)}/oauth2/${encodeURIComponent(authorizationServer)}`;
  return { ...rest, issuer, jwksUrl: `${issuer}/v1/keys`, algorithms: ['RS256'] };
}

/**
 * Supabase Auth. The tenant is `app_metadata.tenant_id`, which only a server can write; never
 * `user_metadata`, which users can. `legacySecret` is for projects that still sign with HS256.
 */
export function supabase(
  options: ({ projectRef: string } | { url: string }) & { legacySecret?: string } & Choices,
): JwtIssuerInput {
  const origin =
    'url' in options
      ? new URL(options.url).origin
      : `https://${hostOf(options.projectRef)}.supabase.co`;
  const issuer = `${origin}/auth/v1`;
  const { legacySecret, tenantClaim = 'app_metadata.tenant_id', tenants } = options;
  const { clockToleranceSeconds } = options;
  return {
    issuer,
    // Signed-in users only: the anonymous key's tokens say `anon`.
    audience: 'authenticated',
    ...(legacySecret === undefined
      ? {
          jwksUrl: `${issuer}/.well-known/jwks.json`,
          algorithms: ['ES256', 'RS256', 'EdDSA'] as const,
        }
      : { sharedSecret: legacySecret, algorithms: ['HS256'] as const }),
    tenantClaim,
    ...(tenants !== undefined && { tenants }),
    ...(clockToleranceSeconds !== undefined && { clockToleranceSeconds }),
  } as JwtIssuerInput;
}

/**
 * Clerk session tokens (version 2). They carry no `aud` by default, so the app's own origins are held
 * against `azp`. The tenant is the active organization (`o.id`).
 *
 * @example clerk({ frontendApi: 'https://clerk.notes.example', authorizedParties: ['https://notes.example'] })
 */
export function clerk(
  options: { frontendApi: string; authorizedParties: string[] } & Choices,
): JwtIssuerInput {
  const { frontendApi, authorizedParties, tenantClaim = 'o.id', ...rest } = options;
  const issuer = `https://${hostOf(frontendApi)}`;
  return {
    ...rest,
    issuer,
    audience: authorizedParties,
    audienceClaim: 'azp',
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    algorithms: ['RS256'],
    tenantClaim,
  };
}

/** Accepts `https://host/` as people paste it. */
function hostOf(text: string): string {
  return text.replace(/^https?:\/\//, '').replace(/\/+$/, '');
}
