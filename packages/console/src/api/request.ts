/**
 * One way to ask the control plane. A refusal becomes an `ApiError` that carries the problem's code, words and
 * next step, so that every page can show the same three things.
 */
import type { AnswerData, Arguments, Asked, Method, PathOf } from 'bulkhead/client';
import { reasonFor } from '../session/reason.ts';
import type { Problem } from './shapes.ts';

/** Where the API stands: beside the console, wherever an app mounted both. */
export const apiBase = new URL('../api/v1/', document.baseURI);

export class ApiError extends Error {
  override name = 'ApiError';
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

export type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

interface SendOptions {
  readonly method: string;
  readonly query: Query | undefined;
  readonly body: unknown;
  readonly signal: AbortSignal | undefined;
}

let csrfToken = '';
export const rememberCsrfToken = (token: string): void => {
  csrfToken = token;
};

export function apiUrl(path: string, query: Query = {}): URL {
  const url = new URL(path, apiBase);
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const one of typeof value === 'object' ? value : [value])
      url.searchParams.append(name, String(one));
  }
  return url;
}

/** What somebody may do who has just shown again who they are. */
const STEP_UP: ReadonlySet<string> = new Set([
  'identity.step_up_required',
  'policies.step_up_required',
  'policies.mfa_required',
]);

let proveAgain: (() => Promise<boolean>) | undefined;

/** @param ask lets the person show who they are; false when they would rather not */
export function onStepUp(ask: () => Promise<boolean>): () => void {
  proveAgain = ask;
  return () => {
    if (proveAgain === ask) proveAgain = undefined;
  };
}

/**
 * Asks one endpoint, as the API's description has it.
 *
 * @throws ApiError also when nothing answers, as `console.unreachable`.
 */
export async function ask<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  ...[asked]: Arguments<Asked<P, M>>
): Promise<AnswerData<P, M>> {
  const response = await respond(method, path, ...([asked] as Arguments<Asked<P, M>>));
  return (response.status === 204 ? undefined : await response.json()) as AnswerData<P, M>;
}

/**
 * The same for an answer that is read as it comes. Asks once, and once more after the person has shown again who
 * they are, where that is what is missing.
 */
export async function respond<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  ...[asked]: Arguments<Asked<P, M>>
): Promise<Response> {
  // Which of the parts an endpoint has is checked at each call; here they are what any may have.
  const parts = (asked ?? {}) as AnyAsked;
  const options: SendOptions = {
    method: method.toUpperCase(),
    query: parts.query,
    body: method === 'get' || method === 'delete' ? undefined : (parts.body ?? {}),
    signal: parts.signal,
  };
  const filled = fillPath(path, parts.path);
  try {
    return await send(filled, options);
  } catch (error) {
    if (!isApiError(error) || !STEP_UP.has(error.problem.code) || proveAgain === undefined)
      throw error;
    if (!(await proveAgain())) throw error;
    return send(filled, options);
  }
}

interface AnyAsked {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** `/tenants/{tenant}/roles` of acme: `tenants/acme/roles`, which is also how answers are remembered. */
export const fillPath = (path: string, values: Readonly<Record<string, string>> = {}): string =>
  path
    .slice(1)
    .replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));

async function send(path: string, options: SendOptions): Promise<Response> {
  const { method, query, body, signal } = options;
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method !== 'GET') {
    headers['x-csrf-token'] = csrfToken;
    headers['idempotency-key'] = crypto.randomUUID();
  }
  const entered = /^tenants\/([^/?]+)/.exec(path)?.[1];
  const reason = entered === undefined ? undefined : reasonFor(decodeURIComponent(entered));
  if (reason !== undefined) headers['bulkhead-reason'] = encodeURIComponent(reason);
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(apiUrl(path, query), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError({
      status: 0,
      code: 'console.unreachable',
      title: 'The control plane does not answer.',
      next: 'Check that it runs and that you are connected; nothing you typed is lost.',
    });
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}

async function problemOf(response: Response): Promise<Problem> {
  const said: unknown = await response.json().catch(() => undefined);
  const problem = typeof said === 'object' && said !== null ? (said as Partial<Problem>) : {};
  return {
    ...problem,
    status: response.status,
    code: problem.code ?? `http.${response.status}`,
    title: problem.title ?? `The control plane answered with status ${response.status}.`,
  };
}

export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError;
