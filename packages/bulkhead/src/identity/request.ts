/**
 * The little that identity needs of a request, whatever framework it came by.
 */
export interface RequestLike {
  readonly method: string;
  /** The Host header as it came (or HTTP/2's `:authority`). */
  readonly host: string | undefined;
  /** The request target as the router sees it: path, then perhaps `?query`. */
  readonly path: string;
  /** One header by lower-case name; several of one name joined with `, `. */
  header(name: string): string | undefined;
  /** Adds a header to the answer; absent where the framework offers no way to. */
  addResponseHeader?(name: string, value: string): void;
  /** The framework's own request, for `authenticate`. */
  readonly raw: unknown;
}
