/**
 * Why an operator enters an organization: asked once for each and visit, sent with every question about it, and on
 * record there. Kept for the tab's life, so that a reload doesn't ask again.
 */
import { useSyncExternalStore } from 'react';

const KEY = 'bulkhead.reasons';
const watchers = new Set<() => void>();

function load(): Readonly<Record<string, string>> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}

let reasons = load();

export const reasonFor = (tenant: string): string | undefined => reasons[tenant];

export function giveReason(tenant: string, reason: string): void {
  reasons = { ...reasons, [tenant]: reason };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(reasons));
  } catch {}
  for (const watcher of watchers) watcher();
}

export function forgetReasons(): void {
  reasons = {};
  try {
    sessionStorage.removeItem(KEY);
  } catch {}
  for (const watcher of watchers) watcher();
}

export function useReason(tenant: string): string | undefined {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => reasons[tenant],
  );
}

/** The last reasons given, for whoever works through several organizations with one purpose. */
export const recentReasons = (): readonly string[] =>
  [...new Set(Object.values(reasons))].slice(-3).reverse();
