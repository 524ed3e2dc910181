/** What a page shows when it has nothing to show: nothing yet, not yet, or not at all. */
import { type ReactNode, useEffect, useState } from 'react';
import { isApiError } from '../api/request.ts';
import { Button } from './button.tsx';
import { CodeBlock } from './copy.tsx';
import { StateMark } from './state-mark.tsx';
import css from './states.module.css';

export interface EmptyProps {
  readonly children: ReactNode;
  /** A command to copy, where one would fill the page. */
  readonly command?: string;
  readonly action?: ReactNode;
}

/** Teaches: one sentence, one command. */
export function Empty({ children, command, action }: EmptyProps) {
  return (
    <div className={css.empty}>
      <p>{children}</p>
      {command !== undefined && <CodeBlock label="In a terminal" text={command} />}
      {action}
    </div>
  );
}

const SLOW_MS = 1_000;

export interface LoadingProps {
  /** What is waited for: "the log", "the proof". */
  readonly what: string;
  readonly rows?: number;
  readonly height?: number;
}

/** A skeleton of the right shape; past a second it says what it waits for. */
export function Loading({ what, rows, height }: LoadingProps) {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), SLOW_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className={css.loading} aria-busy="true">
      {Array.from({ length: rows ?? (height === undefined ? 6 : 0) }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike
        <div className={css.bar} key={row} />
      ))}
      {height !== undefined && <div className={css.bar} style={{ height }} />}
      <p role="status" className="faint small">
        {seconds > 0 &&
          `Waiting for ${what}${seconds > 9 ? `, ${seconds} seconds so far. You can leave this page.` : ' …'}`}
      </p>
    </div>
  );
}

/** The code, the cause in words, the next step. */
export function Failure({
  error,
  retry,
}: {
  readonly error: unknown;
  readonly retry?: () => void;
}) {
  const problem = isApiError(error) ? error.problem : undefined;
  return (
    <div className={css.failure} role="alert">
      <h2>
        <StateMark state="attention" /> {problem?.title ?? 'The console made a mistake.'}
      </h2>
      {problem?.detail !== undefined && problem.detail !== problem.title && <p>{problem.detail}</p>}
      {problem?.next !== undefined && <p className="soft">{problem.next}</p>}
      <p className="small faint">
        <code>{problem?.code ?? String(error)}</code>
        {problem?.requestId !== undefined && <code> · {problem.requestId}</code>}
      </p>
      {retry !== undefined && <Button onClick={retry}>Ask again</Button>}
    </div>
  );
}
