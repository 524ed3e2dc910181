/** Times as people say them, and the one clock that keeps them true while a page stands open. */
import { useSyncExternalStore } from 'react';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "just now", "4 minutes ago", "in 3 days": whole words, because a page is read aloud too. */
export function relativeTime(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 5) return 'just now';
  const said = spell(distance);
  return seconds < 0 ? `in ${said}` : `${said} ago`;
}

function spell(seconds: number): string {
  if (seconds < MINUTE) return count(seconds, 'second');
  if (seconds < HOUR) return count(Math.floor(seconds / MINUTE), 'minute');
  if (seconds < DAY) return count(Math.floor(seconds / HOUR), 'hour');
  if (seconds < 60 * DAY) return count(Math.floor(seconds / DAY), 'day');
  return count(Math.floor(seconds / (30.4 * DAY)), 'month');
}

export const count = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`;

const pad = (number: number, width = 2): string => String(number).padStart(width, '0');

/** `2026-11-21 14:03:22.118 UTC`, or the same in the reader's own zone. */
export function exactTime(at: Date, utc: boolean, milliseconds = true): string {
  if (utc) {
    const text = at.toISOString();
    return `${text.slice(0, 10)} ${text.slice(11, milliseconds ? 23 : 19)} UTC`;
  }
  const date = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  const time = `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
  return `${date} ${time}${milliseconds ? `.${pad(at.getMilliseconds(), 3)}` : ''} ${zoneOf(at)}`;
}

/** `14:03` on the axis of a chart. */
export function clockTime(at: Date, utc: boolean): string {
  return utc ? at.toISOString().slice(11, 16) : `${pad(at.getHours())}:${pad(at.getMinutes())}`;
}

export function dayOf(at: Date, utc: boolean): string {
  return at.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(utc && { timeZone: 'UTC' }),
  });
}

function zoneOf(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const sign = minutes < 0 ? '−' : '+';
  return `UTC${sign}${pad(Math.floor(Math.abs(minutes) / 60))}:${pad(Math.abs(minutes) % 60)}`;
}

const watchers = new Set<() => void>();
let now = new Date();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(() => {
    now = new Date();
    for (const each of watchers) each();
  }, 5_000);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Moves every five seconds, for all times on the page at once. */
export function useNow(): Date {
  return useSyncExternalStore(watch, () => now);
}
