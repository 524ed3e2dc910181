/** What stands under a chart's axis; every other one is left out where it is narrow. */
import css from './ticks.module.css';

const TICKS = 8;

export interface Tick {
  readonly at: string;
  readonly name: string;
}

export function Ticks({ slots }: { readonly slots: readonly Tick[] }) {
  const every = Math.max(1, Math.ceil(slots.length / TICKS));
  return (
    <div className={css.ticks} aria-hidden="true">
      {slots.map(
        ({ at, name }, index) =>
          index % every === 0 && (
            <span key={at} style={{ left: `${(index / slots.length) * 100}%` }}>
              {name}
            </span>
          ),
      )}
    </div>
  );
}
