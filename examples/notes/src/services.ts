/** What the routes are given: the protected pool, and nothing that could open another. */
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import type { NotesAudit } from './actions.ts';
import type { PageFrame } from './pages/layout.ts';
import { formToken, readSession, type Session } from './session.ts';

export interface Services {
  /** The pool that `bulkhead.protect` returned. */
  readonly pool: pg.Pool;
  /** Where every change that matters is recorded, in the transaction that makes it. */
  readonly audit: NotesAudit;
  readonly sessionSecret: string;
}

/** '/t/acme' for a request below a path, '' below a subdomain: what every link starts with. */
export function baseOf(request: FastifyRequest): string {
  const tenant = tenantInPath(request);
  return tenant === undefined ? '' : `/t/${encodeURIComponent(tenant)}`;
}

/** Where no route was found there are no parameters, but there is the address. */
function tenantInPath(request: FastifyRequest): string | undefined {
  const { tenant } = request.params as { tenant?: string };
  return tenant ?? /^\/t\/([a-z0-9-]+)(?:\/|$)/.exec(request.url)?.[1];
}

/** The organization that an address names, whether it exists or not. */
export function slugOf(request: FastifyRequest): string {
  return (
    tenantInPath(request) ??
    /^([a-z0-9-]+)\.localhost(?::\d+)?$/.exec(request.headers.host ?? '')?.[1] ??
    ''
  );
}

/** The page that lists the organizations: one label up from a subdomain. */
export function landingOf(request: FastifyRequest): string {
  const host = /^[a-z0-9-]+\.(localhost(?::\d+)?)$/.exec(request.headers.host ?? '')?.[1];
  return host === undefined ? '/' : `//${host}/`;
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
