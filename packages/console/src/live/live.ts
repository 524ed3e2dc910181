/**
 * The one connection over which the control plane tells what happens. The browser resumes it by `Last-Event-ID`;
 * after a longer silence everything is asked again, so a page never shows a past it took for the present.
 */
import type { QueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { apiUrl } from '../api/request.ts';
import type { DenialNotice, Job, StreamMessage } from '../api/shapes.ts';
import { enteredTenant } from '../session/entered.ts';

export type Connection = 'connecting' | 'live' | 'lost';

type Messages = { [T in StreamMessage['type']]: Extract<StreamMessage, { type: T }>['data'] };
type Listener<T extends keyof Messages> = (data: Messages[T]) => void;

const TYPES: readonly (keyof Messages)[] = [
  'denial',
  'activity',
  'log',
  'proof',
  'job',
  'change',
  'reset',
];
const RETRY_MS_MAX = 30_000;

const listeners = new Map<keyof Messages, Set<(data: never) => void>>();
const watchers = new Set<() => void>();
let connection: Connection = 'connecting';
let source: EventSource | undefined;
let retryMs = 1_000;
let retryTimer: ReturnType<typeof setTimeout> | undefined;

function become(next: Connection): void {
  if (connection === next) return;
  connection = next;
  for (const watcher of watchers) watcher();
}

/** Opens the stream; called once somebody is signed in. */
export function openStream(client: QueryClient): void {
  if (source !== undefined) return;
  const opened = new EventSource(apiUrl('stream', { tenant: enteredTenant.read() }), {
    withCredentials: true,
  });
  source = opened;
  opened.onopen = () => {
    const wasLost = connection === 'lost';
    retryMs = 1_000;
    become('live');
    if (wasLost) void client.invalidateQueries();
  };
  opened.onerror = () => {
    become('lost');
    // A refusal closes for good; the browser comes back by itself only from a broken connection.
    if (opened.readyState !== EventSource.CLOSED) return;
    closeStream();
    retryTimer = setTimeout(() => openStream(client), retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
  };
  for (const type of TYPES) {
    opened.addEventListener(type, (event) => {
      const data = JSON.parse(event.data) as never;
      // More was missed than the control plane keeps: everything on the page is asked again.
      if (type === 'reset') void client.invalidateQueries();
      for (const listener of listeners.get(type) ?? []) listener(data);
    });
  }
}

export function closeStream(): void {
  clearTimeout(retryTimer);
  source?.close();
  source = undefined;
}

export function listen<T extends keyof Messages>(type: T, listener: Listener<T>): () => void {
  const set = listeners.get(type) ?? new Set();
  listeners.set(type, set.add(listener as (data: never) => void));
  return () => set.delete(listener as (data: never) => void);
}

/** The listener must keep its identity, or the subscription is made anew with each render. */
export function useLive<T extends keyof Messages>(type: T, listener: Listener<T>): void {
  useEffect(() => listen(type, listener), [type, listener]);
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => connection,
  );
}

export type { DenialNotice, Job };
