/**
 * How an error leaves the app: a page for a person, problem details (RFC 9457) for a program.
 *
 * Promises: another organization's thing answers exactly like an absent one; a database's own words reach
 * no one, except through the routes that are vulnerable on purpose.
 */
import { isBulkheadError } from 'bulkhead';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { errorPage } from '../pages/door.ts';
import { baseOf, landingOf, slugOf } from '../services.ts';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly next: string;
}

/** An error of the app's own, with what a person is told. */
export class NotesError extends Error {
  readonly problem: Problem;
  constructor(status: number, code: string, title: string, next: string) {
    super(title);
    this.problem = { type: 'about:blank', title, status, code, next };
  }
}

export function notFound(): NotesError {
  return new NotesError(
    404,
    'notes.not_found',
    'There is no such thing here.',
    'Look for it in the lists of your organization.',
  );
}

/** SQLSTATEs that say something about the input, and what they say. */
const BY_SQLSTATE: Readonly<Record<string, readonly [number, string, string]>> = {
  '23503': [409, 'notes.reference_unknown', 'It refers to something that does not exist here.'],
  '23505': [409, 'notes.already_exists', 'There already is one of that name or number.'],
  '23514': [422, 'notes.does_not_add_up', 'The values contradict each other.'],
};

function problemOf(error: Error & Partial<FastifyError>): Problem {
  if (error instanceof NotesError) return error.problem;
  if (isBulkheadError(error)) return error.toJSON();
  const known = BY_SQLSTATE[error.code ?? ''];
  if (known)
    return {
      type: 'about:blank',
      status: known[0],
      code: known[1],
      title: known[2],
      next: 'Correct it and send it again.',
    };
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return {
      type: 'about:blank',
      status: error.statusCode,
      code: 'notes.request_invalid',
      title: error.message,
      next: 'Correct the request.',
    };
  }
  return {
    type: 'about:blank',
    status: 500,
    code: 'notes.failed',
    title: 'This did not work.',
    next: 'Try again in a moment.',
  };
}

const PROBLEM_TYPE = 'application/problem+json';

function wantsPage(request: FastifyRequest): boolean {
  const path = request.url.slice(baseOf(request).length);
  return !path.startsWith('/api/');
}

export function sendError(
  error: Error & Partial<FastifyError>,
  reply: FastifyReply,
  onFailure?: (error: Error) => void,
): void {
  const problem = problemOf(error);
  if (problem.status >= 500) onFailure?.(error);
  reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}

/**
 * Turns a problem into a page where a person asked, and into the way to the sign-in page for whoever is
 * not signed in. Done as the answer leaves, because the middleware answers some requests by itself. Below
 * the address of no organization every way back would lead to the same page, but for the landing page.
 */
export function problemAsPage(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  isOrganization: (slug: string) => boolean,
): unknown {
  const type = String(reply.getHeader('content-type') ?? '');
  if (!type.startsWith(PROBLEM_TYPE) || !wantsPage(request)) return payload;
  const base = baseOf(request);
  reply.removeHeader('content-length').type('text/html; charset=utf-8');
  if (reply.statusCode === 401) {
    reply.code(303).header('location', `${base}/sign-in`);
    return '';
  }
  const { title, next } = JSON.parse(String(payload)) as Problem;
  const back = isOrganization(slugOf(request))
    ? { href: `${base}/`, label: 'Back to where it was safe' }
    : { href: landingOf(request), label: 'To the organizations there are' };
  return errorPage(title, next, back);
}
