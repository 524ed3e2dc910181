/**
 * What stands behind the # of a mail's link.
 *
 * Promises: it leaves the address as soon as it is read, so that it is in no history, bookmark or shared address;
 * it is kept for the tab's life, so that a reload and the way over the sign-in don't lose it.
 */
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

export type LinkKind = 'invitation' | 'reset-password' | 'confirm-email';

const keyOf = (kind: LinkKind): string => `bulkhead.link.${kind}`;

/** Empty where the link was not whole. */
export function useLinkToken(kind: LinkKind): string {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [token, setToken] = useState(() => hash || kept(kind));
  useEffect(() => {
    if (hash === '') return;
    setToken(hash);
    try {
      sessionStorage.setItem(keyOf(kind), hash);
    } catch {}
    void navigate({ to: '.', hash: '', replace: true });
  }, [hash, kind, navigate]);
  return token;
}

function kept(kind: LinkKind): string {
  try {
    return sessionStorage.getItem(keyOf(kind)) ?? '';
  } catch {
    return '';
  }
}

/** Used: it would be refused from now on. */
export function forgetLinkToken(kind: LinkKind): void {
  try {
    sessionStorage.removeItem(keyOf(kind));
  } catch {}
}
