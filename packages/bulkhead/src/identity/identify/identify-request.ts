/**
 * Finds out who sends a request.
 *
 * Promises: a bearer token that is present must be valid, whatever `authenticate` would say, and so must a
 * session's cookie and an API key; of two credentials in one request none is believed. A verified token costs a map look-up until it is due again. What is remembered for long is keyed by the token's
 * SHA-256, so that no usable token lies in memory for a heap dump to find, but for those of the last seconds.
 */
import { hash } from 'node:crypto';
import { runOutsideContext } from '../../isolation/index.ts';
import { BoundedCache } from '../bounded-cache.ts';
import type { Authenticate, IdentityConfig } from '../config.ts';
import { identityError } from '../errors.ts';
import type { RequestLike } from '../request.ts';
import type { SessionCookie } from '../sessions/session-cookie.ts';
import type { ApiKeyFinder } from './api-key-finder.ts';
import { assertSignedJwt, readBearer } from './bearer.ts';
import { authenticatedIdentity, canonicalTenants, type Identity } from './identity.ts';
import { createJwtVerifier, type VerifiedToken } from './jwt-verifier.ts';
import type { SessionFinder } from './session-finder.ts';

const CACHED_TOKENS_MAX = 10_000;
const RECENT_TOKENS_MAX = 1_000;
const RECENT_MS = 5_000;
/** Bounds what the cached claims can take: claims are no larger than the token they were read from. */
const CACHED_TOKEN_CHARACTERS_MAX = 16 * 1024 * 1024;

/** Where Bulkhead's own credentials are looked up; only what is configured. */
export interface Credentials {
  readonly sessions?:
    | { readonly cookie: SessionCookie; readonly finder: SessionFinder }
    | undefined;
  readonly apiKeys?: { readonly prefix: string; readonly finder: ApiKeyFinder } | undefined;
}

export type Identifier = (request: RequestLike) => Identity | Promise<Identity>;

/** Makes the identifier of a configuration; answers at once where the token is known. */
export function createIdentifier(
  config: IdentityConfig,
  nowMs: () => number,
  credentials: Credentials = {},
): Identifier {
  const claimSource = config.tenantFrom.find((source) => source.from === 'claim');
  const verify = createJwtVerifier(config.jwt, claimSource?.name, nowMs);
  const verified = new BoundedCache<VerifiedToken>(CACHED_TOKENS_MAX, CACHED_TOKEN_CHARACTERS_MAX);
  const recent = new RecentTokens();
  const underway = new Map<string, Promise<Identity>>();
  const takesTokens = config.jwt.length > 0;
  const { authenticate } = config;

  async function verifyOnce(token: string, key: string): Promise<Identity> {
    try {
      const result = await verify(token);
      verified.set(key, result, token.length);
      return result.identity;
    } finally {
      underway.delete(key);
    }
  }

  const byToken = (token: string): Identity | Promise<Identity> => {
    const now = nowMs();
    const seen = recent.get(token);
    if (seen !== undefined && now < seen.trustedUntilMs) return seen.identity;
    const key = digest(token);
    const known = verified.get(key);
    if (known !== undefined) {
      if (now < known.trustedUntilMs) {
        recent.set(token, known);
        return known.identity;
      }
      verified.delete(key);
    }
    assertSignedJwt(token);
    let verifying = underway.get(key);
    if (verifying === undefined) {
      verifying = verifyOnce(token, key);
      underway.set(key, verifying);
    }
    return verifying;
  };

  const otherwise = (request: RequestLike): Promise<Identity> => {
    if (authenticate !== undefined) return askApp(authenticate, request, config, nowMs);
    throw identityError('identity.credentials_missing');
  };

  const { sessions, apiKeys } = credentials;
  if (sessions === undefined && apiKeys === undefined) {
    return (request) => {
      const token = takesTokens ? readBearer(request.header('authorization')) : undefined;
      return token === undefined ? otherwise(request) : byToken(token);
    };
  }

  const keyStart = apiKeys === undefined ? undefined : `${apiKeys.prefix}_`;
  return (request) => {
    const bearer = readBearer(request.header('authorization'));
    const header = apiKeys === undefined ? undefined : request.header('x-api-key');
    const cookie = sessions?.cookie.read(request.header('cookie'), request.host);
    // Two programs on the way could read two credentials as two different people.
    if (
      (bearer !== undefined && (header !== undefined || cookie !== undefined)) ||
      (header !== undefined && cookie !== undefined)
    ) {
      throw identityError('identity.credentials_ambiguous');
    }
    if (cookie !== undefined && sessions !== undefined) {
      return sessions.finder.find(cookie, request);
    }
    if (header !== undefined && apiKeys !== undefined) return apiKeys.finder.find(header, request);
    if (bearer === undefined) return otherwise(request);
    if (keyStart !== undefined && apiKeys !== undefined && bearer.startsWith(keyStart)) {
      return apiKeys.finder.find(bearer, request);
    }
    if (takesTokens) return byToken(bearer);
    // A scheme of the app's own.
    if (authenticate !== undefined) return otherwise(request);
    throw apiKeys === undefined
      ? identityError('identity.token_invalid', { detail: 'no issuer of tokens is configured' })
      : identityError('identity.api_key_invalid', { detail: 'not of the configured prefix' });
  };
}

/** Spares the token of a busy client its hash; empties itself a few seconds after it was last empty. */
class RecentTokens {
  readonly #tokens = new Map<string, VerifiedToken>();

  get(token: string): VerifiedToken | undefined {
    return this.#tokens.get(token);
  }

  set(token: string, verified: VerifiedToken): void {
    if (this.#tokens.size >= RECENT_TOKENS_MAX) return;
    if (this.#tokens.size === 0) {
      // Outlives the request, and must not keep the process alive.
      runOutsideContext(() => setTimeout(() => this.#tokens.clear(), RECENT_MS).unref());
    }
    this.#tokens.set(token, verified);
  }
}

function digest(token: string): string {
  return hash('sha256', token, 'base64');
}

async function askApp(
  authenticate: Authenticate,
  request: RequestLike,
  config: IdentityConfig,
  nowMs: () => number,
): Promise<Identity> {
  const answer = await authenticate(request);
  if (answer === null) throw identityError('identity.credentials_missing');
  const parsed = authenticatedIdentity.safeParse(answer);
  if (!parsed.success) {
    throw identityError('identity.authenticate_invalid', {
      cause: parsed.error,
      detail: parsed.error.issues
        .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
        .join('; '),
    });
  }
  const { actor, tenants, claims } = parsed.data;
  const expiresAtMs = parsed.data.expiresAtMs ?? nowMs() + config.contextLifetimeSeconds * 1_000;
  if (expiresAtMs <= nowMs())
    throw identityError('identity.credentials_missing', { detail: 'the identity has expired' });
  return { actor, tenants: canonicalTenants(tenants), expiresAtMs, ...(claims && { claims }) };
}
