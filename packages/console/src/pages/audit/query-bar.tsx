/** Typed filters as chips, with what this organization's log really holds as suggestions. */
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useId, useState } from 'react';
import { questions } from '../../api/queries.ts';
import type { Facets } from '../../api/shapes.ts';
import { Icon } from '../../parts/icon.tsx';
import type { AuditSearch } from '../../search-params.ts';
import { chipsOf, readChip, withChip, withoutChip } from './filters.ts';
import css from './query-bar.module.css';
import { nameOf } from './say-event.ts';

export interface QueryBarProps {
  readonly tenant: string;
  readonly search: AuditSearch;
  /** Given what the address says by then, which may be more than this page shows yet. */
  readonly onChange: (change: (before: AuditSearch) => AuditSearch) => void;
}

interface Suggestion {
  readonly text: string;
  readonly says: string;
}

const SUGGESTIONS_MAX = 10;

export function QueryBar({ tenant, search, onChange }: QueryBarProps) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const listId = useId();
  // Nobody waits for them to see events; whoever reaches for the bar has them by the first letter.
  const [isNear, setNear] = useState(false);
  const facets = useQuery({ ...questions.facets(tenant), enabled: isNear || isOpen }).data;
  const chips = chipsOf(search);
  const found = isOpen ? suggest(typed, facets) : [];
  const active = found[at];
  const add = (text: string): void => {
    onChange((before) => withChip(before, readChip(text)));
    setTyped('');
    setAt(-1);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      setAt((before) => (before + step + found.length) % found.length);
    }
    if (event.key === 'Enter') {
      event.preventDefault();
      if (active === undefined) {
        if (typed.trim() !== '') add(typed);
      } else if (active.text.endsWith(':')) {
        setTyped(active.text);
        setAt(-1);
      } else {
        add(active.text);
      }
    }
    if (event.key === 'Escape' && isOpen) {
      event.preventDefault();
      setOpen(false);
    }
    const last = chips.at(-1);
    if (event.key === 'Backspace' && typed === '' && last !== undefined)
      onChange((before) => withoutChip(before, last));
  };
  return (
    <div className={css.bar} onPointerEnter={() => setNear(true)}>
      <Icon name="search" size={14} />
      <ul className={css.chips} aria-label="Filters">
        {chips.map((chip) => (
          <li key={`${chip.field}:${chip.value}`} className={css.chip}>
            {chip.field !== 'text' && <span className="faint">{chip.field}</span>}
            <span>{chip.value}</span>
            <button
              type="button"
              aria-label={`Remove ${chip.field} ${chip.value}`}
              onClick={() => onChange((before) => withoutChip(before, chip))}
            >
              <Icon name="close" size={10} />
            </button>
          </li>
        ))}
      </ul>
      <input
        data-page-search
        role="combobox"
        aria-label="Filter the log"
        aria-expanded={found.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={active === undefined ? undefined : `${listId}-${at}`}
        value={typed}
        placeholder={
          chips.length === 0 ? 'outcome:denied, actor:user:…, action:invoice.*, or words' : ''
        }
        autoComplete="off"
        spellCheck={false}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setOpen(true);
          setAt(-1);
        }}
        onKeyDown={onKeyDown}
      />
      <div
        id={listId}
        role="listbox"
        aria-label="Suggestions"
        className={css.list}
        hidden={found.length === 0}
      >
        {found.map((suggestion, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way goes through the input
          <div
            key={suggestion.text}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={css.option}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() =>
              suggestion.text.endsWith(':') ? setTyped(suggestion.text) : add(suggestion.text)
            }
          >
            <code>{suggestion.text}</code>
            <span className="small faint">{suggestion.says}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

const starts: readonly Suggestion[] = [
  { text: 'outcome:', says: 'success, failure or denied' },
  { text: 'action:', says: 'what was done, also invoice.*' },
  { text: 'actor:', says: 'who did it' },
  { text: 'target:', says: 'what it was done to' },
];

function suggest(typed: string, facets: Facets | undefined): readonly Suggestion[] {
  const text = typed.trimStart().toLowerCase();
  const [, field, rest = ''] = /^(action|actor|target|outcome):(.*)$/.exec(text) ?? [];
  if (field === undefined) return starts.filter((start) => start.text.startsWith(text));
  const all: Record<string, readonly Suggestion[]> = {
    outcome: ['success', 'failure', 'denied'].map((outcome) => ({
      text: `outcome:${outcome}`,
      says: '',
    })),
    action: (facets?.actions ?? []).map(({ action, description }) => ({
      text: `action:${action}`,
      says: description,
    })),
    actor: (facets?.actors ?? []).map((actor) => ({
      text: `actor:${actor.type}:${actor.id}`,
      says: nameOf(actor),
    })),
    target: (facets?.targetTypes ?? []).map((type) => ({ text: `target:${type}`, says: '' })),
  };
  return (all[field] ?? [])
    .filter(
      ({ text: offered, says }) =>
        offered.slice(field.length + 1).includes(rest) || says.toLowerCase().includes(rest),
    )
    .slice(0, SUGGESTIONS_MAX);
}
