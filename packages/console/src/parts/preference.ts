/** What a person chose for this browser: kept in its storage, the same in all of its tabs. */
import { useSyncExternalStore } from 'react';

export interface Preference<T extends string> {
  read(): T;
  write(value: T): void;
  watch(watcher: () => void): () => void;
}

/** Storage may be forbidden; the choice then lasts as long as the page. */
export function preference<T extends string>(name: string, fallback: T): Preference<T> {
  const key = `bulkhead.${name}`;
  const watchers = new Set<() => void>();
  let value = fallback;
  const load = (): void => {
    try {
      value = (localStorage.getItem(key) as T | null) ?? fallback;
    } catch {}
  };
  load();
  addEventListener('storage', (event) => {
    if (event.key !== key) return;
    load();
    for (const watcher of watchers) watcher();
  });
  return {
    read: () => value,
    write(next) {
      value = next;
      try {
        localStorage.setItem(key, next);
      } catch {}
      for (const watcher of watchers) watcher();
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

export const usePreference = <T extends string>(of: Preference<T>): T =>
  useSyncExternalStore(of.watch, of.read);

export const clockPreference = preference<'local' | 'utc'>('clock', 'local');
export const themePreference = preference<'auto' | 'dark' | 'light'>('theme', 'auto');
/** The organization that was looked at last, which the tenant's pages in the rail lead to. */
export const tenantPreference = preference<string>('tenant', '');
