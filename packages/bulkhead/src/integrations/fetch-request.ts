/**
 * A standard `Request` as identity reads it.
 */
import { type AddedHeader, type RequestLike, withAddedHeaders } from '../identity/index.ts';

/** The path is that of `request.url`, as every router over `Request` reads it. */
export class FetchRequest implements RequestLike {
  readonly #request: Request;
  readonly raw: unknown;
  #path: string | undefined;
  #added: AddedHeader[] | undefined;

  constructor(request: Request, raw: unknown = request) {
    this.#request = request;
    this.raw = raw;
  }

  get method(): string {
    return this.#request.method;
  }

  get host(): string | undefined {
    return this.header('host') ?? new URL(this.#request.url).host;
  }

  get path(): string {
    this.#path ??= pathOf(this.#request.url);
    return this.#path;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  addResponseHeader(name: string, value: string): void {
    this.#added ??= [];
    this.#added.push([name, value]);
  }

  /** Whether the answer is to carry something. */
  get adds(): boolean {
    return this.#added !== undefined;
  }

  /** The answer with what it is to carry. */
  answer(response: Response): Response {
    return this.#added === undefined ? response : withAddedHeaders(response, this.#added);
  }
}

/** `https://host/path?query` without its origin; a full parse of the URL costs ten times as much. */
function pathOf(url: string): string {
  const authority = url.indexOf('://');
  const start = authority === -1 ? -1 : url.indexOf('/', authority + 3);
  return start === -1 ? '/' : url.slice(start);
}
