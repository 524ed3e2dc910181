/** The line above a list: what is sought, and which of them. Its state lives in the address. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import css from './filters.module.css';
import { Icon } from './icon.tsx';

export function Filters({ children }: { readonly children: ReactNode }) {
  return <div className={css.filters}>{children}</div>;
}

/** Hardly more than between two letters of a quick hand, so that few of its words are asked about unfinished. */
const TYPING_MS = 60;

export interface SearchBoxProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Reached by `/`; tells after a short pause, so that each letter isn't a question. */
export function SearchBox({ label, value, onChange }: SearchBoxProps) {
  const [text, setText] = useState(value);
  // What the address was told and has not shown yet, after what it shows: an old answer must not undo what was typed.
  const told = useRef([value]);
  const tell = useRef(onChange);
  tell.current = onChange;
  useEffect(() => {
    const known = told.current.indexOf(value);
    if (known < 0) setText(value);
    told.current = known < 0 ? [value] : told.current.slice(known);
  }, [value]);
  useEffect(() => {
    if (text === told.current.at(-1)) return undefined;
    const timer = setTimeout(() => {
      told.current.push(text);
      tell.current(text);
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label className={css.search}>
      <Icon name="search" size={14} />
      <span className="hidden-visually">{label}</span>
      <input
        type="search"
        data-page-search
        value={text}
        placeholder={label}
        spellCheck={false}
        onChange={(event) => setText(event.currentTarget.value)}
      />
    </label>
  );
}
