/** Events over time, to brush: drag over a stretch to look at it alone; from the keyboard, the two fields beside it. */
import { memo, type PointerEvent, useId, useRef, useState } from 'react';
import type { Histogram as HistogramData } from '../api/shapes.ts';
import { clockPreference, usePreference } from '../parts/preference.ts';
import { clockTime, count, dayOf } from '../parts/time.ts';
import css from './histogram.module.css';
import { useWidth } from './use-size.ts';

export interface HistogramProps {
  readonly data: HistogramData;
  readonly onBrush: (from: string, to: string) => void;
}

const HEIGHT = 88;
const BRUSH_PIXELS_MIN = 4;

export const Histogram = memo(function Histogram({ data, onBrush }: HistogramProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const [brush, setBrush] = useState<readonly [number, number]>();
  const [at, setAt] = useState<number>();
  const [isTable, setTable] = useState(false);
  const tableId = useId();
  const start = useRef<number>(undefined);
  const utc = usePreference(clockPreference) === 'utc';
  const { slots } = data;
  const step = width / Math.max(1, slots.length);
  const most = Math.max(1, ...slots.map((slot) => slot.success + slot.failure + slot.denied));
  const isDays = data.slotSeconds * slots.length > 2 * 86_400;
  const nameOf = (time: string): string => {
    const date = new Date(time);
    return data.slotSeconds >= 86_400
      ? dayOf(date, utc)
      : isDays
        ? `${dayOf(date, utc)} ${clockTime(date, utc)}`
        : clockTime(date, utc);
  };
  const xOf = (event: PointerEvent<SVGSVGElement>): number => {
    const { left } = event.currentTarget.getBoundingClientRect();
    return Math.min(width, Math.max(0, event.clientX - left));
  };
  const timeAt = (x: number): string => {
    const from = Date.parse(data.from);
    return new Date(from + (x / Math.max(1, width)) * (Date.parse(data.to) - from)).toISOString();
  };
  const finish = (): void => {
    start.current = undefined;
    if (brush !== undefined && Math.abs(brush[1] - brush[0]) >= BRUSH_PIXELS_MIN) {
      onBrush(timeAt(Math.min(...brush)), timeAt(Math.max(...brush)));
    }
    setBrush(undefined);
  };
  const shown = at === undefined ? undefined : slots[at];
  return (
    <figure className={css.histogram}>
      <figcaption>
        <span className={css.said}>
          {shown === undefined
            ? `${count(data.total, 'event')}`
            : `${nameOf(shown.at)}: ${count(shown.success, 'done', 'done')}, ${shown.failure} failed, ${shown.denied} denied`}
        </span>
        <button
          type="button"
          aria-expanded={isTable}
          aria-controls={tableId}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? 'As a picture' : 'As a table'}
        </button>
      </figcaption>
      <div ref={frame} hidden={isTable}>
        <svg
          width={width}
          height={HEIGHT + 20}
          role="img"
          aria-label={`Events over time: ${count(data.total, 'event')}`}
          onPointerDown={(event) => {
            start.current = xOf(event);
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            const x = xOf(event);
            setAt(Math.min(slots.length - 1, Math.floor(x / step)));
            if (start.current !== undefined) setBrush([start.current, x]);
          }}
          onPointerUp={finish}
          onPointerLeave={() => setAt(undefined)}
        >
          {slots.map((slot, index) => {
            const scale = (HEIGHT - 4) / most;
            const denied = slot.denied > 0 ? Math.max(2, slot.denied * scale) : 0;
            const failed = slot.failure > 0 ? Math.max(2, slot.failure * scale) : 0;
            const done = slot.success > 0 ? Math.max(1.5, slot.success * scale) : 0;
            const x = index * step + 0.5;
            const wide = Math.max(0.5, step - 1);
            return (
              <g key={slot.at}>
                <rect
                  className={css.denied}
                  x={x}
                  y={HEIGHT - denied}
                  width={wide}
                  height={denied}
                />
                <rect
                  className={css.failed}
                  x={x}
                  y={HEIGHT - denied - failed}
                  width={wide}
                  height={failed}
                />
                <rect
                  className={css.done}
                  x={x}
                  y={HEIGHT - denied - failed - done}
                  width={wide}
                  height={done}
                />
              </g>
            );
          })}
          <line className={css.axis} x1={0} x2={width} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} />
          {slots.map(
            (slot, index) =>
              index % Math.max(1, Math.ceil(slots.length / (width < 520 ? 3 : 7))) === 0 && (
                <text key={slot.at} className={css.tick} x={index * step} y={HEIGHT + 16}>
                  {nameOf(slot.at)}
                </text>
              ),
          )}
          {brush !== undefined && (
            <rect
              className={css.brush}
              x={Math.min(...brush)}
              y={0}
              width={Math.abs(brush[1] - brush[0])}
              height={HEIGHT}
            />
          )}
        </svg>
      </div>
      <div id={tableId} hidden={!isTable} className={css.table}>
        {isTable && (
          <table>
            <caption className="hidden-visually">Events over time</caption>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">Done</th>
                <th scope="col">Failed</th>
                <th scope="col">Denied</th>
              </tr>
            </thead>
            <tbody>
              {slots.map((slot) => (
                <tr key={slot.at}>
                  <th scope="row">{nameOf(slot.at)}</th>
                  <td>{slot.success}</td>
                  <td>{slot.failure}</td>
                  <td>{slot.denied}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </figure>
  );
});
