/**
 * Which requests run without a context.
 *
 * Promises: a path that routers could read in two ways is never public, so that `/assets/../invoices`
 * does not slip past the gate.
 */
import { isPlainPath, pathOnly } from './locate/path.ts';

/** Makes the test for `publicPaths`: exact paths, or everything below `/assets/*`. */
export function createPublicPathTest(paths: readonly string[]): (target: string) => boolean {
  if (paths.length === 0) return () => false;
  const exact = new Set(paths.filter((path) => !path.endsWith('*')));
  const prefixes = paths.filter((path) => path.endsWith('*')).map((path) => path.slice(0, -1));
  return (target) => {
    const path = pathOnly(target);
    const listed = exact.has(path) || prefixes.some((prefix) => path.startsWith(prefix));
    return listed && isPlainPath(path);
  };
}
