/** What the routes are given: the protected pool, and nothing that could open another. */
import type { Sender, TenantContext } from 'bulkhead';
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import type { NotesAudit, NotesBulkhead } from './actions.ts';
import { DEVICE_COOKIE, readCookie } from './cookies.ts';
import type { PageFrame } from './pages/layout.ts';
import { notFound } from './routes/errors.ts';

export interface Services {
  /** The pool that `bulkhead.protect` returned. */
  readonly pool: pg.Pool;
  /** Where every change that matters is recorded, in the transaction that makes it. */
  readonly audit: NotesAudit;
  readonly bulkhead: NotesBulkhead;
  /** Names by slug: what a product would read from its own directory. */
  readonly organizations: ReadonlyMap<string, string>;
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

/** Who sends a request, as signing in asks it. */
export function senderOf(request: FastifyRequest): Sender {
  const device = readCookie(request, DEVICE_COOKIE);
  return {
    ip: request.ip,
    userAgent: request.headers['user-agent'],
    ...(device !== undefined && { device }),
  };
}

/** Whose request it is, by the context that the middleware has verified. */
export interface Viewer {
  readonly personId: string;
  readonly session: NonNullable<TenantContext['session']>;
}

export function sessionOf(services: Services, _request?: FastifyRequest): Viewer {
  const { actor, session } = services.bulkhead.context();
  if (session === undefined) throw new Error('a handler ran without a session');
  return { personId: actor.id, session };
}

const shown = new WeakMap<FastifyRequest, { readonly name: string; readonly email: string }>();

/** For pages: how the person is called here. Who is a member and has no row here has nothing here either. */
export async function loadPerson(services: Services, request: FastifyRequest): Promise<void> {
  const { personId } = sessionOf(services);
  const found = await services.pool.query<{ name: string; email: string }>(
    'select name, email from person where id = $1',
    [personId],
  );
  if (found.rows[0] === undefined) throw notFound();
  shown.set(request, found.rows[0]);
}

export function frameOf(services: Services, request: FastifyRequest): PageFrame {
  const { session } = sessionOf(services);
  const person = shown.get(request);
  const slug = slugOf(request);
  return {
    base: baseOf(request),
    slug,
    organization: services.organizations.get(slug) ?? slug,
    personName: person?.name ?? '',
    personEmail: person?.email ?? '',
    formToken: services.bulkhead.identity.sessions.csrf.tokenFor(session.id),
  };
}
