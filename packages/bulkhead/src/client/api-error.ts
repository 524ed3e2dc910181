/**
 * A refusal or failure that the control plane told, as an error.
 */
import type { ApiErrorCode } from './api.generated.ts';

/** Problem details (RFC 9457) as the control plane writes them. */
export interface ApiProblem {
  readonly status: number;
  /** Never changes: compare this. */
  readonly code: ApiErrorCode | (string & {});
  /** One sentence, to be shown to people. */
  readonly title: string;
  /** What to do about it. */
  readonly next: string;
  /** Which fields of the request are at fault. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  /** Finds the request in the server's logs and in the audit log. */
  readonly requestId?: string;
}

/** What the control plane answered instead of what was asked for. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: ApiProblem;
  /** After how many seconds the same request may succeed, where the answer says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: ApiProblem, retryAfterSeconds?: number) {
    super(problem.title);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get code(): ApiProblem['code'] {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }
}

/** True for an `ApiError`, of the given code if one is given. */
export function isApiError(error: unknown, code?: ApiErrorCode): error is ApiError {
  return error instanceof ApiError && (code === undefined || error.code === code);
}

const BODY_CHARS_MAX = 65_536;

/** Reads a refusal; one that is no problem document, as a proxy may send, becomes `http.<status>`. */
export async function readProblem(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  let said: Partial<ApiProblem> = {};
  try {
    const value: unknown = text.length > BODY_CHARS_MAX ? null : JSON.parse(text);
    if (typeof value === 'object' && value !== null) said = value as Partial<ApiProblem>;
  } catch {
    // Not ours.
  }
  const { status } = response;
  const problem: ApiProblem = {
    status,
    code: typeof said.code === 'string' ? said.code : `http.${status}`,
    title:
      typeof said.title === 'string' ? said.title : `The server answered with status ${status}.`,
    next:
      typeof said.next === 'string'
        ? said.next
        : 'Check that the address leads to the control plane.',
    ...(Array.isArray(said.errors) && { errors: said.errors }),
    ...(typeof said.requestId === 'string' && { requestId: said.requestId }),
  };
  return new ApiError(problem, retryAfterOf(response));
}

function retryAfterOf(response: Response): number | undefined {
  const header = response.headers.get('retry-after')?.trim();
  if (header === undefined || header === '') return undefined;
  if (/^\d{1,7}$/.test(header)) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - Date.now()) / 1_000));
}
