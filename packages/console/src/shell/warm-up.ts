/** Once the first page stands and nothing else is to do, the code of the other places comes: a click waits for none. */
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { places } from './places.ts';

const WITHIN_MS = 4_000;

export function useWarmUp(): void {
  const router = useRouter();
  useEffect(() => {
    // Who pays for each byte says so.
    const { connection } = navigator as { connection?: { readonly saveData?: boolean } };
    if (connection?.saveData === true) return undefined;
    const warmUp = (): void => {
      for (const { to } of places) {
        const route = Object.values(router.routesById).find(
          ({ fullPath }) => fullPath.replace(/(.)\/$/, '$1') === to,
        );
        // A piece that does not come now is asked for again by the click.
        if (route !== undefined) void router.loadRouteChunk(route)?.catch(() => undefined);
      }
    };
    if (typeof requestIdleCallback !== 'function') {
      const timer = setTimeout(warmUp, WITHIN_MS);
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(warmUp, { timeout: WITHIN_MS });
    return () => cancelIdleCallback(handle);
  }, [router]);
}
