/**
 * Fastify's plugin.
 *
 * Promises: every route of the instance it is registered on runs in the request's context. Errors of
 * Bulkhead's become problem details; all others go to the error handler that was there before.
 */
import type { RequestGate } from '../identity/index.ts';
import { runInContext, type TenantContext } from '../isolation/tenant-context.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import { type NodeMessage, NodeRequest } from './node-request.ts';
import { problemOf } from './problem.ts';

/** What is used of Fastify's request. */
export interface FastifyRequestLike {
  readonly raw: NodeMessage;
  readonly originalUrl: string;
}

/** What is used of Fastify's reply. */
export interface FastifyReplyLike {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string): unknown;
}

type Done = (error?: Error) => void;
type Hook = (request: FastifyRequestLike, reply: FastifyReplyLike, done: Done) => void;

/** What is used of Fastify's instance. */
export interface FastifyInstanceLike {
  addHook(name: 'onRequest' | 'preValidation', hook: Hook): unknown;
  setErrorHandler(
    handler: (error: unknown, request: FastifyRequestLike, reply: FastifyReplyLike) => unknown,
  ): unknown;
}

export type FastifyPlugin = (instance: FastifyInstanceLike, options: unknown, done: Done) => void;

/** `await app.register(fastifyPlugin(gate))`, before the routes it guards. */
export function fastifyPlugin(gate: RequestGate): FastifyPlugin {
  const contexts = new WeakMap<object, TenantContext>();

  const admit: Hook = (request, _reply, done) => {
    const enter = (context: TenantContext | null): void => {
      if (context === null) {
        done();
        return;
      }
      contexts.set(request, context);
      runInContext(context, done);
    };
    let admitted: ReturnType<RequestGate['admit']>;
    try {
      admitted = gate.admit(new NodeRequest(request.raw, request.originalUrl, request));
    } catch (error) {
      done(error as Error);
      return;
    }
    if (admitted instanceof Promise) admitted.then(enter, done);
    else enter(admitted);
  };

  // The body's events come from the socket, outside any context: it is entered again once the body is read.
  const reenter: Hook = (request, _reply, done) => {
    const context = contexts.get(request);
    if (context === undefined) done();
    else runInContext(context, done);
  };

  const plugin: FastifyPlugin = (instance, _options, done) => {
    instance.addHook('onRequest', admit);
    instance.addHook('preValidation', reenter);
    instance.setErrorHandler((error, _request, reply) => {
      if (!isBulkheadError(error)) throw error;
      const { status, headers, body } = problemOf(error);
      reply.code(status);
      reply.headers({ ...headers });
      return reply.send(body);
    });
    done();
  };
  // Fastify's own marks for a plugin whose hooks reach the instance it is registered on, and for its name.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'bulkhead',
  });
}
