/**
 * A client of the control plane's API, for browsers and Node.
 *
 * Promises: every address, field and answer has its type; a refusal is an `ApiError` with the problem's code; a
 * change carries an Idempotency-Key and is sent again only under it; with a session's cookie a change carries
 * the anti-forgery token. Depends on nothing but `fetch`.
 */
import { unkeyedPaths } from './api.generated.ts';
import { isApiError } from './api-error.ts';
import { type RetryOptions, sendUntilAnswered, wait } from './attempts.ts';
import type {
  AnswerData,
  Arguments,
  Asked,
  FilePath,
  ItemOf,
  Method,
  PagedPath,
  PathOf,
  RequestOptions,
} from './endpoint.ts';
import { readServerSentEvents } from './event-stream.ts';

export interface ClientOptions {
  /** Where the control plane is mounted: `https://app.example/bulkhead`. */
  readonly url: string | URL;
  /** An API key or an access token, or what gives one. Without it the session's cookie speaks. */
  readonly token?: string | (() => string | Promise<string>);
  /** Why an operator works in tenants; members need none. */
  readonly reason?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly retry?: Partial<RetryOptions>;
  readonly fetch?: typeof globalThis.fetch;
}

/** What was asked for. */
export interface Answer<T> {
  readonly data: T;
  readonly status: number;
  /** Names this state: pass it as `ifMatch` with a change that is based on it. */
  readonly etag: string | undefined;
  readonly headers: Headers;
}

/** One message of the live stream. */
export interface StreamMessage {
  readonly id: string;
  /** `denial`, `activity`, `change`, `proof`, `log`, `job`; `reset` where more was missed than is kept. */
  readonly event: string;
  readonly data: unknown;
}

export interface StreamOptions {
  readonly tenant?: string;
  /** Resumes after the message of this id. */
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
}

export interface Client {
  get<P extends PathOf<'get'>>(
    path: P,
    ...asked: Arguments<Asked<P, 'get'>>
  ): Promise<Answer<AnswerData<P, 'get'>>>;
  post<P extends PathOf<'post'>>(
    path: P,
    ...asked: Arguments<Asked<P, 'post'>>
  ): Promise<Answer<AnswerData<P, 'post'>>>;
  put<P extends PathOf<'put'>>(
    path: P,
    ...asked: Arguments<Asked<P, 'put'>>
  ): Promise<Answer<AnswerData<P, 'put'>>>;
  patch<P extends PathOf<'patch'>>(
    path: P,
    ...asked: Arguments<Asked<P, 'patch'>>
  ): Promise<Answer<AnswerData<P, 'patch'>>>;
  delete<P extends PathOf<'delete'>>(
    path: P,
    ...asked: Arguments<Asked<P, 'delete'>>
  ): Promise<Answer<AnswerData<P, 'delete'>>>;
  /** Everything in a list, page after page, asked for as it is taken. */
  pages<P extends PagedPath>(
    path: P,
    ...asked: Arguments<Asked<P, 'get'>>
  ): AsyncGenerator<ItemOf<P>, void, undefined>;
  /** A file, to be read as it comes: an export of events. */
  file<P extends FilePath>(path: P, ...asked: Arguments<Asked<P, 'get'>>): Promise<Response>;
  /** What happens, while it happens; connects again after what it has told, until the signal says stop. */
  stream(options?: StreamOptions): AsyncGenerator<StreamMessage, void, undefined>;
}

const DEFAULT_RETRY: RetryOptions = { attemptsMax: 5, waitMsMax: 30_000 };
const RECONNECT_MS = 2_000;

interface AnyAsked extends RequestOptions {
  readonly path?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
}

/**
 * @example
 * const bulkhead = createClient({ url: 'https://app.example/bulkhead', token: process.env.BULKHEAD_KEY });
 * const { data } = await bulkhead.get('/tenants/{tenant}', { path: { tenant: 'acme' } });
 */
