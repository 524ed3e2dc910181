/** Slots of time as a ribbon: events upwards, denials below the line where they can be seen beside thousands. */
import { useId, useState } from 'react';
import type { ActivitySlot } from '../api/shapes.ts';
import { clockPreference, usePreference } from '../parts/preference.ts';
import { clockTime, count, dayOf } from '../parts/time.ts';
import { barsPath, slotAt } from './bars.ts';
import css from './ribbon.module.css';
import { Ticks } from './ticks.tsx';

export interface RibbonProps {
  readonly slots: readonly ActivitySlot[];
  readonly label: string;
  /** One slot is a day, not a part of one. */
  readonly daily?: boolean;
  readonly height?: number;
}

const DENIED_HEIGHT = 16;

export function Ribbon({ slots, label, daily = false, height = 72 }: RibbonProps) {
  const [at, setAt] = useState<number>();
  const [isTable, setTable] = useState(false);
  const utc = usePreference(clockPreference) === 'utc';
  const tableId = useId();
  const most = Math.max(1, ...slots.map((slot) => slot.events));
  const mostDenied = Math.max(1, ...slots.map((slot) => slot.denials));
  const nameOf = (slot: ActivitySlot): string =>
    daily ? dayOf(new Date(slot.at), utc) : clockTime(new Date(slot.at), utc);
  const shown = at === undefined ? undefined : slots[at];
  const events = slots.map(({ events }) =>
    events > 0
      ? ([height - Math.max(1.5, (events / most) * (height - 2)), height] as const)
      : undefined,
  );
  const denials = slots.map(({ denials }) =>
    denials > 0
      ? ([height + 1, height + 1 + Math.max(3, (denials / mostDenied) * DENIED_HEIGHT)] as const)
      : undefined,
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
      <div hidden={isTable}>
        <svg
          viewBox={`0 0 ${slots.length} ${height + DENIED_HEIGHT + 2}`}
          preserveAspectRatio="none"
          height={height + DENIED_HEIGHT + 2}
          role="img"
          aria-label={label}
          onPointerMove={(event) => setAt(slotAt(event, slots.length))}
          onPointerLeave={() => setAt(undefined)}
        >
          {at !== undefined && (
            <rect className={css.at} x={at} y={0} width={1} height={height + DENIED_HEIGHT + 2} />
          )}
          <path className={css.events} d={barsPath(events)} />
          <path className={css.denials} d={barsPath(denials)} />
          <path className={css.axis} d={`M0 ${height + 0.5}H${slots.length}`} />
        </svg>
        <Ticks slots={slots.map((slot) => ({ at: slot.at, name: nameOf(slot) }))} />
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
