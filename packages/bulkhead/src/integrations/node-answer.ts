/**
 * Puts headers on Node's own response at the last moment: when its head is written.
 *
 * Promises: whatever the app and its framework set, replace or remove until then stays theirs; an answer whose
 * head is gone is left as it is. Costs a response nothing to which nothing is added.
 */
import { type AddedHeader, headersToAdd } from '../identity/index.ts';

type Value = string | number | readonly string[];
type WriteHead = (this: NodeResponse, status: number, ...rest: unknown[]) => unknown;

/** What is used of `http.ServerResponse` and of HTTP/2's. */
export interface NodeResponse {
  readonly headersSent: boolean;
  writeHead: unknown;
  getHeader(name: string): Value | undefined;
  setHeader(name: string, value: Value): unknown;
  removeHeader(name: string): void;
}

const waiting = new WeakMap<NodeResponse, AddedHeader[]>();

export function addWhenWritten(response: NodeResponse, name: string, value: string): void {
  if (response.headersSent) return;
  const already = waiting.get(response);
  if (already !== undefined) {
    already.push([name, value]);
    return;
  }
  const wanted: AddedHeader[] = [[name, value]];
  waiting.set(response, wanted);
  const writeHead = response.writeHead as WriteHead;
  response.writeHead = function (this: NodeResponse, status: number, ...rest: unknown[]) {
    this.writeHead = writeHead;
    // Node writes given headers past those that were set, so first they become set ones.
    const given = typeof rest[0] === 'string' ? rest[1] : rest[0];
    takeOver(this, given);
    const own = { setCookies: cookiesOf(this), cacheControl: textOf(this, 'cache-control') };
    for (const header of headersToAdd(wanted, own)) append(this, header);
    return typeof rest[0] === 'string'
      ? writeHead.call(this, status, rest[0])
      : writeHead.call(this, status);
  };
}

/** The forms that `writeHead` takes: an object, pairs, or names and values in turn. */
function takeOver(response: NodeResponse, given: unknown): void {
  if (Array.isArray(given)) {
    const pairs: [string, Value][] = Array.isArray(given[0])
      ? (given as [string, Value][])
      : given.flatMap((name, at) =>
          at % 2 === 0 ? [[String(name), given[at + 1] as Value] as [string, Value]] : [],
        );
    for (const [name] of pairs) response.removeHeader(name);
    for (const [name, value] of pairs) append(response, [name, value]);
  } else if (typeof given === 'object' && given !== null) {
    for (const [name, value] of Object.entries(given as Record<string, Value | undefined>)) {
      if (value !== undefined) response.setHeader(name, value);
    }
  }
}

function append(response: NodeResponse, [name, value]: readonly [string, Value]): void {
  const before = response.getHeader(name);
  response.setHeader(name, before === undefined ? value : [...listOf(before), ...listOf(value)]);
}

const listOf = (value: Value): readonly string[] =>
  typeof value === 'object' ? value : [String(value)];

function cookiesOf(response: NodeResponse): readonly string[] {
  const value = response.getHeader('set-cookie');
  return value === undefined ? [] : listOf(value);
}

function textOf(response: NodeResponse, name: string): string | undefined {
  const value = response.getHeader(name);
  return value === undefined ? undefined : listOf(value).join(', ');
}
