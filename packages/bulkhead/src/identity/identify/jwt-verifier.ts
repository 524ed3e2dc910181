/**
 * Verifies a bearer JWT.
 *
 * Promises: the issuer is chosen by an exact `iss` and everything else of the token is then held against
 * that issuer's entry: algorithm from an allow-list, signature, audience, `exp` present, `nbf`, `iat`.
 * Every fault looks alike from outside; the reason is in the error's detail, for the log.
 * Does not promise revocation before `exp`; a withdrawn signing key counts within 15 minutes.
 */
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import { isBulkheadError } from '../../kernel/errors.ts';
import type { JwtIssuer } from '../config.ts';
import { identityError } from '../errors.ts';
import { asymmetricAlgorithms } from './algorithms.ts';
import { readClaim } from './claim.ts';
import { canonicalTenants, type Identity } from './identity.ts';
import { createKeySet, type KeySet } from './key-set.ts';

/** An identity, and until when its token needs no further look. */
export interface VerifiedToken {
  readonly identity: Identity;
  readonly trustedUntilMs: number;
}

export type JwtVerifier = (token: string) => Promise<VerifiedToken>;

/** A verified token is looked at again after this long, counted from when its issuer's keys were fetched. */
const RECHECK_AFTER_MS = 15 * 60_000;
/** While the issuer can't be reached, its keys grow old: then every token is looked at again soon. */
const RECHECK_AT_LEAST_MS = 30_000;
const KEYS_TRIED_MAX = 8;
const ACTOR_ID = /^[\x21-\x7e]{1,200}$/;
const ACCESS_TOKEN_TYPES = new Set(['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt']);

interface Issuer {
  readonly config: JwtIssuer;
  readonly algorithms: string[];
  readonly keys: KeySet;
  readonly tenantClaim: string;
}

/** Makes the verifier of the configured issuers. `tenantClaim` stands in where an entry names none. */
export function createJwtVerifier(
  configs: readonly JwtIssuer[],
  tenantClaim: string | undefined,
  nowMs: () => number = Date.now,
): JwtVerifier {
  const issuers = new Map<string, Issuer>(
    configs.map((config) => {
      const fallback =
        config.sharedSecret === undefined ? asymmetricAlgorithms : (['HS256'] as const);
      const claim = config.tenantClaim ?? tenantClaim;
      if (claim === undefined)
        throw identityError('identity.config_invalid', { message: 'jwt: tenantClaim is missing' });
      return [
        config.issuer,
        {
          config,
          algorithms: [...(config.algorithms ?? fallback)],
          keys: createKeySet(config, nowMs),
          tenantClaim: claim,
        },
      ];
    }),
  );

  return async (token) => {
    try {
      const issuer = chooseIssuer(token, issuers);
      const payload = await verify(token, issuer, nowMs());
      return describe(payload, issuer, nowMs());
    } catch (error) {
      if (isBulkheadError(error)) throw error;
      if (error instanceof errors.JOSEError) throw invalid(`${error.code}: ${error.message}`);
      throw invalid('unreadable', error);
    }
  };
}

/** Reads the unverified token just far enough to know whose keys to hold it against. */
function chooseIssuer(token: string, issuers: ReadonlyMap<string, Issuer>): Issuer {
  const header = decodeProtectedHeader(token);
  const { iss } = decodeJwt(token);
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined;
  if (issuer === undefined) throw invalid('iss is not a configured issuer');
  if (header.crit !== undefined) throw invalid('crit is not supported');
  if (typeof header.alg !== 'string' || !issuer.algorithms.includes(header.alg)) {
    throw invalid('alg is not allowed for this issuer');
  }
  const { typ } = header;
  // Logout tokens, DPoP proofs and the like are signed with the same keys, but admit nobody.
  if (typ !== undefined && !ACCESS_TOKEN_TYPES.has(String(typ).toLowerCase())) {
    throw invalid('typ is not an access token’s');
  }
  return issuer;
}

async function verify(token: string, issuer: Issuer, nowMs: number): Promise<JWTPayload> {
  const { config } = issuer;
  const audiences = typeof config.audience === 'string' ? [config.audience] : config.audience;
  const payload = await verifyWithAny(token, issuer.keys.getKey, {
    issuer: config.issuer,
    algorithms: issuer.algorithms,
    clockTolerance: config.clockToleranceSeconds,
    currentDate: new Date(nowMs),
    requiredClaims: ['exp', 'sub', config.audienceClaim],
    ...(config.audienceClaim === 'aud' ? { audience: audiences } : {}),
  });
  if (config.audienceClaim === 'azp') {
    const { azp } = payload;
    if (typeof azp !== 'string' || !audiences.includes(azp)) throw invalid('azp is not allowed');
  }
  // jose looks at iat only under maxTokenAge; a token from the future is a clock fault or a forgery.
  const { iat } = payload;
  if (
    iat !== undefined &&
    (typeof iat !== 'number' || iat * 1_000 > nowMs + config.clockToleranceSeconds * 1_000)
  ) {
    throw invalid('iat is in the future');
  }
  return payload;
}

/** Where no key id tells two keys apart, as in the middle of a rotation, each is tried. */
async function verifyWithAny(
  token: string,
  getKey: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, getKey, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tries = 0;
    for await (const key of error) {
      tries += 1;
      if (tries > KEYS_TRIED_MAX) break;
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (fault) {
        if (!(fault instanceof errors.JWSSignatureVerificationFailed)) throw fault;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

function describe(payload: JWTPayload, issuer: Issuer, nowMs: number): VerifiedToken {
  const { sub, exp } = payload;
  if (typeof sub !== 'string' || !ACTOR_ID.test(sub))
    throw invalid('sub is not 1 to 200 printable ASCII characters');
  if (typeof exp !== 'number') throw invalid('exp is missing');
  const expiresAtMs = (exp + issuer.config.clockToleranceSeconds) * 1_000;
  const recheckAtMs = (issuer.keys.fetchedAtMs() ?? nowMs) + RECHECK_AFTER_MS;
  return {
    identity: Object.freeze({
      actor: Object.freeze({ type: 'user', id: sub }),
      tenants: canonicalTenants(readClaim(payload, issuer.tenantClaim)),
      ...(issuer.config.tenants !== undefined && { vouchedFor: issuer.config.tenants }),
      expiresAtMs,
      claims: Object.freeze(payload),
    }),
    trustedUntilMs: Math.min(expiresAtMs, Math.max(recheckAtMs, nowMs + RECHECK_AT_LEAST_MS)),
  };
}

function invalid(detail: string, cause?: unknown) {
  return identityError('identity.token_invalid', { detail, cause });
}
