/**
 * Refuses writes that another site made the browser send.
 *
 * Promises: a write comes from this origin (where the browser says so), and a form carries the token of the
 * session it belongs to, or, before there is one, of the browser that was shown the form. A body that is not a
 * form must be JSON, which no other site can send without asking.
 */
import type { FastifyRequest } from 'fastify';
import { DOOR_COOKIE, readCookie } from './cookies.ts';
import { NotesError } from './routes/errors.ts';
import { type Services, sessionOf } from './services.ts';

const FORM = 'application/x-www-form-urlencoded';

function refused(): NotesError {
  return new NotesError(
    403,
    'notes.not_from_here',
    'This form was not sent from here, or is too old.',
    'Go back, reload the page and send it again.',
  );
}

export function assertSameOrigin(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw refused();
  const { origin } = request.headers;
  if (origin !== undefined && !sameHost(origin, request.headers.host)) throw refused();
}

function sameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

const typeOf = (request: FastifyRequest): string | undefined =>
  request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();

const tokenIn = (request: FastifyRequest): string | undefined => {
  const given = (request.body as { form_token?: unknown } | null)?.form_token;
  return typeof given === 'string' ? given : undefined;
};

/** The token of a form that is shown before there is a session. */
export const doorToken = (services: Services, door: string): string =>
  services.bulkhead.identity.sessions.csrf.tokenFor(`door ${door}`);

/** Signing somebody in as somebody else, unseen, is an attack too. */
export function assertOwnDoor(services: Services, request: FastifyRequest): void {
  assertSameOrigin(request);
  if (typeOf(request) === 'application/json') return;
  const door = readCookie(request, DOOR_COOKIE);
  const { csrf } = services.bulkhead.identity.sessions;
  if (door === undefined || !csrf.holds(`door ${door}`, tokenIn(request))) throw refused();
}

export function assertOwnForm(services: Services, request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  assertSameOrigin(request);
  const type = typeOf(request);
  if (type === 'application/json') return;
  // Only a script may send these, and a script of another origin must ask first; the answer is no.
  if (type === undefined && (request.method === 'DELETE' || request.method === 'PUT')) return;
  const { session } = sessionOf(services);
  const { csrf } = services.bulkhead.identity.sessions;
  if (type !== FORM || !csrf.holds(session.id, tokenIn(request))) throw refused();
}
