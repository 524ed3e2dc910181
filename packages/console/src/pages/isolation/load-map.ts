/** The map's code, which comes apart because it is large. Once it is there it is shown at once, as `lazy` never does. */
import { useEffect, useState } from 'react';

type IsolationMap = typeof import('./isolation-map.tsx').IsolationMap;

let loaded: IsolationMap | undefined;

export async function loadMap(): Promise<IsolationMap> {
  loaded ??= (await import('./isolation-map.tsx')).IsolationMap;
  return loaded;
}

/** @throws what kept its code from coming, for the page to say */
export function useMap(): IsolationMap | undefined {
  const [found, setFound] = useState<{ readonly map?: IsolationMap; readonly error?: unknown }>(
    () => (loaded === undefined ? {} : { map: loaded }),
  );
  useEffect(() => {
    let isCurrent = true;
    loadMap().then(
      (map) => isCurrent && setFound({ map }),
      (error: unknown) => isCurrent && setFound({ error }),
    );
    return () => {
      isCurrent = false;
    };
  }, []);
  if (found.error !== undefined) throw found.error;
  return found.map;
}
