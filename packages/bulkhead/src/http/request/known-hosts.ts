/**
 * Which hosts are answered for.
 *
 * Promises: a request for another host is refused before anything is read from it, so no link, cookie or cache
 * entry is ever made for a host that a stranger has named.
 */
import type { HttpConfig } from '../config.ts';

const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

export interface KnownHosts {
  has(host: string | undefined): boolean;
  /** Whether a page of `origin` is one of ours. */
  hasOrigin(origin: string): boolean;
}

export function createKnownHosts({ publicUrl, hosts }: HttpConfig): KnownHosts {
  const address = new URL(publicUrl);
  const known = new Set([address.host, ...hosts]);
  // A development machine reaches itself by several names and ports.
  const isLocal = LOOPBACK.test(address.host);
  const has = (host: string | undefined): boolean => {
    const name = host?.toLowerCase();
    if (name === undefined) return false;
    return known.has(name) || (isLocal && LOOPBACK.test(name));
  };
  return {
    has,
    hasOrigin(origin) {
      const match = /^(https?):\/\/([^/?#@]+)$/.exec(origin.toLowerCase());
      if (match === null) return false;
      // Plain http is a network's to write in; only this machine's own is trusted.
      if (match[1] === 'http' && address.protocol === 'https:') return false;
      return has(match[2]);
    },
  };
}
