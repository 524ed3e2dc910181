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
const names = new WeakMap<Element, Stretch>();
/** Row heights by list, and by stretch of it: kept beyond the page, so that going back leads to the same rows. */
const measured = new Map<string, number>();
const MEASURED_MAX = 2_000;
let width = innerWidth;
addEventListener('resize', () => {
  if (innerWidth !== width) measured.clear();
  width = innerWidth;
});
let timer: ReturnType<typeof setTimeout> | undefined;

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      leaving.delete(target);
      if (isIntersecting) told.get(target)?.(NEAR);
      else leaving.set(target, { isNear: false, ...measure(target, boundingClientRect.height) });
    }
    // What goes waits: while somebody scrolls there is enough to do with what comes.
    clearTimeout(timer);
    if (leaving.size > 0) timer = setTimeout(leave, AWAY_MS);
  },
  { rootMargin: MARGIN },
);

/** Nothing of rows that were never there. */
function measure(target: Element, height: number): { readonly rowHeight?: number } {
  const name = names.get(target);
  if (name === undefined || target.firstElementChild?.ariaHidden !== null) return {};
  const rowHeight = height / target.childElementCount;
  if (measured.size > MEASURED_MAX) measured.clear();
  measured.set(name.list, rowHeight);
  measured.set(`${name.list} ${name.first}`, rowHeight);
  return { rowHeight };
}

function leave(): void {
  for (const [element, nearness] of leaving) {
    // What has the focus stays, or a keyboard would lose its place.
    if (!element.contains(document.activeElement)) told.get(element)?.(nearness);
  }
  leaving.clear();
}

interface Stretch {
  readonly list: string;
  /** Which row it begins with. */
  readonly first: string;
}

export interface NearOptions extends Stretch {
  /** What is taken for true until it's known. */
  readonly isFirst: boolean;
  /** It stays, wherever it is; and afterwards for as long as it has the focus. */
  readonly isHeld: boolean;
}

export function useNearWindow(
  element: RefObject<Element | null>,
  { list, first, isFirst, isHeld }: NearOptions,
): Nearness {
  const [nearness, setNearness] = useState<Nearness>(isFirst ? NEAR : AWAY);
  useEffect(() => {
    if (element.current !== null) names.set(element.current, { list, first });
  }, [element, list, first]);
  useEffect(() => {
    const watched = element.current;
    if (watched === null) return undefined;
    if (isHeld) {
      setNearness(NEAR);
      return undefined;
    }
    told.set(watched, (next) =>
      setNearness((before) => (before.isNear === next.isNear ? before : next)),
    );
    watcher.observe(watched);
    return () => {
      watcher.unobserve(watched);
      leaving.delete(watched);
    };
  }, [element, isHeld]);
  if (nearness.isNear || isHeld) return NEAR;
  const rowHeight = nearness.rowHeight ?? measured.get(`${list} ${first}`) ?? measured.get(list);
  return rowHeight === undefined ? AWAY : { isNear: false, rowHeight };
}
