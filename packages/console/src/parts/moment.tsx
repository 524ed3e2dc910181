/** A time: relative in words, exact under the pointer, in UTC when asked; `datetime` always has the exact one. */
import { Tooltip } from '@mantine/core';
import { type ReactNode, useRef, useState } from 'react';
import { clockPreference, usePreference } from './preference.ts';
import { exactTime, relativeTime, useNow } from './time.ts';

export interface MomentProps {
  readonly at: string | null | undefined;
  /** Shown where there is no time. */
  readonly never?: string;
  /** The exact time in the text: in a log, where the order of milliseconds matters. A narrow table leaves out the year and them. */
  readonly exact?: boolean;
}

export function Moment({ at, never = 'never', exact = false }: MomentProps) {
  const now = useNow();
  const utc = usePreference(clockPreference) === 'utc';
  if (at === null || at === undefined) return <span className="faint">{never}</span>;
  const date = new Date(at);
  const precise = exactTime(date, utc);
  if (exact) {
    return (
      <Time at={at} says={`${precise}, ${relativeTime(date, now)}`}>
        <span data-wide="true">{precise.slice(0, 5)}</span>
        {precise.slice(5, 19)}
        <span data-wide="true">{precise.slice(19, 23)}</span>
      </Time>
    );
  }
  return (
    <Time at={at} says={precise}>
      {relativeTime(date, now)}
    </Time>
  );
}

interface TimeProps {
  readonly at: string;
  readonly says: string;
  readonly children: ReactNode;
}

/** The tooltip is made when it is asked for: a log shows hundreds of times, and nobody points at more than one. */
function Time({ at, says, children }: TimeProps) {
  const element = useRef<HTMLTimeElement>(null);
  const [isAsked, setAsked] = useState(false);
  return (
    <>
      <time
        ref={element}
        dateTime={at}
        className="nowrap"
        onPointerEnter={() => setAsked(true)}
        onPointerLeave={() => setAsked(false)}
      >
        {children}
      </time>
      {isAsked && <Tooltip label={says} target={element} opened />}
    </>
  );
}
