/**
 * The control plane as an app holds it: made when it is first asked, mounted into whatever the app runs on.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { guardsItself } from '../kernel/route.ts';
import type { MountedControlPlane } from './compose.ts';

type NodeListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What is used of Fastify's instance. */
interface FastifyLike {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  all(
    path: string,
    options: { readonly config: object },
    handler: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): unknown },
    ) => unknown,
  ): unknown;
}

/** `bulkhead.controlPlane()`. Mount it at the path of `http.publicUrl`, before the middleware that guards the app's own routes. */
export interface ControlPlaneHandle {
  /** For Hono (`app.all('/bulkhead/*', (c) => plane.fetch(c.req.raw, c.env))`), Deno, Bun, tests. */
  fetch(request: Request, environment?: unknown): Promise<Response>;
  /** For Express (`app.use('/bulkhead', plane.node)`) and `http.createServer(plane.node)`. */
  readonly node: (
    request: IncomingMessage & { readonly originalUrl?: string },
    response: ServerResponse,
  ) => void;
  /** For Fastify: `app.register(plane.fastify)`. */
  readonly fastify: (instance: FastifyLike) => Promise<void>;
  /** For Next, in `app/bulkhead/[[...path]]/route.ts`: `export const { GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE } = plane.next`. */
  readonly next: Readonly<
    Record<
      'GET' | 'HEAD' | 'OPTIONS' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
      (request: Request) => Promise<Response>
    >
  >;
  /** Counts, proves and verifies in this process too, until `close`. */
  start(): Promise<void>;
  /** Says of itself that it is no longer ready; requests under way are answered. */
  drain(): Promise<void>;
  /** The OpenAPI document. */
  document(): Promise<Readonly<Record<string, unknown>>>;
  close(): Promise<void>;
}

/** @param base the path of `http.publicUrl` */
export function createHandle(
  load: () => Promise<MountedControlPlane>,
  base: string,
): ControlPlaneHandle {
  let loading: Promise<MountedControlPlane> | undefined;
  let listening: Promise<NodeListener> | undefined;
  const plane = () => {
    loading ??= load();
    return loading;
  };
  const fetch = async (request: Request, environment?: unknown): Promise<Response> =>
    (await plane()).fetch(request, environment);
  const listener = () => {
    listening ??= import('@hono/node-server').then(
      ({ getRequestListener }) =>
        // The process's own Request and Response are the app's to keep.
        getRequestListener(fetch, { overrideGlobalObjects: false }) as NodeListener,
    );
    return listening;
  };
  const node: ControlPlaneHandle['node'] = (request, response) => {
    // Express cuts the path off that it is mounted at; the address is made of the whole.
    if (request.originalUrl !== undefined) request.url = request.originalUrl;
    listener()
      .then((listen) => listen(request, response))
      .catch(() => {
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
  };
  const handler = (request: Request) => fetch(request);
  return {
    fetch,
    node,
    fastify: async (instance) => {
      // The body is read here, whatever it is.
      instance.removeAllContentTypeParsers();
      instance.addContentTypeParser('*', (_request, _payload, done) => done(null));
      // The app's gate is a hook of the whole instance, whichever is registered first.
      const options = { config: { [guardsItself]: true } };
      for (const path of base === '' ? ['/*'] : [base, `${base}/*`]) {
        instance.all(path, options, (request, reply) => {
          reply.hijack();
          node(request.raw, reply.raw);
        });
      }
    },
    next: {
      GET: handler,
      HEAD: handler,
      OPTIONS: handler,
      POST: handler,
      PUT: handler,
      PATCH: handler,
      DELETE: handler,
    },
    start: async () => (await plane()).start(),
    drain: async () => (await plane()).drain(),
    document: async () => (await plane()).document,
    async close() {
      if (loading !== undefined) await (await loading).close();
    },
  };
}
