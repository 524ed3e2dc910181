/**
 * What a caller of `connect` holds: a handle of its own on a connection that others hold before and after.
 *
 * Promises: it works for the context it was checked out in and no other; from its release on it takes
 * nothing and hears nothing, whoever has the connection by then. A handle that was kept by mistake, and used
 * where the async context is lost, would otherwise run as the next holder.
 * Does not offer `connection`: what is written to the socket directly goes around the frame.
 */
import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import { isolationError } from '../errors.ts';
import { type Context, isOver, isSameContext, peekContext } from '../tenant-context.ts';
import { isSubmittable, type QueryCallback } from './pg-internals.ts';
import { fail, type ScopedClient } from './scoped-client.ts';

/** What callers read of a client: whom it is connected to, as whom. */
const READABLE = [
  'connectionParameters',
  'database',
  'host',
  'port',
  'processID',
  'ssl',
  'user',
] as const;

type Release = (error?: Error | boolean) => void;

export class HeldClient extends EventEmitter {
  #client: ScopedClient | undefined;
  readonly #context: Context;
  readonly #giveBack: Release;

  constructor(client: ScopedClient, context: Context, giveBack: Release) {
    super();
    this.#client = client;
    this.#context = context;
    this.#giveBack = giveBack;
    client.holder = this;
  }

  static {
    // A client to whoever asks with `instanceof`; the constructor of `pg.Client` opens a socket and stays out.
    Object.setPrototypeOf(HeldClient.prototype, pg.Client.prototype);
    for (const name of READABLE) {
      Object.defineProperty(HeldClient.prototype, name, {
        get(this: HeldClient) {
          return (this.#client as Record<string, unknown> | undefined)?.[name];
        },
      });
    }
  }

  // biome-ignore lint/suspicious/noExplicitAny: pg's nine overloads share no other implementation type
  query(config: any, values?: any, callback?: any): any {
    const given: QueryCallback | undefined =
      typeof values === 'function' ? values : typeof callback === 'function' ? callback : undefined;
    // The socket lives outside every context; the callback belongs to the caller's.
    const done = given && AsyncResource.bind(given);
    let client: ScopedClient;
    try {
      client = this.#usable();
    } catch (error) {
      if (isSubmittable(config)) throw error;
      return fail(error, done);
    }
    const parameters = typeof values === 'function' ? undefined : values;
    return client.queryIn(this.#context, config, parameters, done);
  }

  /** The second time is refused as pg's pool refuses it. */
  release(error?: Error | boolean): void {
    if (this.#client !== undefined) {
      this.#client.holder = undefined;
      this.#client.dropRiders();
    }
    this.#client = undefined;
    this.#giveBack(error);
  }

  connect(callback?: (error: Error) => void): Promise<unknown> | undefined {
    // pg refuses it too: a client connects once.
    return callback ? (this.#held().connect(callback) as undefined) : this.#held().connect();
  }

  end(callback?: (error: Error) => void): Promise<void> | undefined {
    return callback ? (this.#held().end(callback) as undefined) : this.#held().end();
  }

  getTransactionStatus(): unknown {
    return this.#held().transactionStatus;
  }

  getTypeParser(...given: Parameters<pg.Client['getTypeParser']>): unknown {
    return this.#held().getTypeParser(...given);
  }

  setTypeParser(...given: Parameters<pg.Client['setTypeParser']>): void {
    this.#held().setTypeParser(...given);
  }

  ref(): void {
    (this.#held() as unknown as { ref(): void }).ref();
  }

  unref(): void {
    (this.#held() as unknown as { unref(): void }).unref();
  }

  #held(): ScopedClient {
    if (this.#client === undefined) throw isolationError('isolation.client_released');
    return this.#client;
  }

  #usable(): ScopedClient {
    const client = this.#held();
    if (isOver(this.#context)) throw isolationError('isolation.context_expired');
    const here = peekContext();
    if (here !== undefined && !isSameContext(here, this.#context)) {
      throw isolationError('isolation.context_changed');
    }
    return client;
  }
}
