/**
 * An error as the client sees it: RFC 9457 problem details.
 *
 * Promises: code, title and next step; never a stack, a detail or a cause. Never cached.
 */
import { type BulkheadError, isBulkheadError } from '../kernel/errors.ts';

export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What to answer for an error of Bulkhead's. */
export function problemOf(error: BulkheadError): Problem {
  return {
    status: error.status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
      ...(error.status === 401 && { 'www-authenticate': challengeOf(error) }),
      ...(error.status === 503 && { 'retry-after': '1' }),
    },
    body: JSON.stringify(error),
  };
}

/** The same as a `Response`. */
export function problemResponse(error: BulkheadError): Response {
  const { status, headers, body } = problemOf(error);
  return new Response(body, { status, headers });
}

/** RFC 6750, section 3: no error code where no credentials were sent. */
function challengeOf(error: BulkheadError): string {
  return isBulkheadError(error, 'identity.credentials_missing')
    ? 'Bearer'
    : 'Bearer error="invalid_token"';
}
