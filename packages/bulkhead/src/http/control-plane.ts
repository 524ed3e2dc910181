/**
 * The control plane as one `fetch` handler: the API, its description, the console's files, health.
 *
 * Promises: answers for its own hosts alone; every answer carries the security headers; what fails is a
 * problem document with a stable code, and what fails for now is a 503 that says when to try again.
 */
import {
  propagation,
  SpanKind,
  SpanStatusCode,
  context as spanContext,
  trace,
} from '@opentelemetry/api';
import { Hono } from 'hono';
import { type RequestGate, withAddedHeaders } from '../identity/index.ts';
import { runOutsideContext, type TenantContext } from '../isolation/index.ts';
import type { BulkheadError, ErrorCatalogue } from '../kernel/errors.ts';
import { type AnswerPorts, createAnswerer } from './answer-request.ts';
import type { HttpConfig } from './config.ts';
import type { ControlRequest } from './control-gate.ts';
import { httpError } from './errors.ts';
import { methodsByPath } from './methods-at.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openApiDocument } from './openapi/document.ts';
import { type ControlRoom, gatherEndpoints } from './operation.ts';
import { asBulkheadError, InputFaults, problem } from './request/answer.ts';
import { createKnownHosts } from './request/known-hosts.ts';
import { createRateLimiter, type SharedRates } from './request/rate-limit.ts';
import { withSecurityHeaders } from './request/security-headers.ts';
import { createSite, type Site } from './site/site.ts';

export interface ControlPlaneOptions {
  readonly config: HttpConfig;
  readonly version: string;
  readonly rooms: readonly ControlRoom[];
  readonly errors: ErrorCatalogue;
  /** What the cookie of a session is called at this address. */
  readonly sessionCookie: string;
  readonly ports: Omit<AnswerPorts, 'hosts' | 'limiter' | 'limits' | 'bodyBytesMax'>;
  /** By which processes behind one address hold to one limit. */
  readonly rates: SharedRates;
  /** Whether the database answers. */
  readonly isReady: () => Promise<boolean>;
  /** Where a request came from. */
  readonly addressOf: (raw: unknown, forwarded: string | undefined) => string | undefined;
  /** Told of every answer to somebody who was admitted. */
  readonly answered?: RequestGate['answered'];
  /** Told of what nobody foresaw. */
  readonly onFault?: ((error: BulkheadError, requestId: string) => void) | undefined;
  readonly metrics?: Metrics;
}

/** What a server hands over with a request. */
export interface FetchEnvironment {
  readonly incoming?: unknown;
  /** Where the handler is mounted, when the server has cut nothing off. */
  readonly raw?: unknown;
}

export interface ControlPlane {
  fetch(request: Request, environment?: unknown): Promise<Response>;
  /** The OpenAPI document. */
  readonly document: Readonly<Record<string, unknown>>;
  /** From now on not ready, so that whoever distributes requests sends no more. */
  drain(): void;
}

const API = '/api/v1';
const PROBED: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

interface Variables {
  readonly raw: unknown;
  readonly requestId: string;
  route: string;
  asked: ControlRequest | undefined;
  context: TenantContext | undefined;
}

