/** A state as shape, colour and word: never colour alone. */
import type { ReactNode } from 'react';
import type { State } from '../api/shapes.ts';
import css from './state-mark.module.css';

const shapes: Record<State, ReactNode> = {
  proven: <path d="M5 1a4 4 0 1 1 0 8 4 4 0 0 1 0-8z" fill="currentColor" />,
  attention: <path d="M5 .800 9.600 9H.400z" fill="currentColor" />,
  breach: <path d="M1 1h8v8H1z" fill="currentColor" />,
  quiet: (
    <path
      d="M5 1.800a3.200 3.200 0 1 1 0 6.400 3.200 3.200 0 0 1 0-6.400z"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.300"
    />
  ),
  unknown: (
    <path
      d="M5 .900 9.100 5 5 9.100.900 5z"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.300"
    />
  ),
};

const words: Record<State, string> = {
  proven: 'proven',
  attention: 'attention',
  breach: 'breach',
  quiet: 'quiet',
  unknown: 'unknown',
};

export interface StateMarkProps {
  readonly state: State;
  /** Shown beside the shape; without it the state's own word is read aloud. */
  readonly word?: string | undefined;
  readonly size?: number;
}

export function StateMark({ state, word, size = 10 }: StateMarkProps) {
  return (
    <span className={css.mark} data-state={state}>
      <svg width={size} height={size} viewBox="0 0 10 10" aria-hidden="true">
        {shapes[state]}
      </svg>
      {word === undefined ? (
        <span className="hidden-visually">{words[state]}</span>
      ) : (
        <span>{word}</span>
      )}
    </span>
  );
}
