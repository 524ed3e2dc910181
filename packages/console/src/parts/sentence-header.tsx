/** The top of a page: what is true, since when, and what to do; in words, before any number. */
import { type ReactNode, useEffect } from 'react';
import type { State } from '../api/shapes.ts';
import css from './sentence-header.module.css';
import { StateMark } from './state-mark.tsx';

export interface SentenceHeaderProps {
  /** The browser tab's words, and where one is, above the sentence. */
  readonly place: string;
  readonly sentence: ReactNode;
  readonly meta?: ReactNode;
  readonly state?: State | undefined;
  readonly actions?: ReactNode;
}

export function SentenceHeader({ place, sentence, meta, state, actions }: SentenceHeaderProps) {
  useEffect(() => {
    document.title = `${place} · Bulkhead`;
  }, [place]);
  return (
    <header className={css.header}>
      <div className={css.words}>
        <p className={css.place}>{place}</p>
        <h1 id="page-title" tabIndex={-1}>
          {state !== undefined && (
            <span className={css.state}>
              <StateMark state={state} size={14} />
            </span>
          )}
          {sentence}
        </h1>
        {meta !== undefined && <p className={css.meta}>{meta}</p>}
      </div>
      {actions !== undefined && <div className={css.actions}>{actions}</div>}
    </header>
  );
}
