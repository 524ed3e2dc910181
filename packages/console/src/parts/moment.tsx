/** A time: relative in words, exact on hover or focus, in UTC when asked. */
import { Tooltip } from '@mantine/core';
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
      <Tooltip label={`${precise}, ${relativeTime(date, now)}`}>
        <time dateTime={at} className="nowrap">
          <span data-wide="true">{precise.slice(0, 5)}</span>
          {precise.slice(5, 19)}
          <span data-wide="true">{precise.slice(19, 23)}</span>
        </time>
      </Tooltip>
    );
  }
  return (
    <Tooltip label={precise}>
      <time dateTime={at} className="nowrap">
        {relativeTime(date, now)}
      </time>
    </Tooltip>
  );
}
