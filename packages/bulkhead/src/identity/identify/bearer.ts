/**
 * Finds the bearer token of a request.
 *
 * Promises: what is returned has the shape of a signed JWT and a bounded length.
 */
import { identityError } from '../errors.ts';

/** Longer than any honest access token; Node caps all headers together at 16 KiB. */
export const TOKEN_LENGTH_MAX = 8_192;

const BEARER = /^bearer $/i;
const SCHEME_LENGTH = 'Bearer '.length;
const SPACE = 0x20;
const SIGNED_JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * The token in an Authorization header; undefined where there is none of the Bearer scheme.
 *
 * @throws `identity.token_invalid` when it is too long or not a signed JWT.
 */
export function readBearer(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (!BEARER.test(header.slice(0, SCHEME_LENGTH))) return undefined;
  let start = SCHEME_LENGTH;
  while (header.charCodeAt(start) === SPACE) start += 1;
  const token = header.slice(start);
  if (token.length > TOKEN_LENGTH_MAX) {
    throw identityError('identity.token_invalid', { detail: 'token is too long' });
  }
  return token;
}

/** @throws `identity.token_invalid` when the text is not three base64url parts. */
export function assertSignedJwt(token: string): void {
  if (!SIGNED_JWT.test(token)) {
    throw identityError('identity.token_invalid', { detail: 'token is not three base64url parts' });
  }
}
