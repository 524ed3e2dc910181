import { errorFactory } from '../kernel/errors.ts';

/** The control plane's codes. */
export const httpErrors = {
  'http.unconfigured': {
    status: 500,
    title: 'The control plane is not configured.',
    next: 'Add the section http to the configuration; it needs isolation.operatorUrl too.',
  },
  'http.host_unknown': {
    status: 421,
    title: 'This server does not answer for that host.',
    next: 'Use the address in http.publicUrl, or add the host to http.hosts.',
  },
  'http.route_absent': {
    status: 404,
    title: 'There is nothing at this address.',
    next: 'The description of the API at /openapi.json lists every address.',
  },
  'http.method_not_allowed': {
    status: 405,
    title: 'This address does not take that method.',
    next: 'Use one of the methods that the Allow header names.',
  },
  'http.input_invalid': {
    status: 400,
    title: 'The request does not say what this operation needs.',
    next: 'Correct the fields that `errors` names; /openapi.json describes them.',
  },
  'http.body_invalid': {
    status: 400,
    title: 'The body is not valid JSON.',
    next: 'Send one JSON object in UTF-8.',
  },
  'http.body_too_large': {
    status: 413,
    title: 'The body is larger than this server takes.',
    next: 'Send less at once; http.bodyBytesMax is the bound.',
  },
  'http.media_type_unsupported': {
    status: 415,
    title: 'The body is of a kind that is not understood here.',
    next: 'Send JSON, with `Content-Type: application/json`.',
  },
  'http.reason_missing': {
    status: 400,
    title: 'An operator says why before entering a tenant.',
    next: 'Send the reason in the header `Bulkhead-Reason`, percent-encoded, 1 to 1000 characters.',
  },
  'http.absent': {
    status: 404,
    title: 'There is no such thing, or not for you.',
    next: 'Check the id, or ask somebody who may see it.',
  },
  'http.operators_only': {
    status: 403,
    title: 'Only operators may do this.',
    next: 'Sign in as somebody who belongs to the operators.',
  },
  'http.cross_site': {
    status: 403,
    title: 'A change that a browser sends must come from this site.',
    next: 'Send it from a page of this site; programs use an API key and no cookie.',
  },
  'http.csrf_token_invalid': {
    status: 403,
    title: 'The request carries no valid anti-forgery token.',
    next: 'Ask GET /api/v1/me for a token and send it as `X-CSRF-Token`.',
  },
  'http.too_many_requests': {
    status: 429,
    title: 'Too many requests in too short a time.',
    next: 'Wait as long as Retry-After says.',
  },
  'http.precondition_failed': {
    status: 412,
    title: 'The thing has changed since it was read.',
    next: 'Read it again, look at what changed, and send the change with the new ETag.',
  },
  'http.precondition_unsupported': {
    status: 400,
    title:
      'Whether this has changed since it was read cannot be told here, so nothing was changed.',
    next: 'Send the change without If-Match; the reference names the changes that take one.',
  },
  'http.idempotency_key_invalid': {
    status: 400,
    title: 'The Idempotency-Key is not valid.',
    next: 'Send 1 to 255 printable ASCII characters, such as a random UUID.',
  },
  'http.idempotency_key_reused': {
    status: 422,
    title: 'This Idempotency-Key was used for another request.',
    next: 'Use a new key for each new request.',
  },
  'http.idempotency_conflict': {
    status: 409,
    title: 'A request with this Idempotency-Key is still being worked on.',
    next: 'Wait a moment and send the same request again: it will be answered as the first one was.',
  },
  'http.idempotency_outcome_unknown': {
    status: 409,
    title:
      'The process that worked on this request ended, or lost the database, before it could tell how it ended.',
    next: 'Read whether the change was made; if it was not, send it again with a new Idempotency-Key.',
  },
  'http.job_running': {
    status: 409,
    title: 'The same work is under way already.',
    next: 'Wait for the job that GET /api/v1/jobs shows.',
  },
  'http.job_finished': {
    status: 409,
    title: 'The job has ended already.',
    next: 'Read its result, or start another one.',
  },
  'http.cursor_invalid': {
    status: 400,
    title: 'The cursor is not one of this list.',
    next: 'Pass `next` of the page before as `after`, with the same filter.',
  },
  'http.database_busy': {
    status: 503,
    title: 'The database did not answer in time.',
    next: 'Try again after the seconds that Retry-After names.',
  },
  'http.stopping': {
    status: 503,
    title: 'This process is stopping.',
    next: 'Send the request again; another process takes it.',
  },
  'http.unexpected': {
    status: 500,
    title: 'Something went wrong that was not foreseen.',
    next: 'Try again; if it stays so, give the request id to the people who run this service.',
  },
} as const;

export const httpError = errorFactory(httpErrors);
