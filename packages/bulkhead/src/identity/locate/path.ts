/**
 * Reads the tenant out of `/t/<tenant>/…`.
 *
 * Promises: what is read here is what a router further down sees, or the request is refused. Nothing is
 * decoded: a tenant's name needs no escapes, so an escape in its place names no tenant.
 */
import { identityError } from '../errors.ts';

/** The path without its query. */
export function pathOnly(target: string): string {
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}

/**
 * True for a path that every router reads alike: no dot segments (plain or escaped), no empty segments,
 * no backslash, no escaped separator.
 */
export function isPlainPath(path: string): boolean {
  return path.startsWith('/') && !/\\|\/\/|%(?:2e|2f|5c|00)|\/\.{1,2}(?:\/|$)/i.test(path);
}

/**
 * The text in the tenant's place, undefined where the path does not begin with the prefix.
 * The prefix is compared without case, because routers do.
 *
 * @throws `identity.request_malformed` for a path that routers could read differently.
 */
export function readPathTenant(target: string, prefix: string): string | undefined {
  const path = pathOnly(target);
  const opening = path.slice(0, prefix.length);
  if (opening !== prefix && opening.toLowerCase() !== prefix.toLowerCase()) {
    // `//t/acme` and `/x/../t/acme` are `/t/acme` to a router that tidies up.
    if (!path.startsWith('/') || /^\/\/|\\|\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path))
      throw malformed();
    // `/%74/acme` is `/t/acme` to a router that decodes before it compares, as Fastify's and Hono's do.
    if (decoded(path).toLowerCase().startsWith(prefix.toLowerCase())) throw malformed();
    return undefined;
  }
  if (/\\|\/\/|\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)) throw malformed();
  const end = path.indexOf('/', prefix.length);
  const segment = path.slice(prefix.length, end === -1 ? undefined : end);
  return segment === '' ? undefined : segment;
}

/** Only what ASCII the escapes hold, since a prefix has no other. */
function decoded(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/%([0-7][0-9a-f])/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function malformed() {
  return identityError('identity.request_malformed', {
    detail: 'path: escaped prefix, dot or empty segments',
  });
}
