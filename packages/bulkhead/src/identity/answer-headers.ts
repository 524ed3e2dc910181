/**
 * What a request's session puts on the answer: the cookie with its next token.
 *
 * Promises: nobody's cookie is taken away, and one that the app itself sets by the same name (it signed somebody
 * in or out) is the one that counts; no token goes into an answer that a shared cache may keep. What is left out
 * is lost to nobody, because the token before stays good until the next one is used.
 */
export type AddedHeader = readonly [name: string, value: string];

/** What the app has put on the answer by itself. */
export interface OwnHeaders {
  readonly setCookies: readonly string[];
  readonly cacheControl: string | undefined;
}

const SHARED = /(?:^|[\s,])(?:public|s-maxage)(?:[\s,=]|$)/i;

/** What is still to be added to the answer. */
export function headersToAdd(
  wanted: readonly AddedHeader[],
  { setCookies, cacheControl }: OwnHeaders,
): readonly AddedHeader[] {
  if (cacheControl !== undefined && SHARED.test(cacheControl)) {
    return wanted.filter(([name]) => name !== 'set-cookie');
  }
  const taken = new Set(setCookies.map(cookieName));
  const added = wanted.filter(
    ([name, value]) => name !== 'set-cookie' || !taken.has(cookieName(value)),
  );
  const personal = cacheControl === undefined && added.some(([name]) => name === 'set-cookie');
  // Without a word of the app's, a shared cache may decide for itself: RFC 9111, 4.2.2.
  return personal ? [...added, ['cache-control', 'private']] : added;
}

/** The answer with what is to be added, itself where its headers can be changed. */
export function withAddedHeaders(response: Response, wanted: readonly AddedHeader[]): Response {
  if (wanted.length === 0) return response;
  const added = headersToAdd(wanted, {
    setCookies: response.headers.getSetCookie(),
    cacheControl: response.headers.get('cache-control') ?? undefined,
  });
  const [first, ...rest] = added;
  if (first === undefined) return response;
  try {
    response.headers.append(...first);
    for (const header of rest) response.headers.append(...header);
    return response;
  } catch {
    // Of a redirect or of another server's answer the headers are fixed.
    return rebuilt(response, added);
  }
}

function rebuilt(response: Response, added: readonly AddedHeader[]): Response {
  // An upgrade or a network error is no answer that could be made here.
  if (response.status < 200) return response;
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const header of added) headers.append(...header);
  return new Response(response.body, { status, statusText, headers });
}

const cookieName = (line: string): string => line.slice(0, line.indexOf('=')).trim();
