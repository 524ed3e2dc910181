/**
 * What each address of the API takes and gives, read out of the generated types.
 */
import type { paths } from './api.generated.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Addresses that take a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];

type OperationAt<P extends keyof paths, M extends Method> =
  paths[P] extends Record<M, infer O> ? O : never;

type PathValues<O> = O extends { parameters: { path: infer V extends object } } ? V : never;
type QueryValues<O> = O extends { parameters: { query?: infer V } } ? NonNullable<V> : never;
type BodyOf<O> = O extends { requestBody?: { content: { 'application/json': infer B } } }
  ? B
  : never;

type Given<V, Name extends string> = [V] extends [never]
  ? { readonly [N in Name]?: never }
  : Record<never, never> extends V
    ? { readonly [N in Name]?: V }
    : { readonly [N in Name]: V };

/** What a request to an address says. */
export type Asked<P extends keyof paths, M extends Method> = Given<
  PathValues<OperationAt<P, M>>,
  'path'
> &
  Given<QueryValues<OperationAt<P, M>>, 'query'> &
  Given<BodyOf<OperationAt<P, M>>, 'body'> &
  RequestOptions;

export interface RequestOptions {
  /** Why an operator works in a tenant; instead of the client's own. */
  readonly reason?: string;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** The ETag of what the change is based on: refused as `http.precondition_failed` when it has changed. */
  readonly ifMatch?: string;
  /** The change's name, the same for each attempt at it; a random one unless given. */
  readonly idempotencyKey?: string;
}

type Responses<O> = O extends { responses: infer R } ? R[keyof R] : never;
type JsonOf<R> = R extends { content: { 'application/json': infer J } } ? J : undefined;

/** The JSON of an answer; undefined where there is none. */
export type AnswerData<P extends keyof paths, M extends Method> = JsonOf<
  Responses<OperationAt<P, M>>
>;

/** Addresses of lists that come in pages. */
export type PagedPath = {
  [P in PathOf<'get'>]: AnswerData<P, 'get'> extends { items: readonly unknown[]; next: unknown }
    ? P
    : never;
}[PathOf<'get'>];

/** One thing of a list. */
export type ItemOf<P extends PagedPath> =
  AnswerData<P, 'get'> extends { items: readonly (infer I)[] } ? I : never;

/** Addresses whose answers are files. */
export type FilePath = {
  [P in PathOf<'get'>]: [AnswerData<P, 'get'>] extends [undefined] ? P : never;
}[PathOf<'get'>];

/** Optional where nothing of it is demanded. */
export type Arguments<A> = Record<never, never> extends A ? [asked?: A] : [asked: A];
