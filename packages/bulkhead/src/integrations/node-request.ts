/**
 * Node's own request as identity reads it. A class, because one is made for every request.
 */
import type { RequestLike } from '../identity/index.ts';
import { addWhenWritten, type NodeResponse } from './node-answer.ts';

/** What Express and Fastify hand on of `http.IncomingMessage`. */
export interface NodeMessage {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export class NodeRequest implements RequestLike {
  readonly #message: NodeMessage;
  readonly #response: NodeResponse;
  readonly path: string;
  readonly raw: unknown;

  constructor(message: NodeMessage, response: NodeResponse, path: string, raw: unknown) {
    this.#message = message;
    this.#response = response;
    this.path = path;
    this.raw = raw;
  }

  get method(): string {
    return this.#message.method ?? 'GET';
  }

  get host(): string | undefined {
    const { headers } = this.#message;
    const authority = headers[':authority'];
    if (authority === undefined) return joined(headers.host);
    // RFC 9113, 8.3.1: under HTTP/2 both must be the same. Joined, two different ones are no valid host.
    return headers.host === undefined || headers.host === authority
      ? joined(authority)
      : `${joined(headers.host)}, ${joined(authority)}`;
  }

  header(name: string): string | undefined {
    return joined(this.#message.headers[name]);
  }

  addResponseHeader(name: string, value: string): void {
    addWhenWritten(this.#response, name, value);
  }
}

function joined(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
