/** Slots of time as a ribbon: events upwards, denials below the line where they can be seen beside thousands. */
import { useId, useState } from 'react';
import type { ActivitySlot } from '../api/shapes.ts';
import { clockPreference, usePreference } from '../parts/preference.ts';
import { clockTime, count, dayOf } from '../parts/time.ts';
import css from './ribbon.module.css';
import { useWidth } from './use-size.ts';

export interface RibbonProps {
  readonly slots: readonly ActivitySlot[];
  readonly label: string;
  /** One slot is a day, not a part of one. */
  readonly daily?: boolean;
  readonly height?: number;
}

const DENIED_HEIGHT = 16;

export function Ribbon({ slots, label, daily = false, height = 72 }: RibbonProps) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const [at, setAt] = useState<number>();
  const [isTable, setTable] = useState(false);
  const utc = usePreference(clockPreference) === 'utc';
  const tableId = useId();
  const most = Math.max(1, ...slots.map((slot) => slot.events));
  const mostDenied = Math.max(1, ...slots.map((slot) => slot.denials));
  const step = width / Math.max(1, slots.length);
  const nameOf = (slot: ActivitySlot): string =>
    daily ? dayOf(new Date(slot.at), utc) : clockTime(new Date(slot.at), utc);
  const shown = at === undefined ? undefined : slots[at];
  const ticks = slots.flatMap((slot, index) =>
    index % Math.ceil(slots.length / (width < 480 ? 4 : 8)) === 0 ? [{ slot, index }] : [],
  );
  return (
    <figure className={css.ribbon}>
      <figcaption>
        <span className={css.label}>{label}</span>
        <span className={css.said} aria-hidden="true">
          {shown !== undefined &&
            `${nameOf(shown)}: ${count(shown.events, 'event')}, ${count(shown.denials, 'denial')}`}
        </span>
        <button
          type="button"
          className={css.toggle}
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
          height={height + DENIED_HEIGHT + 20}
          role="img"
          aria-label={label}
          onPointerMove={(event) => {
            const { left } = event.currentTarget.getBoundingClientRect();
            setAt(
              Math.min(slots.length - 1, Math.max(0, Math.floor((event.clientX - left) / step))),
            );
          }}
          onPointerLeave={() => setAt(undefined)}
        >
          {slots.map((slot, index) => {
            const tall = Math.max(slot.events > 0 ? 1.5 : 0, (slot.events / most) * (height - 2));
            const deep =
              slot.denials > 0 ? Math.max(3, (slot.denials / mostDenied) * DENIED_HEIGHT) : 0;
            return (
              <g key={slot.at} opacity={at === undefined || at === index ? 1 : 0.55}>
                <rect
                  className={css.events}
                  x={index * step + 0.5}
                  y={height - tall}
                  width={Math.max(0.5, step - 1)}
                  height={tall}
                />
                <rect
                  className={css.denials}
                  x={index * step + 0.5}
                  y={height + 1}
                  width={Math.max(0.5, step - 1)}
                  height={deep}
                />
              </g>
            );
          })}
          <line className={css.axis} x1={0} x2={width} y1={height + 0.5} y2={height + 0.5} />
          {ticks.map(({ slot, index }) => (
            <text
              key={slot.at}
              className={css.tick}
              x={index * step}
              y={height + DENIED_HEIGHT + 16}
            >
              {nameOf(slot)}
            </text>
          ))}
        </svg>
      </div>
      <div id={tableId} hidden={!isTable} className={css.table}>
        {isTable && (
          <table>
            <caption className="hidden-visually">{label}</caption>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">Events</th>
                <th scope="col">Denials</th>
              </tr>
            </thead>
            <tbody>
              {slots.map((slot) => (
                <tr key={slot.at}>
                  <th scope="row">{nameOf(slot)}</th>
                  <td>{slot.events.toLocaleString('en')}</td>
                  <td>{slot.denials.toLocaleString('en')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </figure>
  );
}
