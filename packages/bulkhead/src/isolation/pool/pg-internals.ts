/**
 * The parts of `pg` that its types leave out and the scoped pool stands on: the message writer of a
 * connection and the overridable steps of `pg.Query`, the extension point that `pg-cursor` uses too.
 * All of it is exercised by the pool's tests, so a release of `pg` that changes it fails there first.
 */
import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import pg from 'pg';

export type QueryCallback = (error: Error | null, result?: pg.QueryResult) => void;

/** What a `pg.Query` writes with. */
export interface MessageWriter {
  readonly stream: Duplex;
  readonly parsedStatements: Record<string, string>;
  readonly submittedNamedStatements: Record<string, string>;
  parse(statement: { name?: string; text: string; types?: unknown }): void;
  bind(portal: object): void;
  describe(target: { type: 'P' | 'S'; name: string }): void;
  execute(portal: { portal?: string; rows?: number }): void;
  close(target: { type: 'P' | 'S'; name?: string }): void;
  flush(): void;
  sync(): void;
}

export interface PgConnection extends EventEmitter, MessageWriter {}

export interface PgQuery extends EventEmitter {
  text: string;
  values: unknown[] | undefined;
  name: string | undefined;
  rows: number | undefined;
  binary: boolean | undefined;
  callback: QueryCallback | undefined;
  prepare(connection: MessageWriter): void;
  hasBeenParsed(connection: MessageWriter): boolean;
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: PgConnection): void;
  handleEmptyQuery(connection: PgConnection): void;
  handleError(error: Error, connection: PgConnection): void;
  handleReadyForQuery(connection: PgConnection): void;
}

/** `pg.Query` under its real interface; `@types/pg` declares `submit` as a property, which bars overriding. */
export const PgQueryBase = pg.Query as unknown as new (
  config: string | pg.QueryConfig,
  values?: unknown[],
  callback?: QueryCallback,
) => PgQuery;

/** The connection of a client; `@types/pg` hides it. */
export function connectionOf(client: pg.ClientBase): PgConnection {
  return (client as unknown as { connection: PgConnection }).connection;
}

/** A query object that writes its own messages, such as a cursor or a COPY stream. */
export interface ForeignSubmittable extends EventEmitter {
  text?: string;
  cursor?: { text?: string };
  callback?: QueryCallback;
  submit(connection: PgConnection): Error | null | undefined;
  handleError(error: Error, connection: PgConnection): void;
}

export function isSubmittable(value: unknown): value is ForeignSubmittable {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { submit?: unknown }).submit === 'function'
  );
}

/** Every value as the text the server sent: for our own statements, whatever parsers the app has set. */
export const asText = { getTypeParser: () => (text: string) => text } as pg.CustomTypesConfig;

/**
 * Sends a statement that belongs behind the one just sent. `pg` deprecates a query sent while another waits,
 * and means callers who forgot to await; here the order is the point, so the notice is kept from them.
 */
export function sendBehind(client: pg.Client, send: () => void): void {
  sendInto(client, send, (queue, sent) => queue.push(...sent));
}

/** Sends a statement that comes before all that wait. */
export function sendNext(client: pg.Client, send: () => void): void {
  sendInto(client, send, (queue, sent) => queue.unshift(...sent));
}

function sendInto(
  client: pg.Client,
  send: () => void,
  put: (queue: unknown[], sent: readonly unknown[]) => void,
): void {
  const internals = client as unknown as { _queryQueue: unknown[] };
  const queue = internals._queryQueue;
  internals._queryQueue = [];
  try {
    send();
  } finally {
    put(queue, internals._queryQueue);
    internals._queryQueue = queue;
  }
}
