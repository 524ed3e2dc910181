/**
 * Which requests run without a context.
 *
 * Promises: a path that routers could read in two ways is never public, so that `/assets/../invoices`
 * does not slip past the gate.
 */
import { isPlainPath, pathOnly } from './locate/path.ts';

/**
 * Makes the test for `publicPaths`: exact paths, or everything below `/assets/*`. Where nothing is public it
 * does not ask for the path, which some requests put together only then.
 */
export function createPublicPathTest(
  paths: readonly string[],
): (request: { readonly path: string }) => boolean {
  if (paths.length === 0) return () => false;
  const exact = new Set(paths.filter((path) => !path.endsWith('*')));
  const prefixes = paths.filter((path) => path.endsWith('*')).map((path) => path.slice(0, -1));
  return (request) => {
    const path = pathOnly(request.path);
    const listed = exact.has(path) || prefixes.some((prefix) => path.startsWith(prefix));
    return listed && isPlainPath(path);
  };
}
