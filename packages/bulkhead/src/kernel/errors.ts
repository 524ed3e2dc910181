/**
 * The one error class of Bulkhead and the shape of each room's catalogue of codes.
 *
 * Promises: every error that reaches a user carries a stable `code`, a `message` that is safe to show
 * and the next step. What is not safe to show (`detail`, `cause`) never leaves through `toJSON`.
 */

/** What is fixed about one error code. `docs/errors/<code>.md` is its page. */
export interface ErrorEntry {
  /** HTTP status when the error ends a request. */
  readonly status: number;
  /** One sentence, safe to show to anyone. */
  readonly title: string;
  /** What the person who sees it does next. */
  readonly next: string;
}

/** A room's codes, `room.what_happened`; never renamed, never reused. */
export type ErrorCatalogue<Code extends string = string> = Readonly<Record<Code, ErrorEntry>>;

export interface ErrorOptions {
  /** Replaces the catalogue's title where the case at hand allows a clearer sentence. Safe to show. */
  readonly message?: string;
  /** Replaces the catalogue's next step where the case at hand has another one. Safe to show. */
  readonly next?: string;
  /** For the log only: never sent to a client, never printed without `--verbose`. */
  readonly detail?: string;
  readonly cause?: unknown;
  /** For a refusal that ends by itself: when to try again. */
  readonly retryAfterSeconds?: number;
}

/** Every error that Bulkhead raises on purpose. Compare `code`, never the message. */
export class BulkheadError extends Error {
  readonly code: string;
  readonly status: number;
  readonly next: string;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: string, entry: ErrorEntry, options: ErrorOptions = {}) {
    super(options.message ?? entry.title, { cause: options.cause });
    this.name = 'BulkheadError';
    this.code = code;
    this.status = entry.status;
    this.next = options.next ?? entry.next;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The problem-details body of RFC 9457; holds nothing that is not safe to show. */
  toJSON(): { type: string; title: string; status: number; code: string; next: string } {
    return {
      // A name, not an address: whoever mounts Bulkhead may serve the page wherever they like.
      type: `urn:bulkhead:error:${this.code}`,
      title: this.message,
      status: this.status,
      code: this.code,
      next: this.next,
    };
  }
}

/**
 * Makes a room's error factory from its catalogue, so that a code that is not catalogued does not compile.
 *
 * @example
 * export const isolationError = errorFactory(isolationErrors);
 * throw isolationError('isolation.context_missing');
 */
export function errorFactory<Code extends string>(catalogue: ErrorCatalogue<Code>) {
  return (code: Code, options?: ErrorOptions): BulkheadError =>
    new BulkheadError(code, catalogue[code], options);
}

/** True for an error of Bulkhead's, of the given code if one is given; works across copies of the package. */
export function isBulkheadError(error: unknown, code?: string): error is BulkheadError {
  return (
    error instanceof Error &&
    error.name === 'BulkheadError' &&
    (code === undefined || (error as BulkheadError).code === code)
  );
}
