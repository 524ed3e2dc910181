/** Events over time, to brush: drag over a stretch to look at it alone; from the keyboard, the two fields beside it. */
import { memo, useId, useRef, useState } from 'react';
import type { Histogram as HistogramData } from '../api/shapes.ts';
import { clockPreference, usePreference } from '../parts/preference.ts';
import { clockTime, count, dayOf } from '../parts/time.ts';
import { barsPath, shareAt, slotAt } from './bars.ts';
import css from './histogram.module.css';
import { Ticks } from './ticks.tsx';

export interface HistogramProps {
  readonly data: HistogramData;
  readonly onBrush: (from: string, to: string) => void;
}

const HEIGHT = 88;
/** However few there are. */
const SEEN = { denied: 2, failure: 2, success: 1.5 };
/** On the screen: less is a press of a hand that shakes, and no stretch. */
const BRUSH_MIN_PIXELS = 4;

export const Histogram = memo(function Histogram({ data, onBrush }: HistogramProps) {
  const [brush, setBrush] = useState<readonly [number, number]>();
  const [at, setAt] = useState<number>();
  const [isTable, setTable] = useState(false);
  const tableId = useId();
  const start = useRef<{ readonly share: number; readonly x: number }>(undefined);
  const utc = usePreference(clockPreference) === 'utc';
  const { slots } = data;
  const isDays = data.slotSeconds * slots.length > 2 * 86_400;
  const nameOf = (time: string): string => {
    const date = new Date(time);
    return data.slotSeconds >= 86_400
      ? dayOf(date, utc)
      : isDays
        ? `${dayOf(date, utc)} ${clockTime(date, utc)}`
        : clockTime(date, utc);
  };
  const timeAt = (share: number): string => {
    const from = Date.parse(data.from);
    return new Date(from + share * (Date.parse(data.to) - from)).toISOString();
  };
  const finish = (x: number): void => {
    const moved = Math.abs(x - (start.current?.x ?? x));
    drop();
    if (brush !== undefined && moved >= BRUSH_MIN_PIXELS) {
      onBrush(timeAt(Math.min(...brush)), timeAt(Math.max(...brush)));
    }
  };
  const drop = (): void => {
    start.current = undefined;
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
      <div hidden={isTable}>
        <svg
          viewBox={`0 0 ${slots.length} ${HEIGHT}`}
          preserveAspectRatio="none"
          height={HEIGHT}
          role="img"
          aria-label={`Events over time: ${count(data.total, 'event')}`}
          onPointerDown={(event) => {
            start.current = { share: shareAt(event), x: event.clientX };
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            setAt(slotAt(event, slots.length));
            if (start.current !== undefined) setBrush([start.current.share, shareAt(event)]);
          }}
          onPointerUp={(event) => finish(event.clientX)}
          onPointerCancel={drop}
          onPointerLeave={() => setAt(undefined)}
        >
          {kindsOf(slots).map(({ kind, path }) => (
            <path key={kind} className={css[kind]} d={path} />
          ))}
          {brush !== undefined && (
            <rect
              className={css.brush}
              x={Math.min(...brush) * slots.length}
              y={0}
              width={Math.abs(brush[1] - brush[0]) * slots.length}
              height={HEIGHT}
            />
          )}
        </svg>
        <Ticks slots={slots.map((slot) => ({ at: slot.at, name: nameOf(slot.at) }))} />
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

/** What was denied stands at the bottom, where it is seen beside thousands that were not. */
function kindsOf(slots: HistogramData['slots']) {
  const most = Math.max(1, ...slots.map((slot) => slot.success + slot.failure + slot.denied));
  const low = slots.map(() => HEIGHT);
  return (['denied', 'failure', 'success'] as const).map((kind) => ({
    kind,
    path: barsPath(
      slots.map((slot, at) => {
        if (slot[kind] === 0) return undefined;
        const bottom = low[at] ?? HEIGHT;
        const top = bottom - Math.max(SEEN[kind], (slot[kind] / most) * (HEIGHT - 4));
        low[at] = top;
        return [top, bottom];
      }),
    ),
  }));
}
