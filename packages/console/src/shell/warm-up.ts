/**
 * Once the first page stands and nothing else is to do, the code of the other places comes, and for an operator what
 * their own lists begin with: a click waits for none. Of an organization nothing is asked before somebody goes there.
 */
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { places } from './places.ts';

const WITHIN_MS = 4_000;

/** Their loaders ask for what is the operators' anyway. */
const WITH_DATA = ['/tenants', '/users', '/isolation'] as const;

export function useWarmUp(): void {
  const router = useRouter();
  useEffect(() => {
    // Who pays for each byte says so.
    const { connection } = navigator as { connection?: { readonly saveData?: boolean } };
    if (connection?.saveData === true) return undefined;
    const warmUp = (): void => {
      const addresses = new Set<string>(places.map(({ to }) => to));
      for (const route of Object.values(router.routesById)) {
        // The frame around an organization's pages and the first of them differ by the slash at the end.
        if (!addresses.has(route.fullPath.replace(/(.)\/$/, '$1'))) continue;
        // A piece that does not come now is asked for again by the click.
        void router.loadRouteChunk(route)?.catch(() => undefined);
      }
      for (const to of WITH_DATA) void router.preloadRoute({ to }).catch(() => undefined);
    };
    if (typeof requestIdleCallback !== 'function') {
      const timer = setTimeout(warmUp, WITHIN_MS);
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(warmUp, { timeout: WITHIN_MS });
    return () => cancelIdleCallback(handle);
  }, [router]);
}
