/**
 * One of many, found by typing: an input and a list that is there while it is open. Costs a page no more than the
 * input does, however many there are to choose from.
 */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import css from './combo-box.module.css';
import { Icon } from './icon.tsx';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface ComboBoxProps {
  readonly label: string;
  readonly value: string;
  /** What stands in the field for the value, whether or not it is among the choices. */
  readonly shown: string;
  /** Asked only while the list is open. */
  readonly choices: () => readonly Choice[];
  readonly none: string;
  readonly onChoose: (value: string) => void;
}

const SHOWN_MAX = 60;
const NOWHERE = -1;

export function ComboBox({ label, value, shown, choices, none, onChoose }: ComboBoxProps) {
  /** What was typed; `undefined` while it is closed. */
  const [typed, setTyped] = useState<string>();
  /** Which one a key has come to; nothing typed and no key pressed, it is none, and Enter changes nothing. */
  const [at, setAt] = useState(NOWHERE);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const isOpen = typed !== undefined;
  const found = isOpen ? matching(choices(), typed, value) : [];
  const active = found[at];
  const open = (text: string): void => {
    setTyped(text);
    setAt(text === '' ? NOWHERE : 0);
  };
  const isChosen = (choice: Choice): boolean => choice.value === value;
  const close = (): void => setTyped(undefined);
  const choose = (choice: Choice): void => {
    close();
    if (!isChosen(choice)) onChoose(choice.value);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another one is the active one
  useEffect(() => {
    const shownOne =
      list.current?.querySelector('[aria-selected=true]') ??
      list.current?.querySelector('[data-chosen]');
    shownOne?.scrollIntoView({ block: 'nearest' });
  }, [at, isOpen]);
  const beside = (from: number, step: number): number =>
    from === NOWHERE && step < 0 ? found.length - 1 : (from + step + found.length) % found.length;
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (!isOpen) open('');
      else if (found.length > 0)
        setAt(beside(at === NOWHERE ? found.findIndex(isChosen) : at, step));
    }
    if (event.key === 'Enter' && isOpen) {
      event.preventDefault();
      if (active !== undefined) choose(active);
      else if (typed === '') close();
    }
    if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      close();
    }
  };
  return (
    <div className={css.box}>
      <input
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={active === undefined ? undefined : `${listId}-${at}`}
        value={typed ?? shown}
        autoComplete="off"
        spellCheck={false}
        // All of it is marked, so that the first letter begins a search.
        onFocus={(event) => event.currentTarget.select()}
        onClick={() => isOpen || open('')}
        onBlur={close}
        placeholder={shown}
        onChange={(event) => open(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Icon name="choose" size={14} />
      <div
        id={listId}
        role="listbox"
        aria-label={label}
        className={css.list}
        hidden={!isOpen}
        ref={list}
      >
        {found.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way goes through the input
          <div
            key={choice.value}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            data-chosen={isChosen(choice) || undefined}
            className={css.option}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(choice)}
          >
            <span>{choice.label}</span>
            {isChosen(choice) && <Icon name="check" size={12} />}
          </div>
        ))}
        {isOpen && found.length === 0 && (
          <div role="option" aria-disabled aria-selected={false} tabIndex={-1} className={css.none}>
            {none}
          </div>
        )}
      </div>
    </div>
  );
}

/** The first that fit; with nothing typed the chosen one is among them, before the others if it would be too far down. */
function matching(choices: readonly Choice[], typed: string, chosen: string): readonly Choice[] {
  const words = typed.trim().toLowerCase();
  const found: Choice[] = [];
  for (const choice of choices) {
    if (!choice.label.toLowerCase().includes(words) && !choice.value.includes(words)) continue;
    found.push(choice);
    if (found.length === SHOWN_MAX) break;
  }
  if (words !== '' || found.some(({ value }) => value === chosen)) return found;
  const far = choices.find(({ value }) => value === chosen);
  return far === undefined ? found : [far, ...found];
}
