/** What the routes are given: the protected pool, and nothing that could open another. */
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import type { PageFrame } from './pages/layout.ts';
import { formToken, readSession, type Session } from './session.ts';

export interface Services {
  /** The pool that `bulkhead.protect` returned. */
  readonly pool: pg.Pool;
  readonly sessionSecret: string;
}

/** '/t/acme' for a request below a path, '' below a subdomain: what every link starts with. */
export function baseOf(request: FastifyRequest): string {
  const { tenant } = request.params as { tenant?: string };
  return tenant === undefined ? '' : `/t/${encodeURIComponent(tenant)}`;
}

/** The session behind a request that the middleware has let in. */
export function sessionOf(services: Services, request: FastifyRequest): Session {
  const session = readSession(services.sessionSecret, request.headers.cookie);
  if (session === undefined) throw new Error('a handler ran without a session');
  return session;
}

export function frameOf(services: Services, request: FastifyRequest): PageFrame {
  const session = sessionOf(services, request);
  return {
    base: baseOf(request),
    slug: session.tenantSlug,
    organization: session.organization,
    personName: session.name,
    personEmail: session.email,
    formToken: formToken(services.sessionSecret, session),
  };
}
