/**
 * Where an operation is reached over HTTP: one row of a room's `routes.ts`.
 *
 * Promises: a row says everything about the address and nothing about the work. Paths are below `/api/v1`;
 * `{tenant}` becomes the context that the operation runs in, every other parameter a field of its input.
 */

/** Marks a server's route that has a gate of its own, so that the app's gate leaves it alone. */
export const guardsItself: unique symbol = Symbol('bulkhead.guards_itself');

export type RouteMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * `public`     anybody
 * `signed-in`  anybody who is signed in
 * `account`    whoever is signed in by a session, about themself, in no tenant
 * `operators`  operators alone
 * `directory`  operators, and members of the tenant that the path names
 * `tenant`     the same, run in that tenant's context; operators say why
 */
export type RouteScope = 'public' | 'signed-in' | 'account' | 'operators' | 'directory' | 'tenant';

export interface RouteDefinition {
  readonly method: RouteMethod;
  readonly path: `/${string}`;
  /** The operation's name. */
  readonly operation: string;
  /** `tenant` where the path names one, else `operators`. */
  readonly scope?: RouteScope;
  /** Of the answer; 200 unless given. */
  readonly status?: 200 | 201 | 202 | 204;
  /** The reading operation, with the same path parameters, whose ETag an `If-Match` here must name. */
  readonly etagOf?: string;
  /** An answer here may hold a secret that is shown once. */
  readonly secret?: boolean;
}
