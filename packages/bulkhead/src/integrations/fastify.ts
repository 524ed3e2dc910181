/**
 * Fastify's plugin.
 *
 * Promises: every route of the instance it is registered on runs in the request's context, and so do its
 * `onResponse` hooks and listeners of the raw request and response. The gate's
 * refusals are answered here; errors of Bulkhead's from routes registered after it become problem details
 * unless a route has an error handler of its own. All other errors go where they went before. The control plane's
 * routes, which have a gate of their own, are left alone in whichever order the two are registered.
 */
import type { RequestGate } from '../identity/index.ts';
import type { TenantContext } from '../isolation/index.ts';
import { type BulkheadError, isBulkheadError } from '../kernel/errors.ts';
import { guardsItself } from '../kernel/route.ts';
import type { NodeResponse } from './node-answer.ts';
import { type NodeMessage, NodeRequest } from './node-request.ts';
import { type Emitter, enter, keepEvents, reenter } from './own-events.ts';
import { problemOf } from './problem.ts';

/** Where a request keeps the context it was admitted to; null for a public one. */
const admitted: unique symbol = Symbol('bulkhead.admitted');

/** What is used of Fastify's request. */
export interface FastifyRequestLike {
  readonly raw: NodeMessage & Emitter;
  readonly originalUrl: string;
  readonly routeOptions?: { readonly config?: object | undefined };
  [admitted]?: TenantContext | null;
}

/** What is used of Fastify's reply. */
export interface FastifyReplyLike {
  readonly raw: Emitter & NodeResponse;
  readonly statusCode: number;
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

type Done = (error?: Error) => void;
type Hook = (request: FastifyRequestLike, reply: FastifyReplyLike, done: Done) => void;

type ErrorHandler = (
  error: unknown,
  request: FastifyRequestLike,
  reply: FastifyReplyLike,
) => unknown;

/** What is used of Fastify's instance. */
export interface FastifyInstanceLike {
  decorateRequest(property: symbol, value: undefined): unknown;
  addHook(name: 'onRequest' | 'preValidation' | 'onResponse', hook: Hook): unknown;
  addHook(name: 'onRoute', hook: (route: { errorHandler?: unknown }) => void): unknown;
}

export type FastifyPlugin = (instance: FastifyInstanceLike, options: unknown, done: Done) => void;

/** `await app.register(fastifyPlugin(gate))`, before the routes it guards. */
export function fastifyPlugin(gate: RequestGate): FastifyPlugin {
  const asked = new WeakMap<FastifyRequestLike, NodeRequest>();
  const admit: Hook = (request, reply, done) => {
    const config: { readonly [guardsItself]?: true } | undefined = request.routeOptions?.config;
    if (config?.[guardsItself] === true) {
      done();
      return;
    }
    const goOn = (context: TenantContext | null, fn: () => void = done): void => {
      request[admitted] = context;
      keepEvents(request.raw, context);
      keepEvents(reply.raw, context);
      enter(context, fn);
    };
    // Sending the reply ends the request: `done` is not called then.
    const refuse = (error: unknown): void =>
      goOn(null, () => (isBulkheadError(error) ? answer(error, reply) : done(error as Error)));
    let answered: ReturnType<RequestGate['admit']>;
    try {
      const asking = new NodeRequest(request.raw, reply.raw, request.originalUrl, request);
      if (gate.answered !== undefined) asked.set(request, asking);
      answered = gate.admit(asking);
    } catch (error) {
      refuse(error);
      return;
    }
    if (answered instanceof Promise) answered.then((context) => goOn(context), refuse);
    else goOn(answered);
  };

  // A parser may read the body by other means than its events: the context is entered again once it is read.
  const goBackIn: Hook = (request, _reply, done) => {
    const context = request[admitted];
    if (context === undefined) done();
    else reenter(context, done);
  };

  const tell: Hook = (request, reply, done) => {
    const asking = asked.get(request);
    const context = request[admitted];
    if (asking !== undefined && context) gate.answered?.(asking, context, reply.statusCode);
    done();
  };

  const plugin: FastifyPlugin = (instance, _options, done) => {
    // Declared, so that every request has the same shape.
    instance.decorateRequest(admitted, undefined);
    instance.addHook('onRequest', admit);
    instance.addHook('preValidation', goBackIn);
    if (gate.answered !== undefined) instance.addHook('onResponse', tell);
    // Per route, so that the app's own error handler stays the instance's one and only.
    instance.addHook('onRoute', (route) => {
      route.errorHandler ??= answerOwn;
    });
    done();
  };
  // Fastify's own marks for a plugin whose hooks reach the instance it is registered on, and for its name.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'bulkhead',
  });
}

const answerOwn: ErrorHandler = (error, _request, reply) => {
  // Thrown on, it reaches the instance's error handler.
  if (!isBulkheadError(error)) throw error;
  answer(error, reply);
};

function answer(error: BulkheadError, reply: FastifyReplyLike): void {
  const { status, headers, body } = problemOf(error);
  reply.code(status);
  reply.headers({ ...headers });
  reply.send(body);
}
