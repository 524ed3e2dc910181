/**
 * Answers as they leave: problems of RFC 9457 and JSON documents.
 *
 * Promises: what is not Bulkhead's own error leaves as `http.unexpected`, without a word of what it was; what
 * a database or a network refused for now leaves as 503 with Retry-After, and what a database can't hold as 400.
 */
import { type BulkheadError, isBulkheadError } from '../../kernel/errors.ts';
import { httpError } from '../errors.ts';

const RETRY_AFTER_SECONDS = 1;

/** Answers by their SQLSTATE: those after which the same request may succeed. */
const RETRYABLE = /^(?:40001|40P01|55P03|57014|57P0[1-5]|08...|53...)$/;

/** A value that its type can't hold: a number beyond it, a text that is none of it, a NUL. */
const UNHOLDABLE: ReadonlySet<string> = new Set([
  '22003',
  '22007',
  '22008',
  '22021',
  '22P02',
  '22P05',
]);

/** What to tell of anything that was thrown. */
export function asBulkheadError(error: unknown): BulkheadError {
  if (isBulkheadError(error)) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && (RETRYABLE.test(code) || /^E[A-Z]{3,}$/.test(code))) {
    return httpError('http.database_busy', { cause: error });
  }
  // The net below the schemas: what the database can't hold was the request's, and nothing was changed.
  if (typeof code === 'string' && UNHOLDABLE.has(code)) {
    return httpError('http.input_invalid', { cause: error });
  }
  return httpError('http.unexpected', { cause: error });
}

/** There was no connection yet, so the server has heard nothing. */
const NEVER_SENT =
  /^(?:57P03|53300|08001|08004|ECONNREFUSED|E(?:HOST|NET)UNREACH|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const LOST = /^(?:57P0[1245]|08...|ECONNRESET|EPIPE)$/;

/** Whether the connection was lost under a statement: it may have been committed, and nobody was told. */
export function isOutcomeUnknown(error: unknown): boolean {
  const isUnavailable =
    isBulkheadError(error, 'isolation.database_unavailable') ||
    isBulkheadError(error, 'kernel.database_unavailable');
  const { code = '', message = '' } = ((isBulkheadError(error) ? error.cause : error) ?? {}) as {
    code?: unknown;
    message?: string;
  };
  if (NEVER_SENT.test(String(code)) || /timeout/.test(message)) return false;
  return isUnavailable || LOST.test(String(code)) || message.startsWith('Connection terminated');
}

export interface ProblemExtras {
  readonly requestId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Which fields of the request are at fault. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[] | undefined;
}

export function problem(error: BulkheadError, extras: ProblemExtras = {}): Response {
  const { requestId, errors, headers } = extras;
  const body = {
    ...error.toJSON(),
    ...(errors !== undefined && { errors }),
    ...(requestId !== undefined && { requestId }),
  };
  return new Response(JSON.stringify(body), {
    status: error.status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      ...(error.status === 401 && { 'www-authenticate': 'Bearer' }),
      ...retryAfter(error),
      ...headers,
    },
  });
}

function retryAfter({ status, retryAfterSeconds }: BulkheadError): Record<string, string> {
  if (retryAfterSeconds !== undefined)
    return { 'retry-after': String(Math.ceil(retryAfterSeconds)) };
  return status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
}

export function json(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

/** Faults of a request's fields, which every other error has none of. */
export class InputFaults extends Error {
  readonly faults: readonly { readonly path: string; readonly message: string }[];

  constructor(faults: readonly { readonly path: string; readonly message: string }[]) {
    super('the input is not valid');
    this.faults = faults;
  }
}
