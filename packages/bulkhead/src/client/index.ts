/**
 * The door of `bulkhead/client`: the control plane's API, typed. Runs in browsers and in Node, and loads nothing
 * of the rest of Bulkhead.
 */
export type { ApiErrorCode, paths } from './api.generated.ts';
export { ApiError, type ApiProblem, isApiError } from './api-error.ts';
export type { RetryOptions } from './attempts.ts';
export {
  type Answer,
  type Client,
  type ClientOptions,
  createClient,
  type StreamMessage,
  type StreamOptions,
} from './client.ts';
export type {
  AnswerData,
  Arguments,
  Asked,
  ItemOf,
  Method,
  PagedPath,
  PathOf,
  RequestOptions,
} from './endpoint.ts';
