/** One of a few, side by side: the browser's own radio buttons, which arrow keys walk and which measure nothing. */
import { useId, useState } from 'react';
import css from './segments.module.css';

export interface SegmentsProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onChange: (value: string) => void;
}

export function Segments({ label, value, options, onChange }: SegmentsProps) {
  const name = useId();
  // What was pressed shows at once, though the address, and with it the page, comes after.
  const [shown, setShown] = useState(value);
  const [told, setTold] = useState(value);
  if (value !== told) {
    setTold(value);
    setShown(value);
  }
  return (
    <fieldset className={css.segments} aria-label={label}>
      {options.map(([key, text]) => (
        <label key={key}>
          <input
            type="radio"
            name={name}
            value={key}
            checked={key === shown}
            onChange={() => {
              setShown(key);
              onChange(key);
            }}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}
