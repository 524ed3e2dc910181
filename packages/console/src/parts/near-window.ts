/**
 * Whether an element is near what the window shows. Of a long list only that is made: a row costs each time the page
 * is laid out, seen or not, and a list of a hundred costs more than everything else on its page.
 */
import { type RefObject, useEffect, useState } from 'react';

/** Some fifteen rows, so that scrolling by hand shows no gap. */
const MARGIN = '560px 0px';
const NEAR: Nearness = { isNear: true };
const AWAY: Nearness = { isNear: false };

/** Since when the hand rests. */
const AWAY_MS = 1_500;

interface Nearness {
  readonly isNear: boolean;
  /** Of each of its rows, as they were before it went away. */
  readonly rowHeight?: number;
}

const told = new WeakMap<Element, (nearness: Nearness) => void>();
const leaving = new Map<Element, Nearness>();
let timer: ReturnType<typeof setTimeout> | undefined;

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      leaving.delete(target);
      if (isIntersecting) told.get(target)?.(NEAR);
      else
        leaving.set(target, {
          isNear: false,
          rowHeight: boundingClientRect.height / Math.max(1, target.childElementCount),
        });
    }
    // What goes waits: while somebody scrolls there is enough to do with what comes.
    clearTimeout(timer);
    if (leaving.size > 0) timer = setTimeout(leave, AWAY_MS);
  },
  { rootMargin: MARGIN },
);

function leave(): void {
  for (const [element, nearness] of leaving) {
    // What has the focus stays, or a keyboard would lose its place.
    if (!element.contains(document.activeElement)) told.get(element)?.(nearness);
  }
  leaving.clear();
}

/** @param isFirst what is taken for true until it's known */
export function useNearWindow(element: RefObject<Element | null>, isFirst: boolean): Nearness {
  const [nearness, setNearness] = useState<Nearness>(isFirst ? NEAR : AWAY);
  useEffect(() => {
    const watched = element.current;
    if (watched === null) return undefined;
    told.set(watched, (next) =>
      setNearness((before) => (before.isNear === next.isNear ? before : next)),
    );
    watcher.observe(watched);
    return () => {
      watcher.unobserve(watched);
      leaving.delete(watched);
    };
  }, [element]);
  return nearness;
}
