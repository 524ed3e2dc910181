import { type RefObject, useLayoutEffect, useRef, useState } from 'react';

/** The width of an element as it is laid out, for what is drawn in pixels. */
export function useWidth<E extends HTMLElement>(): readonly [RefObject<E | null>, number] {
  const element = useRef<E>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observed = element.current;
    if (observed === null) return undefined;
    const watcher = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry?.contentRect.width ?? 0)),
    );
    watcher.observe(observed);
    setWidth(Math.floor(observed.clientWidth));
    return () => watcher.disconnect();
  }, []);
  return [element, width];
}
