/** What an operation answers, as it leaves: a document with its entity tag, cookies, nothing, or a stream. */
import { runInContext, type TenantContext } from '../../isolation/index.ts';
import type { Endpoint, TextStream } from '../operation.ts';
import { json } from './answer.ts';
import { entityTag, namesTag } from './entity-tag.ts';

/** What an answer says, as its entity tag and its reader have it. */
export function stateOf(of: Endpoint, result: unknown): string {
  const { output } = of.operation;
  if ('stream' in output) throw new Error(`${of.operation.name} has no state to name`);
  return JSON.stringify(output.parse(result));
}

export function respond(
  endpoint: Endpoint,
  result: unknown,
  headers: Record<string, string>,
  request: Request,
): Response {
  const { route, operation } = endpoint;
  const status = route.status ?? 200;
  const mayBeCached = request.method === 'GET' || request.method === 'HEAD';
  // Nobody will read it, and nobody else would say so to what writes it.
  const isUnread = request.method === 'HEAD';
  if (result instanceof Response) {
    if (isUnread) void result.body?.cancel();
    for (const [name, value] of Object.entries(headers)) result.headers.set(name, value);
    return result;
  }
  if ('stream' in operation.output) {
    const made = streamed(result as TextStream, headers);
    if (isUnread) void made.body?.cancel();
    return made;
  }
  const { setCookies, body } = withCookies(result);
  const text = status === 204 ? '' : stateOf(endpoint, body);
  const made =
    status === 204 ? new Response(null, { status, headers }) : json(status, text, headers);
  for (const cookie of setCookies) made.headers.append('set-cookie', cookie);
  if (!mayBeCached || status !== 200) return made;
  const tag = entityTag(text, body);
  const known = request.headers.get('if-none-match');
  made.headers.set('etag', tag);
  // Kept by nobody but the asker, and asked about each time.
  made.headers.set('cache-control', 'private, no-cache');
  if (known === null || !namesTag(known, tag)) return made;
  made.headers.delete('content-type');
  return new Response(null, { status: 304, headers: made.headers });
}

/** What an operation that signs in or out says of cookies, beside its answer. */
interface WithCookies {
  readonly setCookies: readonly string[];
  readonly body: unknown;
}

function withCookies(result: unknown): WithCookies {
  const given = result as Partial<WithCookies> | null | undefined;
  return Array.isArray(given?.setCookies)
    ? { setCookies: given.setCookies, body: given.body }
    : { setCookies: [], body: result };
}

/** Pieces are asked for when the client takes them, which is after this context has been left. */
export function bound(result: unknown, context: TenantContext): unknown {
  const stream = result as Partial<TextStream> | null | undefined;
  if (stream === null || typeof stream !== 'object' || stream.pieces === undefined) return result;
  const pieces = stream.pieces[Symbol.asyncIterator]();
  return {
    ...stream,
    pieces: {
      [Symbol.asyncIterator]: () => ({
        next: () => runInContext(context, () => pieces.next()),
        return: async () => {
          await runInContext(context, () => pieces.return?.());
          return { done: true as const, value: undefined };
        },
      }),
    },
  };
}

function streamed(
  { mediaType, fileName, pieces }: TextStream,
  headers: Record<string, string>,
): Response {
  const iterator = pieces[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(typeof value === 'string' ? encoder.encode(value) : value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  return new Response(body, {
    headers: {
      ...headers,
      'content-type': mediaType,
      ...(fileName !== undefined && {
        'content-disposition': `attachment; filename="${fileName.replaceAll(/[^\w.-]/g, '_')}"`,
      }),
    },
  });
}
