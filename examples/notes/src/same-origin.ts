/**
 * Refuses writes that another site made the browser send.
 *
 * Promises: a write comes from this origin (where the browser says so), and a form carries the token of the
 * session it belongs to. A body that is not a form must be JSON, which no other site can send without asking.
 */
import type { FastifyRequest } from 'fastify';
import { NotesError } from './routes/errors.ts';
import { type Services, sessionOf } from './services.ts';
import { formTokenMatches } from './session.ts';

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

export function assertOwnForm(services: Services, request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  assertSameOrigin(request);
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type === 'application/json') return;
  // Only a script may send these, and a script of another origin must ask first; the answer is no.
  if (type === undefined && (request.method === 'DELETE' || request.method === 'PUT')) return;
  const given = (request.body as { form_token?: unknown } | null)?.form_token;
  if (
    type !== FORM ||
    !formTokenMatches(services.sessionSecret, sessionOf(services, request), given)
  ) {
    throw refused();
  }
}
