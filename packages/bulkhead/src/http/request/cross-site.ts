/**
 * Keeps other sites from sending changes with somebody's cookie.
 *
 * Promises: a change that was admitted by what a browser attaches by itself must come from a page of ours
 * (Sec-Fetch-Site, else Origin) and carry a token that only such a page can have read; one of the two alone
 * would do, and both must hold. A request admitted by a key or token in a header needs neither: no site can make
 * a browser attach one.
 */
import type { CsrfTokens } from '../../identity/index.ts';
import type { TenantContext } from '../../isolation/index.ts';
import { httpError } from '../errors.ts';
import type { KnownHosts } from './known-hosts.ts';

/** Schemes whose credentials a browser keeps and attaches by itself, whichever site makes it ask. */
const KEPT_BY_BROWSERS = /^(?:basic|digest|ntlm|negotiate)\b/i;

/** Whether a browser attaches by itself what admitted a request: a cookie, whatever other header stands beside it. */
export function isAmbient(request: Request, { session, apiKey }: TenantContext): boolean {
  if (session !== undefined) return true;
  if (apiKey !== undefined) return false;
  const authorization = request.headers.get('authorization');
  return authorization === null || KEPT_BY_BROWSERS.test(authorization);
}

/** @throws `http.cross_site` */
export function assertSameSite(request: Request, hosts: KnownHosts): void {
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  // `same-site` is another subdomain, perhaps a tenant's own.
  if (site !== null && site !== 'same-origin' && site !== 'none') throw refused();
  if (origin !== null && !hosts.hasOrigin(origin)) throw refused();
  // No browser of the last years sends a change with neither.
  if (site === null && origin === null) throw refused();
}

export interface AntiForgery {
  tokenFor(context: TenantContext): string;
  /** The same where there is a session and no tenant. */
  tokenForSession(sessionId: string): string;
  /** @throws `http.csrf_token_invalid` */
  check(request: Request, context: TenantContext): void;
  /** The same where there is a session and no tenant. @throws `http.csrf_token_invalid` */
  checkSession(request: Request, sessionId: string): void;
}

/** Tokens that every process with the same keys knows without keeping any. */
export function createAntiForgery(tokens: CsrfTokens): AntiForgery {
  const demand = (request: Request, bearer: string): void => {
    const given = request.headers.get('x-csrf-token') ?? undefined;
    if (!tokens.holds(bearer, given)) throw httpError('http.csrf_token_invalid');
  };
  return {
    tokenFor: (context) => tokens.tokenFor(bearerOf(context)),
    tokenForSession: (sessionId) => tokens.tokenFor(sessionBearer(sessionId)),
    check: (request, context) => demand(request, bearerOf(context)),
    checkSession: (request, sessionId) => demand(request, sessionBearer(sessionId)),
  };
}

/** Bound to the session where there is one, so that a token ends with it. */
function bearerOf(context: TenantContext): string {
  const session = context.session?.id;
  const { type, id } = context.actor;
  return session !== undefined ? sessionBearer(session) : `actor ${type}:${id}`;
}

const sessionBearer = (sessionId: string): string => `session ${sessionId}`;

const refused = () => httpError('http.cross_site');