export function createClient(options: ClientOptions): Client {
  const base = `${String(options.url).replace(/\/+$/, '')}/api/v1`;
  const send = options.fetch ?? ((...given) => globalThis.fetch(...given));
  const retry: RetryOptions = { ...DEFAULT_RETRY, ...options.retry };
  let antiForgery: Promise<string> | undefined;

  async function credentialsFor(
    isKeyed: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Record<string, string>> {
    const { token } = options;
    if (token !== undefined) {
      return { authorization: `Bearer ${typeof token === 'string' ? token : await token()}` };
    }
    return isKeyed ? { 'x-csrf-token': await antiForgeryToken(signal) } : {};
  }

  /** One token for the whole session: whoever is signed in may read it, whatever their tenants demand. */
  function antiForgeryToken(signal: AbortSignal | undefined): Promise<string> {
    if (antiForgery !== undefined) return antiForgery;
    const asked = signal === undefined ? {} : { signal };
    const reading = ask('get', '/me/tenants', asked)
      // Where the app signs people in itself there is no session of ours.
      .catch((error: unknown) => {
        if (!isApiError(error, 'identity.credentials_missing')) throw error;
        return ask('get', '/me', asked);
      })
      .then((response) => response.json())
      .then((said) => String((said as { csrfToken: unknown }).csrfToken));
    reading.catch(() => {
      if (antiForgery === reading) antiForgery = undefined;
    });
    antiForgery = reading;
    return reading;
  }

  async function ask(method: Method, path: string, asked: AnyAsked): Promise<Response> {
    const url = addressOf(base, path, asked);
    const isChange = method !== 'get';
    const isKeyed = isChange && !unkeyedPaths.has(path);
    const key = isKeyed ? (asked.idempotencyKey ?? crypto.randomUUID()) : undefined;
    const reason = asked.reason ?? options.reason;
    const attempt = (credentials: Readonly<Record<string, string>>) => () =>
      send(url, {
        method: method.toUpperCase(),
        credentials: options.token === undefined ? 'include' : 'omit',
        redirect: 'error',
        headers: {
          accept: 'application/json, application/problem+json, */*;q=0.1',
          ...(asked.body !== undefined && { 'content-type': 'application/json' }),
          ...(reason !== undefined && { 'bulkhead-reason': encodeURIComponent(reason) }),
          ...(key !== undefined && { 'idempotency-key': key }),
          ...(asked.ifMatch !== undefined && { 'if-match': asked.ifMatch }),
          ...credentials,
          ...options.headers,
          ...asked.headers,
        },
        ...(asked.body !== undefined && { body: JSON.stringify(asked.body) }),
        ...(asked.signal !== undefined && { signal: asked.signal }),
      });
    const attempts = async () => {
      const credentials = await credentialsFor(isKeyed, asked.signal);
      return sendUntilAnswered(attempt(credentials), !isChange || isKeyed, retry, asked.signal);
    };
    try {
      return await attempts();
    } catch (error) {
      if (!isKeyed || !isApiError(error, 'http.csrf_token_invalid')) throw error;
      // Somebody else has signed in since the token was read.
      antiForgery = undefined;
      return await attempts();
    }
  }

  async function askForJson(method: Method, path: string, asked: AnyAsked = {}) {
    const response = await ask(method, path, asked);
    const text = await response.text();
    return {
      data: text === '' ? undefined : (JSON.parse(text) as unknown),
      status: response.status,
      etag: response.headers.get('etag') ?? undefined,
      headers: response.headers,
    };
  }

  async function* pages(path: string, asked: AnyAsked = {}) {
    let after: unknown = asked.query?.after;
    do {
      const query = { ...asked.query, ...(after !== undefined && { after }) };
      const { data } = await askForJson('get', path, { ...asked, query });
      const { items, next } = data as { items: readonly unknown[]; next: string | null };
      yield* items;
      after = next ?? undefined;
    } while (after !== undefined);
  }

  async function* stream({ tenant, lastEventId, signal }: StreamOptions = {}) {
    let last = lastEventId;
    let reconnectMs = RECONNECT_MS;
    const isOver = () => signal?.aborted === true;
    while (!isOver()) {
      try {
        const response = await ask('get', '/stream', {
          ...(tenant !== undefined && { query: { tenant } }),
          headers: {
            accept: 'text/event-stream',
            ...(last !== undefined && { 'last-event-id': last }),
          },
          ...(signal !== undefined && { signal }),
        });
        if (response.body === null) return;
        for await (const { event, data, id, retryMs } of readServerSentEvents(response.body)) {
          reconnectMs = retryMs ?? reconnectMs;
          if (id !== '') last = id;
          yield { id, event, data: JSON.parse(data) as unknown };
        }
      } catch (error) {
        if (isOver()) return;
        // Who may not listen is told so; whatever else broke it is tried again.
        if (isApiError(error) && error.status < 500 && error.status !== 429) throw error;
      }
      await wait(reconnectMs, signal).catch(() => undefined);
    }
  }

  const asking =
    (method: Method) =>
    (path: string, asked?: AnyAsked): Promise<unknown> =>
      askForJson(method, path, asked);
  // One way to ask for every address: the types, which are made from the API's description, tell them apart.
  return {
    get: asking('get'),
    post: asking('post'),
    put: asking('put'),
    patch: asking('patch'),
    delete: asking('delete'),
    pages,
    file: (path: string, asked?: AnyAsked) => ask('get', path, asked ?? {}),
    stream,
  } as unknown as Client;
}

/** @throws TypeError for an address that is not filled in */
function addressOf(
  base: string,
  path: string,
  { path: values = {}, query = {} }: AnyAsked,
): string {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => {
    const value = values[name];
    // A dot alone would be taken for a way up.
    if (value === undefined || value === null || /^\.{0,2}$/.test(String(value))) {
      throw new TypeError(`${path} needs ${name}`);
    }
    return encodeURIComponent(String(value));
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return `${base}${filled}${text === '' ? '' : `?${text}`}`;
}