export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { config, version, errors } = options;
  const endpoints = gatherEndpoints(options.rooms);
  const hosts = createKnownHosts(config);
  const metrics = options.metrics ?? createMetrics();
  const tracer = trace.getTracer('bulkhead', version);
  const isHttps = config.publicUrl.startsWith('https:');
  const base = new URL(config.publicUrl).pathname.replace(/\/+$/, '');
  const document = openApiDocument({
    endpoints,
    errors,
    version,
    serverUrl: `${config.publicUrl}${API}`,
    sessionCookie: options.sessionCookie,
  });
  const documentText = JSON.stringify(document);
  let draining = false;
  const limiter = createRateLimiter(options.rates);

  const ports: AnswerPorts = {
    ...options.ports,
    hosts,
    limiter,
    limits: { signedIn: config.requestsPerMinute, anonymous: config.anonymousRequestsPerMinute },
    bodyBytesMax: config.bodyBytesMax,
  };
  const app = new Hono<{ Bindings: Variables }>();
  const methodsAt = methodsByPath(endpoints.map(({ route }) => route));
  const methodsOf = (path: string) =>
    path.startsWith(`${API}/`) ? methodsAt(path.slice(API.length)) : [];
  const find = (operation: string) => endpoints.find(({ operation: of }) => of.name === operation);
  for (const endpoint of endpoints) {
    const { method, path } = endpoint.route;
    const answerer = createAnswerer(endpoint, find, ports);
    app.on(method, `${API}${path.replaceAll(/\{([^}]+)\}/g, ':$1')}`, (c) => {
      // A word where this path has a parameter may be a path of its own, with other methods.
      const own = path.includes('{') ? methodsOf(c.req.path) : [];
      if (own.length > 0 && !own.includes(method)) return otherwise(c.req.method, c.req.path);
      c.env.route = `${API}${path}`;
      return answerer({
        request: c.req.raw,
        url: new URL(c.req.url),
        parameters: c.req.param() as Record<string, string>,
        raw: c.env.raw,
        address: options.addressOf(c.env.raw, c.req.header('x-forwarded-for')),
        onAnswer(asked) {
          c.env.asked = asked;
        },
        onAdmitted(_asked, context) {
          c.env.context = context;
        },
      });
    });
  }
  const site: Site = createSite({
    base,
    config,
    documentText,
    document,
    metrics,
    isReady: options.isReady,
    isDraining: () => draining,
  });
  for (const [path, answer] of site.routes) {
    app.get(path, (c) => {
      c.env.route = path;
      return answer(c.req.raw, c.req.path);
    });
  }
  app.notFound((c) => otherwise(c.req.method, c.req.path));
  app.onError((error, c) => failed(error, c.env.requestId));

  /** 405 where another method would be taken, 204 for OPTIONS, else 404. */
  function otherwise(method: string, path: string): Response {
    const own = methodsOf(path);
    const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((other) =>
      own.length > 0 ? own.includes(other) : app.router.match(other, path)[0].length > 0,
    );
    if (methods.length === 0) throw httpError('http.route_absent');
    const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ');
    if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow } });
    throw Object.assign(httpError('http.method_not_allowed'), { headers: { allow } });
  }

  function failed(thrown: unknown, requestId: string): Response {
    if (thrown instanceof InputFaults) {
      return problem(httpError('http.input_invalid'), { requestId, errors: thrown.faults });
    }
    const error = asBulkheadError(thrown);
    // 501 and 503 say what is missing, or missing for now, themselves.
    if (error.status === 500) options.onFault?.(error, requestId);
    const { headers } = thrown as { headers?: unknown };
    return problem(error, {
      requestId,
      ...(typeof headers === 'object' &&
        headers !== null && {
          headers: headers as Record<string, string>,
        }),
    });
  }

  async function handle(request: Request, raw: unknown): Promise<Response> {
    const startedMs = performance.now();
    const env: Variables = {
      raw,
      requestId: newRequestId(request.headers.get('x-request-id')),
      route: 'none',
      asked: undefined,
      context: undefined,
    };
    // Whoever asks may be in the middle of a trace of their own.
    const around = propagation.extract(spanContext.active(), request.headers, HEADERS);
    const span = tracer.startSpan('control plane', { kind: SpanKind.SERVER }, around);
    let response: Response;
    try {
      const url = new URL(request.url);
      const path = url.pathname;
      // A probe or a scraper asks by whatever address it knows, and is told nothing that depends on it. No browser
      // that was led here by a forged name has the scraper's token.
      const isProbe = PROBED.has(path.slice(base.length)) && path.startsWith(base);
      if (!isProbe && !hosts.has(request.headers.get('host') ?? url.host)) {
        throw httpError('http.host_unknown');
      }
      if (base !== '' && path !== base && !path.startsWith(`${base}/`)) {
        throw httpError('http.route_absent');
      }
      response = await spanContext.with(trace.setSpan(around, span), () =>
        Promise.resolve(app.fetch(below(request, url, base), env)),
      );
    } catch (error) {
      response = failed(error, env.requestId);
    }
    const made = withAddedHeaders(
      withSecurityHeaders(withRequestId(response, env.requestId), isHttps),
      env.asked?.responseHeaders ?? [],
    );
    if (env.asked !== undefined && env.context !== undefined) {
      options.answered?.(env.asked, env.context, response.status);
    }
    const method = /^(?:GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE)$/.test(request.method)
      ? request.method
      : 'OTHER';
    metrics.answered(method, env.route, response.status, (performance.now() - startedMs) / 1_000);
    span.updateName(`${method} ${env.route}`);
    span.setAttributes({
      'http.request.method': method,
      'http.route': env.route,
      'http.response.status_code': response.status,
      ...(env.context !== undefined && { 'bulkhead.tenant': env.context.tenant.id }),
    });
    if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    return made;
  }

  return {
    document,
    drain() {
      draining = true;
      limiter.close();
    },
    // Whoever mounts it may do so inside a context of their own.
    fetch: (request, environment) => runOutsideContext(() => handle(request, rawOf(environment))),
  };
}

const HEADERS = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
};

function rawOf(environment: unknown): unknown {
  const { incoming } = (environment ?? {}) as FetchEnvironment;
  return incoming;
}

/** The same request with the mount's path cut off; the body stays where it is. */
function below(request: Request, url: URL, base: string): Request {
  if (base === '') return request;
  const cut = new URL(url);
  cut.pathname = url.pathname.slice(base.length) || '/';
  return new Request(cut, request);
}

/** The answer with its first header; one whose headers can't be changed, as of `Response.redirect`, is made again. */
function withRequestId(response: Response, requestId: string): Response {
  try {
    response.headers.set('x-request-id', requestId);
    return response;
  } catch {
    const changeable = new Response(response.body, response);
    changeable.headers.set('x-request-id', requestId);
    return changeable;
  }
}

const WELL_FORMED = /^[\w.:-]{1,128}$/;
const newRequestId = (header: string | null): string =>
  header !== null && WELL_FORMED.test(header) ? header : crypto.randomUUID();
