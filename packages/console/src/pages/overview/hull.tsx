/**
 * The hull: every tenant a compartment, as large as it is busy, its walls between it and the others. A denied
 * crossing flashes on the wall it hit and leaves a mark there. Drawn on canvas; the list says the same in words.
 */
import { useNavigate } from '@tanstack/react-router';
import {
  type KeyboardEvent,
  type PointerEvent,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { DenialNotice, Hull as HullData } from '../../api/shapes.ts';
import { mix, useCanvasPalette } from '../../charts/palette-of-canvas.ts';
import { boxAt, neighbour, planHull } from '../../charts/treemap.ts';
import { useWidth } from '../../charts/use-size.ts';
import { useLive } from '../../live/live.ts';
import { announce } from '../../parts/announce.ts';
import { count } from '../../parts/time.ts';
import { drawHull, FLASH_MS } from './draw-hull.ts';
import css from './hull.module.css';

export interface HullProps {
  readonly hull: HullData;
  /** A wall with a hole leaks into every compartment. */
  readonly isBreached: boolean;
  readonly height: number;
}

/** So many tints that no eye tells one from the next; five thousand compartments share them. */
const SHADES = 128;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function Hull({ hull, isBreached, height }: HullProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const palette = useCanvasPalette();
  const navigate = useNavigate();
  const flashes = useRef(new Map<string, number>());
  const denied = useRef(new Map<string, number>());
  const animation = useRef(0);
  const [active, setActive] = useState(-1);
  const [isFocused, setFocused] = useState(false);

  const { cells, weights } = useMemo(() => {
    const order = hull.ids
      .map((_, index) => index)
      .sort((a, b) => (hull.events[b] ?? 0) - (hull.events[a] ?? 0));
    // A quiet tenant keeps a place that can be seen; a busy one does not take the whole hull.
    const floor = Math.max(1, Math.sqrt(hull.events[order[0] ?? 0] ?? 1) / 12);
    const weights = order.map((index) => Math.sqrt(hull.events[index] ?? 0) + floor);
    const most = Math.log1p(hull.events[order[0] ?? 0] ?? 0) || 1;
    const cells = order.map((index) => ({
      id: hull.ids[index] ?? '',
      slug: hull.slugs[index] ?? '',
      name: hull.names[index] ?? '',
      events: hull.events[index] ?? 0,
      denials: hull.denials[index] ?? 0,
      isDisabled: hull.disabled[index] ?? false,
      busyness: Math.log1p(hull.events[index] ?? 0) / most,
    }));
    return { cells, weights };
  }, [hull]);
  const plan = useMemo(
    () => ({ cells, boxes: width > 0 ? planHull(weights, width, height) : [] }),
    [cells, weights, width, height],
  );

  const shades = useMemo(
    () =>
      Array.from({ length: SHADES + 1 }, (_, step) =>
        mix(palette['hull-cell'], palette['hull-busy'], step / SHADES),
      ),
    [palette],
  );

  const draw = useCallback(() => {
    const context = canvas.current?.getContext('2d');
    if (context == null || width === 0) return;
    cancelAnimationFrame(animation.current);
    const now = performance.now();
    drawHull(context, {
      ...plan,
      width,
      height,
      palette,
      colourOf: (busyness) => shades[Math.round(busyness ** 2 * SHADES)] ?? palette['hull-cell'],
      flashes: flashes.current,
      denied: denied.current,
      active,
      isFocused,
      isBreached,
      now,
    });
    const isMoving = [...flashes.current.values()].some((at) => now - at < FLASH_MS);
    if (isMoving) animation.current = requestAnimationFrame(draw);
  }, [plan, width, height, palette, shades, active, isFocused, isBreached]);

  useEffect(() => {
    draw();
    // The first frame may come before the font does.
    if (document.fonts.status === 'loading') void document.fonts.ready.then(draw);
    return () => cancelAnimationFrame(animation.current);
  }, [draw]);

  useLive(
    'denial',
    useCallback(
      (notice: DenialNotice) => {
        flashes.current.set(notice.tenant, performance.now());
        denied.current.set(notice.tenant, (denied.current.get(notice.tenant) ?? 0) + notice.count);
        draw();
      },
      [draw],
    ),
  );

  const open = (index: number): void => {
    const cell = plan.cells[index];
    if (cell !== undefined)
      void navigate({ to: '/tenants/$tenant', params: { tenant: cell.slug } });
  };
  const onPointerMove = (event: PointerEvent<HTMLCanvasElement>): void => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    setActive(boxAt(plan.boxes, event.clientX - left, event.clientY - top));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = ARROWS[event.key];
    if (event.key === 'Enter') open(active);
    if (direction === undefined) return;
    event.preventDefault();
    const next = neighbour(plan.boxes, active, ...direction);
    setActive(next);
    const cell = plan.cells[next];
    if (cell !== undefined) announce(wordsOf(cell, denied.current.get(cell.id)));
  };

  const cell = plan.cells[active];
  const box = plan.boxes[active];
  return (
    <div ref={frame} className={css.frame} style={{ height }}>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the arrow keys walk what is drawn on it */}
      <canvas
        ref={canvas}
        style={{ width, height }}
        tabIndex={0}
        role="application"
        aria-label={`The hull: ${count(hull.ids.length, 'compartment')}. Arrow keys walk, Enter opens. The list of organizations holds the same.`}
        onPointerMove={onPointerMove}
        onPointerLeave={() => setActive(-1)}
        onFocus={() => {
          setFocused(true);
          setActive((before) => Math.max(0, before));
        }}
        onBlur={() => {
          setFocused(false);
          setActive(-1);
        }}
        onClick={() => open(active)}
        onKeyDown={onKeyDown}
      />
      {cell !== undefined && box !== undefined && (
        <p
          className={css.tip}
          aria-hidden="true"
          style={{
            left: Math.min(Math.max(box.x + box.width / 2, 104), width - 104),
            top:
              box.y + box.height > height - 64
                ? Math.max(0, box.y - 56)
                : box.y + Math.min(box.height, height - 64) + 4,
          }}
        >
          <strong>{cell.name}</strong>
          <span>{wordsOf(cell, denied.current.get(cell.id)).slice(cell.name.length + 2)}</span>
        </p>
      )}
    </div>
  );
}

function wordsOf(
  cell: { name: string; events: number; denials: number; isDisabled: boolean },
  live = 0,
): string {
  const denials = cell.denials + live;
  return `${cell.name}: ${count(cell.events, 'event')} today${denials > 0 ? `, ${count(denials, 'denied crossing')}` : ''}${cell.isDisabled ? ', disabled' : ''}`;
}
