/**
 * The cookie that carries a session.
 *
 * Promises: on any real site it is `__Host-…; Secure; HttpOnly; SameSite=Lax; Path=/`, which a browser takes
 * from this very host alone, over https alone: neither another subdomain nor a plain connection can plant one.
 * Only on this machine (localhost) it goes without the prefix, and a request from elsewhere by that plain name
 * is not looked at. Does not promise anything against script that runs in the page itself.
 */
import { identityError } from '../errors.ts';

export interface SessionCookie {
  /** The name it has on this host. */
  nameOn(host: string | undefined): string;
  /**
   * The token in a Cookie header; undefined where there is none.
   *
   * @throws `identity.credentials_ambiguous` when it stands there twice: one of them was planted.
   */
  read(header: string | undefined, host: string | undefined): string | undefined;
  /** The value of a Set-Cookie header. */
  set(token: string, host: string | undefined): string;
  /** The value of a Set-Cookie header that takes the cookie away. */
  clear(host: string | undefined): string;
}

const LOCAL = /^(?:(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
const BOUND = 'Path=/; HttpOnly; SameSite=Lax';

/** @param maxAgeSeconds how long the browser keeps it; the session's own end is the database's to say. */
export function createSessionCookie(options: {
  readonly cookieName: string;
  readonly absoluteMinutes: number;
}): SessionCookie {
  const plain = options.cookieName;
  const bound = `__Host-${plain}`;
  const maxAge = options.absoluteMinutes * 60;
  const isLocal = (host: string | undefined): boolean => host !== undefined && LOCAL.test(host);
  return {
    nameOn: (host) => (isLocal(host) ? plain : bound),
    read(header, host) {
      // The usual request of a program has no cookie at all.
      if (header === undefined) return undefined;
      return cookieValue(header, isLocal(host) ? plain : bound);
    },
    set: (token, host) =>
      isLocal(host)
        ? `${plain}=${token}; ${BOUND}; Max-Age=${maxAge}`
        : `${bound}=${token}; ${BOUND}; Secure; Max-Age=${maxAge}`,
    clear: (host) =>
      isLocal(host) ? `${plain}=; ${BOUND}; Max-Age=0` : `${bound}=; ${BOUND}; Secure; Max-Age=0`,
  };
}

/** Cookie names are compared as they are, RFC 6265, 5.4. */
function cookieValue(header: string, name: string): string | undefined {
  let found: string | undefined;
  let at = 0;
  while (at < header.length) {
    let end = header.indexOf(';', at);
    if (end === -1) end = header.length;
    const equals = header.indexOf('=', at);
    if (equals !== -1 && equals < end && header.slice(at, equals).trim() === name) {
      if (found !== undefined) throw identityError('identity.credentials_ambiguous');
      found = header.slice(equals + 1, end).trim();
    }
    at = end + 1;
  }
  return found;
}
