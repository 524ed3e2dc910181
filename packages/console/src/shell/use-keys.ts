/** The keys that hold on every page: `/` and mod+k search, `?` shows the keys, `g` and a letter goes. */
import { useNavigate } from '@tanstack/react-router';
import { useLayoutEffect, useRef } from 'react';
import { tenantPreference } from '../parts/preference.ts';
import { useMe } from '../session/session.ts';
import { placeKeys } from './places.ts';

export const modKey = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl ';
const SEQUENCE_MS = 1_200;

export function useKeys(on: { readonly palette: () => void; readonly help: () => void }): void {
  const navigate = useNavigate();
  const me = useMe();
  const handlers = useRef(on);
  handlers.current = on;
  const ownTenant = me.tenant?.slug;
  // With the page itself: whoever sees it can press its keys.
  useLayoutEffect(() => {
    let wentAt = 0;
    const onKey = (event: KeyboardEvent): void => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        handlers.current.palette();
        return;
      }
      const target = event.target as HTMLElement;
      if (
        event.metaKey ||
        event.ctrlKey ||
        event.altKey ||
        target.closest('input, textarea, select, [contenteditable], dialog') !== null
      )
        return;
      if (event.key === '/') {
        event.preventDefault();
        const bar = document.querySelector<HTMLInputElement>('[data-page-search]');
        if (bar === null) handlers.current.palette();
        else bar.focus();
        return;
      }
      if (event.key === '?') {
        handlers.current.help();
        return;
      }
      if (Date.now() - wentAt < SEQUENCE_MS) {
        wentAt = 0;
        const place = placeKeys.get(event.key);
        const tenant = ownTenant ?? tenantPreference.read();
        if (place === undefined || (place.ofTenant && tenant === '')) return;
        event.preventDefault();
        void navigate({ to: place.to, params: { tenant }, search: {} });
        return;
      }
      if (event.key === 'g') wentAt = Date.now();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [navigate, ownTenant]);
}
